/** Query parameters, read one by one. What is wrong is a 400 that names the parameter. */
import { isInstant } from '#contracts';
import { badRequest } from '#service';

/** A request's query, as Fastify parses it. */
export type Parameters = Readonly<Record<string, unknown>>;

/** The text of a parameter; undefined when it is absent or empty. @throws {Problem} 400 when it is given twice */
export function textOf(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw badRequest(`${name} must be given once`);
  return value.trim() === '' ? undefined : value;
}

/** @throws {Problem} 400 */
export function wholeNumberOf(
  parameters: Parameters,
  name: string,
  { from, to = Number.MAX_SAFE_INTEGER }: { readonly from: number; readonly to?: number },
): number | undefined {
  const text = textOf(parameters, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= from && value <= to) return value;
  const range = to === Number.MAX_SAFE_INTEGER ? `from ${from}` : `from ${from} to ${to}`;
  throw badRequest(`${name} must be a whole number ${range}, not ${JSON.stringify(text)}`);
}

/** Milliseconds since 1970. @throws {Problem} 400 */
export function instantOf(parameters: Parameters, name: string): number | undefined {
  const text = textOf(parameters, name);
  if (text === undefined) return undefined;
  if (isInstant(text)) return Date.parse(text);
  throw badRequest(`${name} must be an RFC 3339 instant, for example 2026-01-31T09:00:00Z, not ${JSON.stringify(text)}`);
}

/** The same, of those that answers can write: the years 0 to 9999 in UTC. @throws {Problem} 400 */
export function writableInstantOf(parameters: Parameters, name: string): number | undefined {
  const ms = instantOf(parameters, name);
  if (ms === undefined || (ms >= FIRST_INSTANT && ms <= LAST_INSTANT)) return ms;
  throw badRequest(`${name} must be an instant of the years 0000 to 9999 in UTC, not ${JSON.stringify(parameters[name])}`);
}

const FIRST_INSTANT = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');
