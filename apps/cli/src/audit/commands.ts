import type { Command } from 'commander';
import { act, examples, wholeNumber } from '../define.js';

const load = () => import('./actions.js');

/** What of the log is meant. */
const filtered = (command: Command): Command =>
  command
    .option('--after <position>', 'only events behind this one in the log')
    .option('--from <instant>', 'only events of then or later (RFC 3339)')
    .option('--to <instant>', 'only events of then or earlier')
    .option('--actor <id>', 'only events that this user or service caused')
    .option('--type <type>', 'only events of this type, for example SessionStarted');

export function defineAudit(program: Command): void {
  const audit = program.command('audit').description('the log of a project, and the proof that nothing of it was changed');
  examples(
    filtered(audit.command('list').description('events of the project, oldest first'))
      .option('--limit <count>', 'no more than so many', wholeNumber)
      .action(act(load, 'list')),
    'audit list -p acme --type SessionStarted --limit 20',
    'audit list --actor alice --from 2026-11-01T00:00:00Z -o wide',
  );
  examples(
    filtered(audit.command('export').description('all events as lines of JSON that can be verified without the server'))
      .option('--file <path>', 'into a file; if it is there, what is missing is added to it')
      .action(act(load, 'exportAll')),
    'audit export -p acme --file acme.ndjson',
    'audit export -p acme | gzip > acme.ndjson.gz',
  );
  examples(
    audit
      .command('verify')
      .argument('[file]', 'an export; - is standard input. Without it the server verifies the project')
      .description('whether every event is the one that was written, and none is missing between them')
      .option('--partial', 'the export begins behind some position: streams may begin anywhere')
      .action(act(load, 'verify')),
    'audit verify -p acme',
    'audit verify acme.ndjson',
    'zcat acme.ndjson.gz | ambientctl audit verify -',
  );
}
