/**
 * The regular expression that a `like` or `ilike` pattern stands for: `%` is any text, `_` one code point, everything else itself;
 * there is no escape. `ilike` compares by Unicode simple case folding (CaseFolding.txt, status C and S), which is what the flags
 * `i` and `u` together mean in ECMAScript.
 *
 * Each part between two `%` is matched at its first place and then kept, as `(?=(…))\1`, so that no pattern can make the match
 * backtrack beyond one part. PCRE writes the same as `(?>.*?part)`.
 */
export function likeToRegExp(pattern: string, ignoreCase: boolean): RegExp {
  const [first = '', ...rest] = pattern.replace(/%+/g, '%').split('%').map(partSource);
  const last = rest.pop();
  const middle = rest.map((part, i) => `(?=(.*?${part}))\\${i + 1}`).join('');
  const source = last === undefined ? first : `${first}${middle}.*${last}`;
  return new RegExp(`^${source}$`, ignoreCase ? 'isu' : 'su');
}

const partSource = (part: string): string => part.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`).replaceAll('_', '.');
