import { CronExpressionParser, type CronFieldCollection } from 'cron-parser';

const MONTH = '(?:\\d+|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)';
const WEEKDAY = '(?:\\d+|SUN|MON|TUE|WED|THU|FRI|SAT)';

interface FieldRule {
  readonly name: string;
  /** What one item of the comma-separated list looks like. */
  readonly item: RegExp;
  /** How many different values the field has; a longer step could never be taken. */
  readonly width: number;
  /** What would be right, for error messages. */
  readonly usage: string;
}

/** One list item: `*`, a value or a range, with an optional step, or one of the field's special forms. */
function itemPattern(value: string, special = '(?!)'): RegExp {
  return new RegExp(`^(?:(?:\\*|${value}(?:-${value})?)(?:/\\d+)?|${special})$`, 'i');
}

const FORMS = 'lists (1,2), ranges (1-5) and steps (*/2)';

/** The five fields, in the order in which they are written. */
const RULES = [
  { name: 'minute', item: itemPattern('\\d+'), width: 60, usage: `*, 0 to 59, ${FORMS}` },
  { name: 'hour', item: itemPattern('\\d+'), width: 24, usage: `*, 0 to 23, ${FORMS}` },
  { name: 'day of month', item: itemPattern('\\d+', 'L'), width: 31, usage: `*, 1 to 31, L for the last day, ${FORMS}` },
  { name: 'month', item: itemPattern(MONTH), width: 12, usage: `*, 1 to 12, JAN to DEC, ${FORMS}` },
  {
    name: 'day of week',
    item: itemPattern(WEEKDAY, `${WEEKDAY}L|${WEEKDAY}#[1-5]`),
    width: 7,
    usage: `*, 0 to 7 (0 and 7 are Sunday), SUN to SAT, 5L for the last Friday, 5#2 for the second Friday, ${FORMS}`,
  },
] as const satisfies readonly FieldRule[];

/** The values of the five fields, a special value as its own member. */
export interface CronFields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  readonly lastDayOfMonth: boolean;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** 0 (Sunday) to 6. */
  readonly weekdays: ReadonlySet<number>;
  /** Weekdays of which only the last of a month is meant: `5L`. */
  readonly lastWeekdays: ReadonlySet<number>;
  /** `5#2` as [5, 2]: the second Friday of a month. */
  readonly nthWeekdays: readonly (readonly [weekday: number, nth: number])[];
}

/** An expression that cannot be read; the message names the field and says what would be right. */
export class CronFieldError extends Error {}

/**
 * Reads five field texts. cron-parser gets one list item at a time: it would refuse overlapping items (`0,0`, `1-5,3`) as duplicates,
 * and its messages do not say which field is wrong.
 *
 * @throws {CronFieldError}
 */
export function readFields(texts: readonly [string, string, string, string, string]): CronFields {
  const [minute, hour, dayOfMonth, month, weekday] = texts;
  const days = itemsOf(RULES[2], dayOfMonth, item => `0 0 ${item} * *`).flatMap(fields => fields.dayOfMonth.values);
  const weekdayItems = itemsOf(RULES[4], weekday, item => `0 0 * * ${item.replace('-SUN', '-7')}`).map(
    fields => fields.dayOfWeek,
  );
  const plain = weekdayItems.filter(item => item.nthDay === 0).flatMap(item => item.values);
  return {
    minutes: new Set(itemsOf(RULES[0], minute, item => `${item} * * * *`).flatMap(fields => fields.minute.values)),
    hours: new Set(itemsOf(RULES[1], hour, item => `0 ${item} * * *`).flatMap(fields => fields.hour.values)),
    daysOfMonth: new Set(days.filter(day => typeof day === 'number')),
    lastDayOfMonth: days.includes('L'),
    months: new Set(itemsOf(RULES[3], month, item => `0 0 * ${item} *`).flatMap(fields => fields.month.values)),
    weekdays: new Set(plain.filter(day => typeof day === 'number').map(day => day % 7)),
    lastWeekdays: new Set(plain.filter(day => typeof day === 'string').map(day => Number.parseInt(day, 10) % 7)),
    nthWeekdays: weekdayItems
      .filter(item => item.nthDay !== 0)
      .flatMap(item => item.values.map(day => [Number(day) % 7, item.nthDay] as const)),
  };
}

function itemsOf(rule: FieldRule, text: string, toExpression: (item: string) => string): CronFieldCollection[] {
  return text.split(',').map(item => {
    const complain = (why: string): CronFieldError => new CronFieldError(`${rule.name} "${text}": ${why}; write ${rule.usage}`);
    if (!rule.item.test(item)) throw complain(`"${item}" is not understood`);
    const step = item.split('/')[1];
    if (step !== undefined && Number(step) > rule.width) throw complain(`the step ${step} is longer than the field`);
    try {
      return CronExpressionParser.parse(toExpression(item.toUpperCase())).fields;
    } catch (error) {
      throw complain(error instanceof Error ? error.message : String(error));
    }
  });
}
