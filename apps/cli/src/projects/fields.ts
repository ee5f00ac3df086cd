import type { Field } from '../fields.js';

export const PROJECT_FIELDS: readonly Field[] = [
  { flags: '--description <text>', name: 'description', description: 'what it is for' },
  { flags: '--prompt <text>', name: 'prompt', description: 'what every session of the project begins with' },
  { flags: '--prompt-file <path>', name: 'prompt', description: 'the same from a file; - is standard input', of: 'file' },
  { flags: '--status <text>', name: 'status', description: 'anything you like' },
  {
    flags: '--label <name=value>',
    name: 'labels',
    description: 'a label; may be repeated, and replaces those there are',
    of: 'pairs',
  },
];
