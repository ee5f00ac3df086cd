/** Subjects are dotted; in a pattern `*` stands for one part, a final `>` for one part or more (the rule of NATS). */

import { InvalidMessage } from './bus.js';

/** What nearly every subject is, and quickly seen. */
const PLAIN = /^[\w-]+(?:\.[\w-]+)*$/;
const PART = /^[^\s\p{Cc}\p{Cs}*>]+$/u;
const MAX_BYTES = 1024;

const isShort = (subject: string): boolean => Buffer.byteLength(subject) <= MAX_BYTES;

/** Refuses what is no subject of a message: an empty part, a blank or control character, a wildcard, more than 1024 bytes. */
export function assertSubject(subject: string): void {
  if (subject.length <= MAX_BYTES && PLAIN.test(subject)) return;
  if (isShort(subject) && subject.split('.').every(part => PART.test(part))) return;
  throw new InvalidMessage(
    `"${subject}" is no subject of a message: it is parts joined by dots, without blanks, "*" and ">", at most ${MAX_BYTES} bytes`,
  );
}

/** Refuses what is no pattern: an empty part, a blank, a `>` that is not the last part, a wildcard within a part. */
export function assertPattern(pattern: string): void {
  const parts = pattern.split('.');
  const legal = parts.every((part, at) => part === '*' || (part === '>' && at === parts.length - 1) || PART.test(part));
  if (!legal || !isShort(pattern))
    throw new InvalidMessage(
      `"${pattern}" is no pattern of subjects: it is parts joined by dots; "*" is a whole part, ">" the last part; at most ${MAX_BYTES} bytes`,
    );
}

/** Whether a subject fits a pattern. */
export const matches = (pattern: string, subject: string): boolean => overlap(pattern, subject);

/** Whether every subject that fits `inner` fits `outer`. */
export function contains(outer: string, inner: string): boolean {
  const wide = outer.split('.');
  const narrow = inner.split('.');
  for (const [at, part] of wide.entries()) {
    const other = narrow[at];
    if (other === undefined) return false;
    if (part === '>') return true;
    if (other === '>' || (part !== '*' && part !== other)) return false;
  }
  return wide.length === narrow.length;
}

/** Whether some subject fits both patterns. */
export function overlap(one: string, other: string): boolean {
  const left = one.split('.');
  const right = other.split('.');
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [a, b] = [left[at], right[at]];
    if (a === undefined || b === undefined) return false;
    if (a === '>' || b === '>') return true;
    if (a !== b && a !== '*' && b !== '*') return false;
  }
  return true;
}
