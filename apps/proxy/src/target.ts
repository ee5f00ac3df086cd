/**
 * The request target as it came. Whatever two readers could read differently is refused, so that what was authorized is what is asked
 * of the upstream. The rules about encoding hold for the path; in a query `%2F` and `%25` are plain data.
 */
import { Problem } from './problem.js';

export interface Target {
  /** Decoded segments of the path. None is empty but the last, none is `.` or `..`. */
  readonly segments: readonly string[];
  /** From `?` on, as it came; empty without one. */
  readonly query: string;
}

/** Nothing that a rule could be about, which is so for nearly all: path and query. */
const PLAIN = /^((?:\/[\w\-~:@][\w\-.~:@]*)+)(\?[\w\-.~:@=&,+]*)?$/;

const PATH_RULES: readonly (readonly [RegExp, string])[] = [
  [/\/\//, 'it must not have an empty segment'],
  [/\\/, 'it must not have a backslash'],
  [/%(?:2f|5c|25)/i, 'it must not have an encoded slash, backslash or percent sign'],
  [/%(?:[01][0-9a-f]|7f)/i, 'it must not have an encoded control character'],
  [/\/(?:\.|%2e){1,2}(?:\/|$)/i, 'it must not have a dot segment'],
];

/** @throws Problem 400 for a target that is not plainly one path */
export function parseTarget(target: string): Target {
  const plain = PLAIN.exec(target);
  if (plain) return { segments: (plain[1] ?? '').slice(1).split('/'), query: plain[2] ?? '' };
  if (!target.startsWith('/')) throw malformed('it must be a path, which starts with /');
  if (/[^\x21-\x7e]|#|%00/.test(target)) throw malformed('it must be ASCII, without fragment or null');
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark);
  for (const [pattern, rule] of PATH_RULES) if (pattern.test(path)) throw malformed(rule);
  return { segments: decode(path).slice(1).split('/'), query };
}

/** Decoding before splitting is safe here: there is no encoded slash. */
function decode(path: string): string {
  try {
    return path.includes('%') ? decodeURIComponent(path) : path;
  } catch {
    throw malformed('its percent encoding must be UTF-8');
  }
}

const malformed = (rule: string): Problem => new Problem(17, `the request target is malformed: ${rule}`);
