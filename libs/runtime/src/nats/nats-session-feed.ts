import type { NatsConnection, Status } from '@nats-io/transport-node';
import { SIGNALS, type SessionFeed, type SessionSignal } from '../session-feed.js';

const SUBJECT = (type: string): string => `ambient.events.*.session.${type}`;

/**
 * The runtime's signals from the event feed on NATS. They only wake it: what it misses while it is not connected it finds in the list of
 * active sessions, which it asks for at every subscription. So a subscription ends, with an error, when the connection was lost.
 */
export class NatsSessionFeed implements SessionFeed {
  constructor(private readonly connection: NatsConnection) {}

  subscribe(signal: AbortSignal): AsyncIterable<SessionSignal> {
    const { connection } = this;
    const { readable, writable } = new TransformStream<SessionSignal, SessionSignal>();
    const writer = writable.getWriter();
    // An error of the stream reaches whoever reads it.
    const tell = (signal: SessionSignal): void => void writer.write(signal).catch(() => undefined);
    const fail = (reason: Error): void => void writer.abort(reason).catch(() => undefined);
    const subscriptions = SIGNALS.map(type =>
      connection.subscribe(SUBJECT(type), {
        callback: (error, message) =>
          error ? fail(error) : tell({ type, session_id: message.headers?.get('ce-subject') ?? '' }),
      }),
    );
    const leave = (): void => subscriptions.forEach(subscription => subscription.unsubscribe());
    signal.addEventListener('abort', () => (leave(), void writer.close().catch(() => undefined)), { once: true });
    void untilLost(connection.status(), signal).then(() => (leave(), fail(new Error('the connection to NATS was lost'))));
    return readable;
  }
}

async function untilLost(status: AsyncIterable<Status>, signal: AbortSignal): Promise<void> {
  for await (const { type } of status) if (signal.aborted || type === 'reconnect') return;
}
