/** First half of the search language: text to tokens. */

/** The search text is wrong. The message names the place and what would be right. */
export class SearchSyntaxError extends Error {
  override readonly name = 'SearchSyntaxError';
  /** Where the offending token starts, in UTF-16 code units, the first one is 1: the number that the message says. */
  readonly position: number;

  constructor(problem: string, position: number) {
    super(`${problem} at position ${position}`);
    this.position = position;
  }
}

/** A piece of the search text. `value` is the source, of a text literal what stands between its quotes, unescaped. */
export interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'symbol' | 'end';
  readonly value: string;
  /** As {@link SearchSyntaxError.position}. */
  readonly position: number;
}

const TOKEN =
  /(?<word>[a-z_][\w.]*)|(?<number>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)|'(?<text>(?:[^']|'')*)'|(?<symbol><>|!=|<=|>=|[=<>(),])/iy;
const BLANK = /\s*/y;

const KINDS = ['word', 'number', 'text', 'symbol'] as const;

/** All tokens of the text; the last one is `end`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = skipBlank(text, 0); at < text.length; at = skipBlank(text, TOKEN.lastIndex)) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups ?? {};
    const kind = KINDS.find(kind => groups[kind] !== undefined);
    if (kind === undefined) throw unreadable(text, at);
    const source = groups[kind] ?? '';
    tokens.push({ kind, value: kind === 'text' ? source.replaceAll("''", "'") : source, position: at + 1 });
  }
  return [...tokens, { kind: 'end', value: '', position: text.length + 1 }];
}

function skipBlank(text: string, at: number): number {
  BLANK.lastIndex = at;
  BLANK.exec(text);
  return BLANK.lastIndex;
}

function unreadable(text: string, at: number): SearchSyntaxError {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const problem = character === "'" ? 'text without its closing quote' : `unexpected character ${JSON.stringify(character)}`;
  return new SearchSyntaxError(problem, at + 1);
}
