import { styleText } from 'node:util';

export type Tone = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
/** Gives a text a tone, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

interface Terminal {
  readonly isTTY?: boolean;
}

/** Colours on a terminal alone, and not where someone wants none (no-color.org). */
export function paintFor(stream: Terminal, wanted: boolean, env: NodeJS.ProcessEnv = process.env): Paint {
  const colours = wanted && stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return colours ? (tone, text) => styleText(tone, text, { validateStream: false }) : (_, text) => text;
}

const TONES: Readonly<Record<string, Tone>> = {
  Completed: 'green',
  started: 'green',
  Running: 'cyan',
  Creating: 'cyan',
  Pending: 'cyan',
  Stopping: 'yellow',
  Stopped: 'yellow',
  queued: 'cyan',
  Queued: 'cyan',
  skipped: 'yellow',
  Skipped: 'yellow',
  dropped: 'yellow',
  Dropped: 'yellow',
  suspended: 'yellow',
  Failed: 'red',
  failed: 'red',
  missed: 'red',
  Missed: 'red',
};

/** Of a phase or an outcome. */
export const toneOf = (word: string): Tone | undefined => TONES[word];
