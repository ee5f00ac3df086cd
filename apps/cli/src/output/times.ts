/** Instants for people: in the zone of the schedule they belong to, or in the reader's. */

const FIELDS = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'longOffset',
} as const;

export class Times {
  readonly #formats = new Map<string, Intl.DateTimeFormat>();

  /** @param reader the zone in which everything is shown; undefined for that of each schedule */
  constructor(private readonly reader: string | undefined) {}

  /** The zone that the reader's machine is set to. */
  static readersZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

  /**
   * `2026-11-26 09:00:00 +01:00`.
   * @param instant RFC 3339; nothing gives nothing
   * @param zone of the schedule; UTC where there is none
   */
  show(instant: string | undefined, zone = 'UTC'): string {
    if (instant === undefined) return '';
    const date = new Date(instant);
    if (Number.isNaN(date.getTime())) return instant;
    const parts = new Map(
      this.#format(this.reader ?? zone)
        .formatToParts(date)
        .map(({ type, value }) => [type, value]),
    );
    const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
    const offset = part('timeZoneName').replace(/^GMT/, '') || '+00:00';
    return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')} ${offset}`;
  }

  #format(zone: string): Intl.DateTimeFormat {
    const known = this.#formats.get(zone);
    if (known) return known;
    const made = formatOf(zone);
    this.#formats.set(zone, made);
    return made;
  }
}

/** A zone that this Node does not know yet is shown as UTC. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { ...FIELDS, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en-US', { ...FIELDS, timeZone: 'UTC' });
  }
}
