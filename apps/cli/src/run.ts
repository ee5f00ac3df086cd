import { CommanderError } from 'commander';
import { createProgram } from './program.js';
import { EXIT, exitCodeOf, explain } from './errors.js';

/** A shell says so of a program that a broken pipe has ended: 128 + 13. */
const BROKEN_PIPE = 141;

/** Runs the command that the arguments name, and sets the exit code of the process. */
export async function run(args: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? BROKEN_PIPE : EXIT.failed));
  }
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has said what was wrong. Help that was asked for is no error; help in place of a missing command is.
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
      return;
    }
    process.exitCode = await exitCodeOf(error);
    const text = await explain(error);
    if (text !== undefined) console.error(`ambientctl: ${text}`);
  }
}
