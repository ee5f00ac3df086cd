import type { WriteStream } from 'node:tty';
import type { Step } from './copy-log.js';

/** Milliseconds between two words on a terminal, where the line is written over, and in a file, where it stays. */
const PAUSE_MS = { terminal: 200, file: 10_000 };
const CLEAR_LINE = '\r\u001b[K';

export interface Progress {
  readonly report: (step: Step, events: number) => void;
  /** Clears the line; it may be called again. */
  readonly end: () => void;
}

/** Says how far the copy is, now and then. */
export function showProgress(output: Pick<WriteStream, 'isTTY' | 'write'>): Progress {
  const isTerminal = output.isTTY;
  const pause = isTerminal ? PAUSE_MS.terminal : PAUSE_MS.file;
  let last = performance.now();
  let isShown = false;
  return {
    report: (step, events) => {
      if (performance.now() - last < pause) return;
      last = performance.now();
      isShown = isTerminal;
      const text = `${step}: ${events.toLocaleString('en-US')} events`;
      output.write(isTerminal ? `${CLEAR_LINE}${text}` : `${text}\n`);
    },
    end: () => {
      if (isShown) output.write(CLEAR_LINE);
      isShown = false;
    },
  };
}
