import type { Command } from 'commander';
import { act, asList, examples, wholeNumber, withFields } from '../define.js';
import { SESSION_FIELDS } from './fields.js';

const load = () => import('./actions.js');
const WATCH = ['--watch', 'follow the session to its end; the exit code is its result'] as const;

export function defineSessions(program: Command): void {
  const session = program.command('session').description('sessions: each one piece of work of an agent, or of nobody');
  const onOne = (name: string): Command =>
    session.command(name).argument('<session>', 'id, or its name where only one is called so');

  examples(
    asList(session.command('list').description('sessions, of the project if one is named'))
      .option('--phase <phase>', 'only those in this phase')
      .option('--agent <agent>', 'only those of this agent, by name or id')
      .action(act(load, 'list')),
    'session list --phase Running',
    'session list -p acme --agent greeter -o wide',
  );
  examples(
    onOne('get')
      .description('one session, with all it has')
      .option('--as-of <instant>', 'as it was then (RFC 3339)')
      .action(act(load, 'get')),
    'session get 2b8fK1n6wXv0mJt3QyZr5cLd9Hs -o yaml',
  );
  examples(
    withFields(
      session
        .command('create')
        .argument('<name>')
        .description('create a session')
        .option('--agent <agent>', 'the agent that does the work, by name or id')
        .option('--start', 'and start it')
        .option('--watch', 'start it and follow it to its end; the exit code is its result'),
      SESSION_FIELDS,
    ).action(act(load, 'create')),
    'session create try-out --prompt "Say hello." --watch',
  );
  examples(
    onOne('start')
      .description('start it')
      .option(...WATCH)
      .action(act(load, 'start')),
    'session start try-out --watch',
  );
  examples(
    onOne('stop')
      .description('ask the runtime to end it')
      .option(...WATCH)
      .action(act(load, 'stop')),
    'session stop try-out',
  );
  examples(
    onOne('clone')
      .description('a new session with the same configuration')
      .option('--name <name>', 'its name')
      .action(act(load, 'clone')),
    'session clone try-out --name second-try',
  );
  examples(onOne('delete').description('delete it').action(act(load, 'remove')), 'session delete try-out');
  examples(
    onOne('messages')
      .description('its conversation')
      .option('-f, --follow', 'go on until the session has ended')
      .option('--after <seq>', 'only messages after this one', wholeNumber)
      .action(act(load, 'messages')),
    'session messages try-out',
    'session messages try-out -f',
  );
  examples(
    onOne('send')
      .argument('<text>', 'what to say; - is standard input')
      .description('send it a message')
      .option('-f, --follow', 'go on with what comes after it, until the session has ended')
      .action(act(load, 'send')),
    'session send try-out "And in French?" -f',
  );
  examples(
    onOne('export')
      .description('session, messages and history in one JSON document')
      .option('--file <path>', 'into a file')
      .action(act(load, 'exportOne')),
    'session export try-out --file try-out.json',
  );
  examples(
    onOne('history').description('its events, oldest first').action(act(load, 'history')),
    'session history try-out -o wide',
  );
}
