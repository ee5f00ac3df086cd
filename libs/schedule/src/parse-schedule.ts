import { CronFieldError, readFields } from './fields.js';
import { compile, everFires, type Schedule } from './schedule.js';

/** Either the schedule, or why there is none: the reason names the field and says what would be right. */
export type ParsedSchedule = { readonly ok: true; readonly schedule: Schedule } | { readonly ok: false; readonly reason: string };

const NAMED: ReadonlyMap<string, string> = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
]);

const FIVE_FIELDS = 'five fields are needed: minute, hour, day of month, month, day of week, for example "0 9 * * MON-FRI"';
const LONGEST_EXPRESSION = 1024;
const CACHED_EXPRESSIONS = 4096;
const cache = new Map<string, ParsedSchedule>();

/** Reads a cron expression of five fields, or one of the `@` names. The same text gives the same value. */
export function parseSchedule(expression: string): ParsedSchedule {
  const known = cache.get(expression);
  if (known) return known;
  const parsed = Object.freeze(parse(expression));
  if (expression.length <= LONGEST_EXPRESSION) remember(expression, parsed);
  return parsed;
}

/**
 * The schedule of an expression that was accepted before.
 *
 * @throws {RangeError} it is refused by parseSchedule.
 */
export function acceptedSchedule(expression: string): Schedule {
  const parsed = parseSchedule(expression);
  if (!parsed.ok) throw new RangeError(parsed.reason);
  return parsed.schedule;
}

function remember(expression: string, parsed: ParsedSchedule): void {
  const oldest = cache.keys().next();
  if (cache.size >= CACHED_EXPRESSIONS && !oldest.done) cache.delete(oldest.value);
  cache.set(expression, parsed);
}

function parse(expression: string): ParsedSchedule {
  const text = expression.trim();
  if (text === '') return refuse(`the expression is empty; ${FIVE_FIELDS}`);
  if (text.length > LONGEST_EXPRESSION)
    return refuse(`the expression has ${text.length} characters; at most ${LONGEST_EXPRESSION} are read`);
  if (text.startsWith('@') && !NAMED.has(text.toLowerCase())) {
    return refuse(`"${text}" is not known; the names are ${[...NAMED.keys()].join(', ')}`);
  }
  const texts = (NAMED.get(text.toLowerCase()) ?? text).split(/\s+/);
  if (!isFive(texts)) return refuse(`"${text}" has ${texts.length} field${texts.length === 1 ? '' : 's'}; ${FIVE_FIELDS}`);
  try {
    const schedule = compile(texts, readFields(texts));
    return everFires(schedule) ? { ok: true, schedule } : refuse(neverFires(texts));
  } catch (error) {
    if (error instanceof CronFieldError) return refuse(error.message);
    throw error;
  }
}

/** Only days of the month can be at fault: every month has, some year, a fifth of every weekday. */
function neverFires([, , dayOfMonth, month, weekday]: FiveFields): string {
  const together = weekday === '*' ? '' : ` on day of week "${weekday}"`;
  return (
    `day of month "${dayOfMonth}" never comes in month "${month}"${together}, so the expression would never fire; ` +
    'write a day that the month has, or L for its last day'
  );
}

type FiveFields = readonly [string, string, string, string, string];

function isFive(texts: readonly string[]): texts is FiveFields {
  return texts.length === 5;
}

function refuse(reason: string): ParsedSchedule {
  return { ok: false, reason };
}
