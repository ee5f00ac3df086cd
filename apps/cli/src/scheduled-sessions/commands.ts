import type { Command } from 'commander';
import { act, asList, examples, oneOf, wholeNumber, withFields } from '../define.js';
import { OVERLAP, SCHEDULE_FIELDS } from './fields.js';

const load = () => import('./actions.js');
const WHICH = ['<schedule>', 'name or id'] as const;
const SEARCH = [
  '--search <expression>',
  `all that it finds, instead of one by name; for example "name like 'nightly-%'"`,
] as const;
const REASON = ['--reason <text>', 'why; it stands in the history'] as const;

export function defineScheduledSessions(program: Command): void {
  const group = program
    .command('scheduled-session')
    .alias('ss')
    .description('scheduled sessions: cron schedules in a time zone that start sessions of an agent');
  const onOne = (name: string): Command => group.command(name).argument(...WHICH);
  const onMany = (name: string): Command =>
    group
      .command(name)
      .argument('[schedule]', 'name or id')
      .option(...SEARCH);

  examples(
    asList(group.command('list').description('schedules of the project')).action(act(load, 'list')),
    'ss list -p acme',
    'ss list --search "enabled = \'false\'" -o wide',
  );
  examples(
    onOne('get')
      .description('one schedule, with all it has')
      .option('--as-of <instant>', 'as it was then (RFC 3339)')
      .action(act(load, 'get')),
    'ss get every-minute -o yaml',
    'ss get every-minute --as-of 2026-11-01T00:00:00Z',
  );
  examples(
    withFields(
      group
        .command('create')
        .argument('<name>')
        .description('create a schedule')
        .requiredOption('--schedule <cron>', 'five fields, or @hourly, @daily, @weekly, @monthly, @yearly')
        .option('--agent <agent>', 'the agent that does the work, by name or id')
        .option('--suspended', 'do not fire yet'),
      SCHEDULE_FIELDS,
    ).action(act(load, 'create')),
    'ss create every-minute --schedule "* * * * *" --agent greeter --prompt "Say good morning."',
    'ss create report --schedule "0 9 * * MON-FRI" --timezone Europe/Berlin --prompt-file report.md',
  );
  examples(
    withFields(
      onOne('update')
        .description('change a schedule')
        .option('--name <name>', 'another name')
        .option('--schedule <cron>', 'another expression')
        .option('--agent <agent>', 'another agent, by name or id'),
      SCHEDULE_FIELDS,
      { clear: true },
    ).action(act(load, 'update')),
    'ss update report --schedule "0 8 * * *" --overlap queue',
    'ss update report --clear end_at',
  );
  examples(
    onMany('delete').description('delete a schedule; its runs stay listed').action(act(load, 'remove')),
    'ss delete every-minute',
    'ss delete --search "name like \'old-%\'"',
  );
  examples(
    onMany('suspend')
      .description('stop firing')
      .option(...REASON)
      .action(act(load, 'suspend')),
    'ss suspend report --reason "holidays"',
  );
  examples(
    onMany('resume')
      .description('fire again')
      .option(...REASON)
      .action(act(load, 'resume')),
    'ss resume report',
    'ss resume --search "name like \'nightly-%\'"',
  );
  examples(
    onMany('trigger')
      .description('fire now, also when suspended')
      .option('--prompt <text>', 'another task for this run')
      .addOption(oneOf('--overlap <policy>', 'another policy for this run', OVERLAP))
      .option('--watch', 'follow the session to its end; the exit code is its result')
      .action(act(load, 'trigger')),
    'ss trigger every-minute --watch',
    'ss trigger report --prompt "Only the figures." --overlap allow',
  );
  examples(
    asList(onOne('runs').description('what became of each tick and trigger, newest first')).action(act(load, 'runs')),
    'ss runs every-minute --limit 20',
    'ss runs every-minute -o wide --local',
  );
  examples(
    onOne('upcoming')
      .description('the next ticks')
      .option('--count <count>', 'so many', wholeNumber)
      .option('--after <instant>', 'after then (RFC 3339); default now')
      .action(act(load, 'upcoming')),
    'ss upcoming report --count 5',
  );
  examples(
    onOne('explain')
      .description('why it did, did not, will or will not fire at an instant')
      .option('--at <instant>', 'which (RFC 3339); default now')
      .action(act(load, 'explain')),
    'ss explain report --at 2026-11-26T08:00:00Z',
  );
  examples(
    onOne('backfill')
      .description('runs for ticks of the past')
      .requiredOption('--from <instant>', 'the first instant (RFC 3339)')
      .requiredOption('--to <instant>', 'the last instant')
      .addOption(oneOf('--overlap <policy>', 'another policy for these runs', OVERLAP))
      .option('--dry-run', 'show the ticks, and run none')
      .action(act(load, 'backfill')),
    'ss backfill report --from 2026-11-01T00:00:00Z --to 2026-11-08T00:00:00Z --dry-run',
  );
  examples(onOne('history').description('its events, oldest first').action(act(load, 'history')), 'ss history report');
  examples(
    group
      .command('validate')
      .argument('<cron>', 'an expression')
      .description('whether an expression is right, what it says in words, and when it fires')
      .option('--timezone <zone>', 'IANA name of the time zone')
      .option('--count <count>', 'so many ticks', wholeNumber)
      .action(act(load, 'validate')),
    'ss validate "0 9 * * MON-FRI" --timezone Europe/Berlin',
  );
}
