/**
 * Small writes that wait until the event loop has read all that has come, and then go out one after the other. A write wakes who reads at
 * the other end; made one by one between the work for two requests, each would find it asleep again, and waking costs more than writing.
 */
let waiting: (() => void)[] = [];

/** @param write must not throw: others wait behind it */
export function atEndOfTurn(write: () => void): void {
  if (waiting.length === 0) setImmediate(writeAll);
  waiting.push(write);
}

function writeAll(): void {
  const writes = waiting;
  waiting = [];
  for (const write of writes) write();
}
