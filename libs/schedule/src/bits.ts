/** Sets of small numbers (0 to 30) as the bits of one integer: what the hot path works on. */

/** What `lowest`, `highest` and the searches built on them answer when there is nothing. */
export const NONE = -1;

/** The set of the values. */
export function bitsOf(values: Iterable<number>): number {
  let bits = 0;
  for (const value of values) bits |= 1 << value;
  return bits;
}

/** The smallest member that is at least `from`, or NONE. */
export function lowest(bits: number, from = 0): number {
  const rest = (bits >>> from) << from;
  return 31 - Math.clz32(rest & -rest);
}

/** The largest member that is at most `through` (at most 30), or NONE. */
export function highest(bits: number, through = 30): number {
  return 31 - Math.clz32(bits & (0x7fffffff >>> (30 - through)));
}

/** How many members are below `end`. */
export function countBelow(bits: number, end: number): number {
  let count = 0;
  for (let rest = bits & ((1 << end) - 1); rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
