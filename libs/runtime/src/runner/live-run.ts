import type { Session } from '#contracts';
import type { Folder } from '../folder/index.js';
import type { EventLog } from './event-log.js';

/** A run of a session, as its runner shows it while it lasts. */
export interface LiveRun {
  readonly id: string;
  /** As it was started. */
  readonly session: Session;
  readonly events: EventLog;
  /** Where the agent works; undefined until it is made. */
  readonly folder: Folder | undefined;
  /** RFC 3339; undefined until the agent works. */
  readonly startTime: string | undefined;
  /** False when the agent takes no more input. */
  readonly takesInput: boolean;
  /** Tells the agent more, once for an id: a message that is sent again is not said again. False when it takes no more input. */
  say(message: { readonly id?: string; readonly text: string }): Promise<boolean>;
  /** Keeps what somebody thinks of the work. */
  note(text: string): Promise<void>;
  /** Asks the agent to break off. */
  interrupt(): void;
  /** Ends the agent. */
  stop(): void;
}

/** The runs there are now. */
export interface LiveRuns {
  runOf(sessionId: string): LiveRun | undefined;
}
