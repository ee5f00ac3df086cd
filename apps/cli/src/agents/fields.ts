import type { Field } from '../fields.js';

/** The settings of a language model. */
export const MODEL_FIELDS: readonly Field[] = [
  { flags: '--model <name>', name: 'llm_model', description: 'language model' },
  { flags: '--temperature <number>', name: 'llm_temperature', description: 'from 0 to 2', of: 'number' },
  { flags: '--max-tokens <count>', name: 'llm_max_tokens', description: 'the longest answer', of: 'integer' },
];

export const SHARED_FIELDS: readonly Field[] = [
  { flags: '--repo <url>', name: 'repo_url', description: 'repository that it works in' },
  {
    flags: '--env <name=value>',
    name: 'environment_variables',
    description: 'a variable of its sessions, kept sealed; may be repeated',
    of: 'pairs',
  },
  {
    flags: '--label <name=value>',
    name: 'labels',
    description: 'a label; may be repeated, and replaces those there are',
    of: 'pairs',
  },
];

export const AGENT_FIELDS: readonly Field[] = [
  { flags: '--description <text>', name: 'description', description: 'what it is for' },
  { flags: '--display-name <text>', name: 'display_name', description: 'what people call it' },
  {
    flags: '--prompt <text>',
    name: 'prompt',
    description: 'what each of its sessions begins with, after the prompt of the project',
  },
  { flags: '--prompt-file <path>', name: 'prompt', description: 'the same from a file; - is standard input', of: 'file' },
  ...MODEL_FIELDS,
  ...SHARED_FIELDS,
];
