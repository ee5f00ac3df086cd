/** When ticks fall, by walking every minute: for expressions that restrict minute and hour, in zones whose offset never changes. */
const MINUTE_MS = 60_000;
const OFFSETS: Record<string, number> = { UTC: 0, 'Asia/Kathmandu': 345 };

/** @param at milliseconds since 1970, a full minute */
export function fires(expression: string, zone: string, at: number): boolean {
  const [minute = '', hour = '', ...rest] = expression.split(' ');
  const offset = OFFSETS[zone];
  if (offset === undefined || rest.join(' ') !== '* * *') throw new Error(`"${expression}" in ${zone} is not known here`);
  const local = at / MINUTE_MS + offset;
  return allows(minute, local % 60) && allows(hour, Math.floor(local / 60) % 24);
}

function allows(field: string, value: number): boolean {
  if (field === '*') return true;
  if (field.startsWith('*/')) return value % Number(field.slice(2)) === 0;
  return field.split(',').map(Number).includes(value);
}

/** Full minutes in (after, through]; milliseconds since 1970. */
export function minutes(after: number, through: number): number[] {
  const found: number[] = [];
  for (let at = (Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS; at <= through; at += MINUTE_MS) found.push(at);
  return found;
}
