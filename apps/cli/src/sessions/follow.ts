/** A session, live on the terminal. */
import { isTerminal, type Phase, type Session, type SessionMessage } from '#client';
import type { Context } from '../context.js';
import { EXIT } from '../errors.js';
import { toneOf } from '../output/style.js';
import { printable } from '../output/text.js';

/** Of a session that ended: only one that did its work is a success. */
const exitCodeFor = (phase: Phase): number => (phase === 'Completed' ? EXIT.ok : EXIT.failed);

/**
 * Messages on standard output, phases on standard error; for programs a JSON object a line, phases too.
 * @returns the exit code that the session's end stands for
 */
export async function followToItsEnd(context: Context, { id }: Pick<Session, 'id'>, afterSeq = 0): Promise<number> {
  const { printer, signal } = context;
  const { sessions } = await context.client();
  const onLost = (error: Error): void => printer.note(`connecting again: ${error.message}`);
  if (!printer.isForPrograms) printer.note(`session ${id}`);
  for await (const update of sessions.follow(id, { afterSeq, signal, onLost })) {
    if (printer.isForPrograms) {
      const line = update.type === 'message' ? update : { type: update.type, session_id: id, phase: update.phase };
      await printer.write(`${JSON.stringify(line)}\n`);
    } else if (update.type === 'message') {
      await printer.write(messageText(context, update.message));
    } else {
      printer.note(update.phase || 'not started', toneOf(update.phase));
    }
    if (update.type === 'phase' && isTerminal(update.phase)) return exitCodeFor(update.phase);
  }
  return EXIT.failed;
}

/** Who says it, and what. */
export function messageText({ printer }: Context, { event_type, payload }: SessionMessage): string {
  const speaker = `${printable(event_type)}> `;
  return `${printer.paint(event_type === 'user' ? 'cyan' : 'dim', speaker)}${printable(payload)}\n`;
}
