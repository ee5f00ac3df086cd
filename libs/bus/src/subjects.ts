/** Subjects are dotted; in a pattern `*` stands for one part, a final `>` for one part or more (the rule of NATS). */

const PART = /^[^\s*>]+$/;

/** Refuses what is no subject of a message: an empty part, a blank, a wildcard. */
export function assertSubject(subject: string): void {
  if (subject.split('.').every(part => PART.test(part))) return;
  throw new Error(`"${subject}" is no subject of a message: it is parts joined by dots, without blanks, "*" and ">"`);
}

/** Refuses what is no pattern: an empty part, a blank, a `>` that is not the last part, a wildcard within a part. */
export function assertPattern(pattern: string): void {
  const parts = pattern.split('.');
  const legal = parts.every((part, at) => part === '*' || (part === '>' && at === parts.length - 1) || PART.test(part));
  if (!legal)
    throw new Error(`"${pattern}" is no pattern of subjects: it is parts joined by dots; "*" is a whole part, ">" the last part`);
}

/** Whether a subject fits a pattern. */
export const matches = (pattern: string, subject: string): boolean => overlap(pattern, subject);

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
