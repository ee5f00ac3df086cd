import type { RecordedEvent } from '#event-store';

/** What a copy keeps; the engines' positions are their own. */
const KEPT = ['stream', 'revision', 'id', 'type', 'data', 'metadata'] as const satisfies readonly (keyof RecordedEvent)[];

/**
 * Events of the source and of the target from the same place on.
 * @param before number of events that lie before them
 * @throws {Error} they are not the same: names the first event that differs
 */
export function assertSame(source: readonly RecordedEvent[], target: readonly RecordedEvent[], before: number): void {
  for (let index = 0; index < Math.max(source.length, target.length); index += 1) {
    const difference = differenceOf(source[index], target[index]);
    if (difference) throw new Error(`the target is not a copy of the source: event ${before + index + 1} ${difference}`);
  }
}

function differenceOf(original: RecordedEvent | undefined, copy: RecordedEvent | undefined): string | undefined {
  if (!original) return copy && `of the target, ${nameOf(copy)}, is none of the source`;
  if (!copy) return `of the source, ${nameOf(original)}, is missing in the target`;
  if (nameOf(original) !== nameOf(copy)) return `of the source is ${nameOf(original)}, of the target ${nameOf(copy)}`;
  const part = KEPT.find(part => original[part] !== copy[part]);
  return part && `(${nameOf(original)}) has another ${part} in the target`;
}

const nameOf = ({ stream, revision }: RecordedEvent): string => `revision ${revision} of stream ${stream}`;
