import { resolveTimeZone } from './zone-names.js';

/** A stretch of time in which a zone keeps one offset. Instants are epoch seconds, offsets seconds east of UTC. */
export interface Segment {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly offset: number;
  /** How many local seconds were skipped at `start`: 0 unless the clock was put forward just then. */
  readonly gap: number;
  /** The first local second of this segment that did not already occur before it, in local seconds (see local-match.ts). */
  readonly firstNewLocal: number;
}

/** Instants are looked up by blocks of 2^25 s, 388 days: in most zones one of them holds two or three segments. */
const BLOCK = 2 ** 25;

/**
 * How far apart offsets are sampled. Two transitions that cancel each other would be missed if they were closer; since 1970 the closest
 * are 6.96 days apart (Brazil 2000, Gaza 2040; tz database 2025b).
 */
const SAMPLE_STEP = 4 * 86_400;

/** The offsets of one zone. `Intl` knows them but takes 2 µs to tell one, so they are found once, when their block is first asked for. */
export class ZoneTable {
  readonly #format: Intl.DateTimeFormat;
  readonly #blocks = new Map<number, readonly Segment[]>();

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  }

  /** The segment that holds an instant, in epoch seconds. */
  segmentAt(instant: number): Segment {
    const index = Math.floor(instant / BLOCK);
    const segments = this.#blocks.get(index) ?? this.#addBlock(index);
    for (const segment of segments) if (instant < segment.end) return segment;
    throw new Error(`no segment holds the instant ${instant}: not a whole number of epoch seconds`);
  }

  #addBlock(index: number): readonly Segment[] {
    const segments = this.#segments(index * BLOCK, (index + 1) * BLOCK);
    this.#blocks.set(index, segments);
    return segments;
  }

  /** Covers [start, end), and looks one step further back, lest an overlap that began just before be forgotten. */
  #segments(start: number, end: number): Segment[] {
    const segments: Segment[] = [];
    let from = start - SAMPLE_STEP;
    let before = this.#offsetAt(from);
    let offset = before;
    const close = (until: number): void => {
      if (until <= start) return;
      const gap = from >= start ? Math.max(offset - before, 0) : 0;
      const firstNewLocal = from + Math.max(before, offset);
      segments.push(Object.freeze({ start: Math.max(from, start), end: until, offset, gap, firstNewLocal }));
    };
    for (const at of this.#transitions(from, end)) {
      close(at);
      [from, before, offset] = [at, offset, this.#offsetAt(at)];
    }
    close(end);
    return segments;
  }

  /** The instants in (from, end) at which the offset changes. */
  *#transitions(from: number, end: number): Generator<number> {
    let last = from;
    let offset = this.#offsetAt(last);
    while (last < end - 1) {
      const sample = Math.min(last + SAMPLE_STEP, end - 1);
      const isOld = (instant: number): boolean => this.#offsetAt(instant) === offset;
      last = isOld(sample) ? sample : firstWhereNot(isOld, last, sample);
      const current = this.#offsetAt(last);
      if (current !== offset) yield last;
      offset = current;
    }
  }

  #offsetAt(instant: number): number {
    const [, sign, hours, minutes, seconds = '0'] =
      /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(this.#format.format(instant * 1000)) ?? [];
    const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    if (Number.isNaN(size))
      throw new Error(`Intl writes no offset in "${this.#format.format(instant * 1000)}"; expected GMT+hh:mm`);
    return sign === '-' ? -size : size;
  }
}

/** The smallest whole number above `low` for which the condition fails; it holds at `low` and not at `high`. */
function firstWhereNot(condition: (value: number) => boolean, low: number, high: number): number {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (condition(middle)) low = middle;
    else high = middle;
  }
  return high;
}

const tables = new Map<string, ZoneTable>();

/**
 * The table of a zone, made on first use and kept.
 *
 * @throws {RangeError} the name is not in the tz database.
 */
export function zoneTable(zone: string): ZoneTable {
  return tables.get(zone) ?? addTable(zone);
}

function addTable(zone: string): ZoneTable {
  const name = resolveTimeZone(zone);
  if (name === undefined) throw new RangeError(`"${zone}" is not an IANA time zone; write a name such as Europe/Paris or UTC`);
  const table = tables.get(name) ?? new ZoneTable(name);
  tables.set(name, table);
  return table;
}
