import type { Context } from '../context.js';
import { createProgram } from '../program.js';
import type { SHELLS } from './commands.js';
import { completionScript } from './scripts.js';

export async function completion(context: Context, shell: (typeof SHELLS)[number]): Promise<void> {
  await context.printer.write(completionScript(shell, createProgram()));
}
