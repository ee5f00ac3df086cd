import { MODEL_FIELDS, SHARED_FIELDS } from '../agents/fields.js';
import type { Field } from '../fields.js';

/** What a schedule hands to each of its sessions. */
export const LIMIT_FIELDS: readonly Field[] = [
  { flags: '--timeout <seconds>', name: 'timeout', description: 'the longest time it may take', of: 'integer' },
  {
    flags: '--inactivity-timeout <seconds>',
    name: 'inactivity_timeout',
    description: 'the longest time without a message',
    of: 'integer',
  },
  {
    flags: '--stop-on-run-finished',
    name: 'stop_on_run_finished',
    description: 'stop when the agent has answered',
    of: 'boolean',
  },
  { flags: '--runner-type <name>', name: 'runner_type', description: 'what runs it' },
];

export const SESSION_FIELDS: readonly Field[] = [
  { flags: '--prompt <text>', name: 'prompt', description: 'the task: its first message' },
  { flags: '--prompt-file <path>', name: 'prompt', description: 'the same from a file; - is standard input', of: 'file' },
  ...LIMIT_FIELDS,
  ...MODEL_FIELDS,
  ...SHARED_FIELDS,
];
