import type { Command } from 'commander';
import { act, examples } from '../define.js';

const load = () => import('./actions.js');

export function defineProjections(program: Command): void {
  const projections = program
    .command('projections')
    .description(
      'the read models against the log; straight on the engines that EVENT_STORE_URL, READ_STORE_URL and AMBIENT_DATA_DIR name',
    );
  examples(
    projections.command('status').description('how far they are, and what could not be projected').action(act(load, 'status')),
    'projections status',
  );
  examples(
    projections
      .command('rebuild')
      .description('build them again beside the live ones and swap them in; reads go on')
      .action(act(load, 'rebuildAll')),
    'projections rebuild',
  );
  examples(
    projections
      .command('verify')
      .description('build them again and compare, document for document; failed when one differs')
      .action(act(load, 'verifyAll')),
    'projections verify -o json',
  );
}
