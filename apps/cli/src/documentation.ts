/** docs/cli.md, made from the commands. */
import type { Command, Option } from 'commander';
import { examplesOf } from './define.js';
import { allCommands } from './program.js';

const INTRODUCTION = `# ambientctl

The command line of Ambient Sessions. In this repository it runs as \`npm run --silent ambientctl -- …\`. This page is made from the commands
(\`node apps/cli/scripts/write-docs.js\`).

**Which server.** \`--url\`, else \`AMBIENT_API_URL\`, else the current context (\`ambientctl context\`), else \`http://localhost:8000\`. A context that
is named by \`--context\` or \`AMBIENT_CONTEXT\` goes before the environment. **Which token.** \`AMBIENT_TOKEN\`, else that of the context, else, for a
server on this machine, the one that a standalone start keeps in its data folder (\`AMBIENT_DATA_DIR\`, default \`./data\`). Contexts are kept in
\`$XDG_CONFIG_HOME/ambientctl/contexts.json\`, which no one else may read; a token goes only to the server it was kept for. **Which project.**
\`--project\`, else \`AMBIENT_PROJECT\`, else that of the context.

**Output.** \`-o table\` (default), \`wide\` (more columns), \`json\`, \`yaml\` (one document each, which \`apply\` takes), \`name\` (what commands find
it by, one a line). Times are in the zone of the schedule, with \`--local\` in yours; in JSON and YAML they are UTC. What is followed live is with
\`-o json\` one object a line. Colours and progress are on a terminal only.

| exit code | |
| --- | --- |
| 0 | done; with \`--watch\`: the session is \`Completed\` |
| 1 | failed; with \`--watch\`: the session is \`Failed\` or \`Stopped\`, or there was none |
| 2 | called wrongly |
| 3 | not found |
| 4 | not allowed (401, 403) |
| 5 | the server, or an engine, is not available |
| 130 | Ctrl-C |
`;

export function documentationOf(program: Command): string {
  const commands = [...allCommands(program)].filter(command => command !== program);
  const groups = program.commands.map(command => `[\`${command.name()}\`](#${anchorOf(command)})`);
  const shared = `## Options of every command\n\n${optionTable(program.options)}\n`;
  return `${[INTRODUCTION, `${groups.join(' · ')}\n`, shared, ...commands.map(sectionOf)].join('\n')}${DOCUMENTS}`;
}

function sectionOf(command: Command): string {
  const path = pathOf(command);
  const level = path.length === 1 ? '##' : '###';
  const alias = command.aliases().map(name => `\`${[...path.slice(0, -1), name].join(' ')}\``);
  const heading = `${level} ${path.join(' ')}\n`;
  const text = `${sentence(command.description())}${alias.length > 0 ? ` Short: ${alias.join(', ')}.` : ''}\n`;
  if (command.commands.length > 0) return `${heading}\n${text}`;
  const usage = `\`\`\`\nambientctl ${[...path, ...command.registeredArguments.map(argumentOf)].join(' ')}${command.options.length > 0 ? ' [options]' : ''}\n\`\`\`\n`;
  const options = command.options.length > 0 ? `\n${optionTable(command.options)}\n` : '';
  const examples = examplesOf(command).map(line => `ambientctl ${line}`);
  return `${heading}\n${text}\n${usage}${options}\n\`\`\`sh\n${examples.join('\n')}\n\`\`\`\n`;
}

/** Names from below the program on. */
const pathOf = (command: Command): string[] => (command.parent ? [...pathOf(command.parent), command.name()] : []);

const anchorOf = (command: Command): string => pathOf(command).join('-');

const argumentOf = (argument: Command['registeredArguments'][number]): string => {
  const shown = `${argument.name()}${argument.variadic ? '…' : ''}`;
  return argument.required ? `<${shown}>` : `[${shown}]`;
};

const optionTable = (options: readonly Option[]): string =>
  ['| option | |', '| --- | --- |', ...options.map(option => `| \`${option.flags}\` | ${inTable(describe(option))} |`)].join(
    '\n',
  );

function describe({ description, argChoices, defaultValue, mandatory }: Option): string {
  const choices = argChoices ? ` (${argChoices.join(', ')})` : '';
  const preset = typeof defaultValue === 'string' ? `; default ${defaultValue}` : '';
  return `${description}${choices}${preset}${mandatory ? '; must be given' : ''}`;
}

const inTable = (text: string): string => text.replaceAll('|', String.raw`\|`);

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const DOCUMENTS = `
## Documents that can be applied

\`\`\`yaml
kind: Project
name: acme
---
kind: Agent
project: acme
name: greeter
prompt: You greet people.
environment_variables: { LOG_LEVEL: debug }
---
kind: ScheduledSession
project: acme
name: morning
schedule: 0 9 * * MON-FRI
timezone: Europe/Berlin
agent: greeter
session_prompt: Say good morning.
\`\`\`

Fields are those of the HTTP contract. A thing is found by its kind, project and name, and made where it is missing. Fields that a document does
not give stay as they are; \`null\` takes a value away. What the server gives (\`id\`, \`created_at\`, \`next_run_at\` …) is not looked at, so what
\`-o yaml\` shows can be applied again. Fields that hold a JSON object as text (\`labels\`, \`environment_variables\` …) may be written as YAML. A field
that does not exist is an error, and nothing is changed when a document is wrong. \`--prune\` never deletes a project.
`;
