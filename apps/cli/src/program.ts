/** All commands, as they are defined: help, completion and docs/cli.md are made from this. */
import { Command } from 'commander';
import { defineAgents } from './agents/commands.js';
import { oneOf } from './define.js';
import { OUTPUTS } from './output/shape.js';
import { defineApply } from './apply/commands.js';
import { defineAudit } from './audit/commands.js';
import { defineCompletion } from './completion/commands.js';
import { defineContexts } from './contexts/commands.js';
import { defineDeadLetters } from './dead-letters/commands.js';
import { defineEvents } from './events/commands.js';
import { defineProjections } from './projections/commands.js';
import { defineProjects } from './projects/commands.js';
import { defineScheduledSessions } from './scheduled-sessions/commands.js';
import { defineSessions } from './sessions/commands.js';
import { VERSION } from './version.js';

const AFTER = `
Environment:
  AMBIENT_API_URL  origin of the server (default http://localhost:8000)
  AMBIENT_TOKEN    token; that of a standalone start is found in its data folder by itself
  AMBIENT_PROJECT  project that is meant where none is named
  AMBIENT_CONTEXT  context that is meant instead of the current one
  NO_COLOR         no colours

Exit codes:
  0 done · 1 failed · 2 called wrongly · 3 not found · 4 not allowed · 5 server not available`;

export function createProgram(): Command {
  const program = new Command('ambientctl')
    .description('The command line of Ambient Sessions.')
    .version(VERSION, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .option('-p, --project <project>', 'the project')
    .option('--context <name>', 'the server that is kept under this name')
    .option('--url <url>', 'the server')
    .addOption(oneOf('-o, --output <form>', 'how to show it', OUTPUTS).default('table'))
    .option('--local', 'times in your own time zone, not in that of the schedule')
    .option('--no-color', 'no colours')
    .addHelpText('after', AFTER)
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride();
  defineScheduledSessions(program);
  defineSessions(program);
  defineAgents(program);
  defineProjects(program);
  defineApply(program);
  defineAudit(program);
  defineEvents(program);
  defineProjections(program);
  defineDeadLetters(program);
  defineContexts(program);
  defineCompletion(program);
  return program;
}

/** A command and all below it. */
export function* allCommands(command: Command): Generator<Command> {
  yield command;
  for (const each of command.commands) yield* allCommands(each);
}
