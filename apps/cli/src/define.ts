/** How commands are defined: what they do is loaded when they run, so that a start costs no more than it needs. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Context, GlobalOptions } from './context.js';
import type { Field } from './fields.js';

/** Gets the arguments and then the options, of which commander makes what their definition says. @returns an exit code, or nothing for 0 */
export type Action = (context: Context, ...args: never[]) => Promise<number | void>;

/** @param load the module that holds the action @param name its export */
export function act<M extends Record<N, Action>, N extends string>(load: () => Promise<M>, name: N) {
  return async (...args: unknown[]): Promise<void> => {
    const command = args.at(-1) as Command;
    const options = command.optsWithGlobals<GlobalOptions>();
    const [module, { Context }] = await Promise.all([load(), import('./context.js')]);
    const code = await module[name](new Context(options), ...([...args.slice(0, -2), options] as never[]));
    if (typeof code === 'number') process.exitCode = code;
  };
}

/** Commands that are called, one below the other, in the help of the command. The first word of each is left out: it is always the same. */
export function examples(command: Command, ...lines: readonly string[]): Command {
  EXAMPLES.set(command, lines);
  return command.addHelpText('after', `\nExamples:\n${lines.map(line => `  $ ambientctl ${line}`).join('\n')}`);
}

const EXAMPLES = new WeakMap<Command, readonly string[]>();
export const examplesOf = (command: Command): readonly string[] => EXAMPLES.get(command) ?? [];

/** @throws {InvalidArgumentError} */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** @throws {InvalidArgumentError} */
export function decimalNumber(text: string): number {
  if (!/^\d{1,9}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number.');
  return Number(text);
}

/** Of an option that may be given several times. */
export const collected = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export const oneOf = (flags: string, description: string, choices: readonly string[]): Option =>
  new Option(flags, description).choices(choices);

/** Adds an option for each field; with `clear`, also one that takes a field's value away. */
export function withFields(command: Command, fields: readonly Field[], { clear = false } = {}): Command {
  for (const { flags, description, of = 'text', choices } of fields) {
    const option = new Option(flags, description);
    if (choices) option.choices([...choices]);
    if (of === 'integer') option.argParser(wholeNumber);
    if (of === 'number') option.argParser(decimalNumber);
    if (of === 'pairs') option.argParser(collected);
    command.addOption(option);
    if (of === 'boolean') command.addOption(new Option(flags.replace('--', '--no-'), `the contrary`));
  }
  if (clear) command.option('--clear <field>', 'take the value of a field away; may be repeated', collected);
  return command;
}

/** What every list takes. */
export const asList = (command: Command): Command =>
  command
    .option('--search <expression>', `only those that it finds, for example "name like 'nightly-%'"`)
    .option('--order-by <fields>', 'comma list of "field [asc|desc]"')
    .option('--limit <count>', 'no more than so many', wholeNumber);
