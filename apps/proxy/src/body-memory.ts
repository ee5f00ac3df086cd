/**
 * Bodies pass in pieces of up to 64 KiB. V8 knows little of their weight: it lets tens of MiB of pieces lie that are long gone, until the
 * few objects around them fill its young generation. So it is told to look there, a millisecond's work, each time so much has passed.
 * Node must be started with `--expose-gc`; else that memory is left to it.
 */
const COLLECT_EVERY_BYTES = 8 * 1_048_576;

let passed = 0;

/** @param bytes of a body that have just passed */
export function bodyPassed(bytes: number): void {
  passed += bytes;
  if (passed < COLLECT_EVERY_BYTES) return;
  passed = 0;
  globalThis.gc?.({ type: 'minor', execution: 'sync' });
}
