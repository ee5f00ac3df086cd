/** `like` and `ilike` patterns as regular expressions of MongoDB, which are PCRE2's in UTF mode. */

const SPECIAL = /[\\^$.*+?()[\]{}|/]/;
/** Has another case: without one, a character is only ever itself. */
const CASED = /[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]/u;
/** All letters with another case are in the first two planes of Unicode. */
const CODE_POINTS = 0x20000;

let cased: string | undefined;

/**
 * What {@link likeToRegExp} means by a pattern. It has to be used with the option `s`. Without `i`: which letters an engine holds for
 * the same depends on its version of Unicode, so that `ilike` lists the letters itself.
 */
export function likeToPattern(pattern: string, ignoreCase: boolean): string {
  const source = sources(ignoreCase);
  const [first = '', ...rest] = pattern
    .replace(/%+/g, '%')
    .split('%')
    .map(part => Array.from(part, source).join(''));
  const last = rest.pop();
  if (last === undefined) return String.raw`^${first}\z`;
  const middle = rest.map(part => `(?>.*?${part})`).join('');
  return String.raw`^${first}${middle}.*${last}\z`;
}

/** What each character of a pattern becomes, `%` apart. */
function sources(ignoreCase: boolean): (character: string) => string {
  const known = new Map([
    ['_', '.'],
    // A NUL would end the pattern.
    ['\0', String.raw`\x00`],
  ]);
  return character => {
    const source = known.get(character) ?? (ignoreCase && CASED.test(character) ? variants(character) : escape(character));
    known.set(character, source);
    return source;
  };
}

const escape = (character: string): string => (SPECIAL.test(character) ? `\\${character}` : character);

/** All letters that Unicode simple case folding makes equal to this one. */
function variants(character: string): string {
  cased ??= casedLetters();
  const same = cased.match(new RegExp(character, 'giu')) ?? [character];
  return same.length > 1 ? `(?:${same.join('|')})` : character;
}

const casedLetters = (): string =>
  Array.from({ length: CODE_POINTS }, (_, codePoint) => String.fromCodePoint(codePoint))
    .filter(character => CASED.test(character))
    .join('');
