/** What the runtime has to hear: `ambient.events.*.session.SessionStarted`, `…SessionStopRequested` and `…SessionDeleted`. */
export const SIGNALS = ['SessionStarted', 'SessionStopRequested', 'SessionDeleted'] as const;

export interface SessionSignal {
  readonly type: (typeof SIGNALS)[number];
  readonly session_id: string;
}

/** Where the signals come from: a NATS consumer, or the event store of the same process. */
export interface SessionFeed {
  /**
   * Every signal committed after this call, at least once and in order per session, until the signal is aborted. The subscription
   * stands when the call returns, not when the first signal is asked for. It may fail: the runtime then subscribes anew.
   */
  subscribe(signal: AbortSignal): AsyncIterable<SessionSignal>;
}
