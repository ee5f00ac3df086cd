import type { Command } from 'commander';
import { act, collected, examples } from '../define.js';

const load = () => import('./actions.js');

export function defineApply(program: Command): void {
  examples(
    program
      .command('apply')
      .description('make projects, agents and schedules what YAML documents say; applied again, nothing changes')
      .requiredOption(
        '-f, --file <path>',
        'a file, a folder of .yaml, .yml and .json files, or - for standard input; may be repeated',
        collected,
      )
      .option('--dry-run', 'show what would change, and change nothing')
      .option(
        '--prune',
        'also delete agents and schedules that no document names, in each project and of each kind that documents name',
      )
      .action(act(load, 'apply')),
    'apply -f acme.yaml --dry-run',
    'apply -f schedules/ --prune',
    'ss list -p acme -o yaml | ambientctl apply -f -',
  );
}
