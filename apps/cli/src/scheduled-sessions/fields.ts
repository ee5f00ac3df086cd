import type { Field } from '../fields.js';
import { LIMIT_FIELDS } from '../sessions/fields.js';

export const OVERLAP = ['skip', 'queue', 'replace', 'allow'] as const;
const CATCH_UP = ['none', 'latest', 'all'] as const;

/** The expression is apart: it must be given at the creation. */
export const SCHEDULE_FIELDS: readonly Field[] = [
  { flags: '--timezone <zone>', name: 'timezone', description: 'IANA name of the time zone that the expression is meant in' },
  { flags: '--prompt <text>', name: 'session_prompt', description: 'the task of each of its sessions' },
  { flags: '--prompt-file <path>', name: 'session_prompt', description: 'the same from a file; - is standard input', of: 'file' },
  { flags: '--description <text>', name: 'description', description: 'what it is for' },
  {
    flags: '--overlap <policy>',
    name: 'overlap_policy',
    description: 'what becomes of a run while the agent is busy',
    choices: OVERLAP,
  },
  {
    flags: '--catch-up <policy>',
    name: 'catch_up_policy',
    description: 'what becomes of ticks that were missed',
    choices: CATCH_UP,
  },
  { flags: '--catch-up-window <seconds>', name: 'catch_up_window', description: 'how old a missed tick may be', of: 'integer' },
  { flags: '--jitter <seconds>', name: 'jitter', description: 'by how much a start may be delayed', of: 'integer' },
  { flags: '--start-at <instant>', name: 'start_at', description: 'no tick before it (RFC 3339)' },
  { flags: '--end-at <instant>', name: 'end_at', description: 'no tick after it (RFC 3339)' },
  { flags: '--max-runs <count>', name: 'max_runs', description: 'no tick after so many runs', of: 'integer' },
  { flags: '--pause-on-failure', name: 'pause_on_failure', description: 'suspend it when a session fails', of: 'boolean' },
  ...LIMIT_FIELDS,
];
