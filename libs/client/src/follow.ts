/** A session as it goes on, until its end. */
import { pause } from './backoff.js';
import type { CallOptions } from './options.js';
import type { Phase, Session, SessionMessage } from './types.js';
import type { WatchOptions } from './watch.js';

export type SessionUpdate =
  | { readonly type: 'message'; readonly message: SessionMessage }
  /** The phase is another one than before; the first is that at the beginning. */
  | { readonly type: 'phase'; readonly phase: Phase; readonly session: Session };

export interface FollowOptions extends WatchOptions {
  /** Only messages after this one. */
  readonly afterSeq?: number;
  /** How often the phase is looked at, milliseconds; default 500. */
  readonly everyMs?: number;
}

const TERMINAL: ReadonlySet<string> = new Set<Phase>(['Stopped', 'Completed', 'Failed']);

/** True for a session that has ended. It may be started again. */
export const isTerminal = (phase: Phase): boolean => TERMINAL.has(phase);

interface SessionReads {
  get(id: string, options?: CallOptions): Promise<Session>;
  messages(id: string, afterSeq?: number, options?: CallOptions): Promise<SessionMessage[]>;
  watch(id: string, options?: WatchOptions & { afterSeq?: number }): AsyncGenerator<SessionMessage>;
}

/** Messages over their stream, the phase by looking at it; what comes first is told first. */
export async function* followSession(
  sessions: SessionReads,
  id: string,
  { afterSeq = 0, everyMs = 500, signal, onLost }: FollowOptions,
): AsyncGenerator<SessionUpdate> {
  const over = new AbortController();
  const either = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  const messages = sessions.watch(id, { afterSeq, signal: either, onLost });
  const nextMessage = () => heard(messages.next().then(({ done, value }) => ({ message: done ? undefined : value })));
  const nextLook = (ms: number) =>
    heard(
      pause(ms, either)
        .then(() => sessions.get(id, { signal: either }))
        .then(session => ({ session })),
    );
  let last = afterSeq;
  let phase: Phase | undefined;
  let coming: Promise<{ message: SessionMessage | undefined } | { session: Session }> = nextMessage();
  let looking = nextLook(0);
  try {
    for (;;) {
      const came = await Promise.race([looking, coming]);
      if ('message' in came) {
        // The messages of a deleted session end; that it is gone, the next look says.
        coming = came.message ? nextMessage() : new Promise(() => undefined);
        if (!came.message) continue;
        last = came.message.seq;
        yield { type: 'message', message: came.message };
        continue;
      }
      const { session } = came;
      if (isTerminal(session.phase)) {
        // What the runtime said last may not have come over the stream yet.
        for (const message of await sessions.messages(id, last, { signal: either })) yield { type: 'message', message };
        yield { type: 'phase', phase: session.phase, session };
        return;
      }
      if (session.phase !== phase) yield { type: 'phase', phase: session.phase, session };
      ({ phase } = session);
      looking = nextLook(everyMs);
    }
  } finally {
    over.abort();
    await messages.return(undefined).catch(() => undefined);
  }
}

/** A promise that may be left unread: whoever reads it hears of its rejection all the same. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
