import type { Command } from 'commander';
import { act, examples, wholeNumber } from '../define.js';

const load = () => import('./actions.js');

export function defineEvents(program: Command): void {
  const events = program.command('events').description('the event feed; over the NATS that NATS_URL names');
  examples(
    events
      .command('tail')
      .description('events of the project as they happen, or of all projects if none is named; ends with Ctrl-C')
      .option('--category <category>', 'only of these streams: scheduledSession, session, sessionMessages, …')
      .option('--type <type>', 'only of this type, for example SessionStarted')
      .option('--all', 'from the oldest that the feed holds')
      .option('--since <instant>', 'from an instant on (RFC 3339)')
      .option('--limit <count>', 'end after so many', wholeNumber)
      .action(act(load, 'tail')),
    'events tail',
    'events tail -p acme --category session --since 2026-11-26T00:00:00Z',
    'events tail --type RunSkipped -o json',
  );
}
