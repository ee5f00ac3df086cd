import type { Phase, SessionStatus } from '#contracts';
import type { Exit } from './agent.js';
import { type Clock, timestamp } from './clock.js';

/** How a run ends, and what the session's `conditions` say about it. */
export interface Ending {
  readonly phase: Extract<Phase, 'Stopped' | 'Completed' | 'Failed'>;
  readonly type: 'Exited' | 'Terminated' | 'Lost' | 'Broken';
  readonly reason: string;
  readonly message: string;
}

export const STOP_REQUESTED: Ending = {
  phase: 'Stopped',
  type: 'Terminated',
  reason: 'stop_requested',
  message: 'a stop was requested',
};

export const INTERRUPTED: Ending = {
  phase: 'Stopped',
  type: 'Terminated',
  reason: 'interrupted',
  message: 'an interrupt was requested, and the command ended of it',
};

export const SESSION_DELETED: Ending = {
  phase: 'Stopped',
  type: 'Terminated',
  reason: 'session_deleted',
  message: 'the session was deleted',
};

export const RUNTIME_STOPPED: Ending = {
  phase: 'Failed',
  type: 'Terminated',
  reason: 'runtime_stopped',
  message: 'the runtime was stopped while the session ran',
};

export const RUNTIME_RESTARTED: Ending = {
  phase: 'Failed',
  type: 'Lost',
  reason: 'runtime_restarted',
  message: 'the runtime was started anew and found no process of the session',
};

export const timedOut = (seconds: number): Ending => ({
  phase: 'Failed',
  type: 'Terminated',
  reason: 'timeout',
  message: `ran longer than its timeout of ${seconds} s`,
});

export const wasInactive = (seconds: number): Ending => ({
  phase: 'Failed',
  type: 'Terminated',
  reason: 'inactivity_timeout',
  message: `put nothing out for its inactivity_timeout of ${seconds} s`,
});

/** The run could not be made or followed. */
export const broken = (message: string): Ending => ({ phase: 'Failed', type: 'Broken', reason: 'runtime_error', message });

/** The command ended by itself. */
export function exited(exit: Exit): Ending {
  if ('signal' in exit) return { phase: 'Failed', type: 'Exited', reason: 'signal', message: `killed by ${exit.signal}` };
  const phase = exit.code === 0 ? 'Completed' : 'Failed';
  return { phase, type: 'Exited', reason: 'exit_code', message: `exit code ${exit.code}` };
}

const SIGINT_CODE = 128 + 2;

/** Died of SIGINT, itself or, as a shell tells it, what it ran. */
export const diedOfInterrupt = (exit: Exit): boolean => ('signal' in exit ? exit.signal === 'SIGINT' : exit.code === SIGINT_CODE);

/** The report of a terminal phase; a session that completed has no condition to speak of. */
export function finalStatus({ phase, ...condition }: Ending, clock: Clock): SessionStatus {
  const at = timestamp(clock);
  return { phase, completion_time: at, ...(phase === 'Completed' ? {} : { conditions: JSON.stringify([{ ...condition, at }]) }) };
}
