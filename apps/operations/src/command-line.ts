/** What the operator's commands share: how they refuse a call, and how they say what went wrong. */

/** The command was not called as it must be: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Runs a command and sets the exit code: what it answers, 1 when it fails, 2 when it was called wrongly. The reason is one line on standard error.
 * @param usage how to call it, in one line
 */
export async function runCommand(name: string, usage: string, command: (args: string[]) => Promise<number>): Promise<void> {
  process.exitCode = await command(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`${name}: ${oneLine(error)}${error instanceof UsageError ? `; usage: ${usage}` : ''}`);
    return error instanceof UsageError ? 2 : 1;
  });
}

/** The message of an error without line breaks. */
export const oneLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().replaceAll(/\s*\n\s*/g, ' ');
