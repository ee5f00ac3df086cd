/** What a literal of the search language means for a field of a certain type. */
import type { Scalar } from './filter.js';
import type { FieldType } from './read-store.js';
import { SearchSyntaxError, type Token } from './search-tokens.js';

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const RFC_3339 = /^(\d{4}-\d\d-\d\d)t(\d\d:\d\d):(\d\d)(?:\.(\d+))?(?:z|([+-])(\d\d):(\d\d))$/i;

const EXPECTED: Readonly<Record<FieldType, string>> = {
  text: "a text in quotes, for example 'x'",
  time: "an RFC 3339 time in quotes, for example '2026-01-31T09:00:00Z'",
  number: 'a number',
  boolean: 'true or false',
};

/** The literal as a value of that type. Numbers, `true` and `false` may stand in quotes as well. */
export function literalValue(token: Token, field: string, type: FieldType): Scalar {
  const value = convert(token, type);
  if (value !== undefined) return value;
  throw new SearchSyntaxError(`'${field}' is compared with ${EXPECTED[type]}, not with ${shown(token)},`, token.position);
}

function convert(token: Token, type: FieldType): Scalar | undefined {
  switch (type) {
    case 'text':
      return token.kind === 'text' ? token.value : undefined;
    case 'time':
      return token.kind === 'text' ? normalizeTime(token.value) : undefined;
    case 'number':
      return isLiteral(token) && NUMBER.test(token.value) && Number.isFinite(Number(token.value))
        ? Number(token.value)
        : undefined;
    case 'boolean':
      return isLiteral(token) ? BOOLEANS.get(token.value.toLowerCase()) : undefined;
    default:
      return type satisfies never;
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

const isLiteral = (token: Token): boolean => token.kind === 'text' || token.kind === 'number' || token.kind === 'word';

const shown = (token: Token): string =>
  token.kind === 'end' ? 'nothing' : token.kind === 'text' ? `'${token.value}'` : token.value;

/**
 * An RFC 3339 time as UTC with 3 fractional digits, as documents hold times; undefined when it is none. Digits after the
 * millisecond are cut off. A leap second (RFC 3339, 5.7) is the first instant of the next minute.
 */
export function normalizeTime(text: string): string | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [, date = '', minute = '', second = '', fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match;
  const leap = second === '60';
  const local = `${date}T${minute}:${leap ? '59' : second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const milliseconds = Date.parse(local);
  // A day or hour that does not exist (February 30, 24:00) would roll over silently.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== local) return undefined;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const utc = new Date(milliseconds - offset + (leap ? 1000 : 0)).toISOString();
  return utc.length === local.length ? utc : undefined;
}
