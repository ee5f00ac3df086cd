import type { Position } from '../event-store.js';

/** Where a record stands in the engine's log: bytes from its beginning. As the client gives them: big integers, or their digits. */
export interface LogPosition {
  readonly commit: bigint | string;
  readonly prepare: bigint | string;
}

const DIGITS = 20;
const PATTERN = new RegExp(String.raw`^(\d{${DIGITS}})-(\d{${DIGITS}})$`);
const padded = (value: bigint | string): string => String(value).padStart(DIGITS, '0');

/** Both numbers are needed: with one of them a read of the log would begin at another record. Padded, so that texts compare as they do. */
export function positionOf({ commit, prepare }: LogPosition): Position {
  return `${padded(commit)}-${padded(prepare)}`;
}

/** @throws {Error} the position is of another store */
export function logPositionOf(position: Position): { commit: bigint; prepare: bigint } {
  const [, commit, prepare] = PATTERN.exec(position) ?? [];
  if (commit === undefined || prepare === undefined) {
    throw new Error(
      `"${position}" is not a position of this store: those are two numbers of ${DIGITS} digits, joined by a hyphen`,
    );
  }
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}

/** The later of two positions; undefined is before all others. */
export function later(one: Position | undefined, other: Position | undefined): Position | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? other : one;
}
