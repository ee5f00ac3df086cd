import type { Command } from 'commander';
import { act, examples } from '../define.js';

const load = () => import('./actions.js');

export function defineContexts(program: Command): void {
  const context = program.command('context').description('servers that you work with, by name');
  examples(
    context.command('list').description('those there are; a star marks the current one').action(act(load, 'list')),
    'context list',
  );
  examples(
    context.command('use').argument('<name>').description('make it the current one').action(act(load, 'use')),
    'context use production',
  );
  examples(
    context
      .command('set')
      .argument('<name>')
      .description('keep a server, or change what is kept of it: --url, --project and a token')
      .option('--token-stdin', 'read the token from standard input, where no list of processes shows it')
      .option('--no-token', 'keep no token')
      .action(act(load, 'set')),
    'context set production --url https://ambient.example.org --project acme --token-stdin < token',
  );
  examples(
    context.command('delete').argument('<name>').description('forget a server').action(act(load, 'remove')),
    'context delete production',
  );
}
