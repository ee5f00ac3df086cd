/**
 * The search language of the list routes (2-http-api, Conventions), read by recursive descent:
 *
 *     search    = conjunction { "or" conjunction }
 *     conjunction = term { "and" term }
 *     term      = "not" term | "(" search ")" | condition
 *     condition = field ( "=" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) literal
 *               | field [ "not" ] "in" "(" literal { "," literal } ")"
 *               | field [ "not" ] ( "like" | "ilike" ) text
 *               | field "is" [ "not" ] "null"
 *
 * Keywords are case-insensitive, field names are not. `''` inside a quoted text is one quote; in a pattern `%` and `_` are wild and
 * nothing escapes them. An operator never holds for an absent field, `!=`, `not in` and `not like` included; `not` before a
 * condition makes it its exact opposite (see Filter).
 */
import type { Comparison, Filter } from './filter.js';
import type { FieldType } from './read-store.js';
import { literalValue } from './search-literals.js';
import { SearchSyntaxError, tokenize, type Token } from './search-tokens.js';

export { SearchSyntaxError };

/** Bounds of a search text, so that no text can exhaust the stack or an engine: its characters, `not`s and parentheses inside each other, its conditions. */
export const SEARCH_LIMITS = { characters: 4096, depth: 50, conditions: 100, pattern: 1024 } as const;

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ['=', 'eq'],
  ['!=', 'ne'],
  ['<>', 'ne'],
  ['<', 'lt'],
  ['<=', 'le'],
  ['>', 'gt'],
  ['>=', 'ge'],
]);

/**
 * The filter that a search text stands for. Only the given fields can be named, and literals are converted to their field's type:
 * times to UTC with 3 fractional digits.
 *
 * @throws {SearchSyntaxError} for any other text.
 */
export function parseSearch(text: string, fields: Readonly<Record<string, FieldType>>): Filter {
  if (text.length > SEARCH_LIMITS.characters) {
    throw new SearchSyntaxError(`the search has more than ${SEARCH_LIMITS.characters} characters`, SEARCH_LIMITS.characters + 1);
  }
  return new Parser(tokenize(text), fields).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #fields: Readonly<Record<string, FieldType>>;
  #next = 0;
  #depth = 0;
  #conditions = 0;

  constructor(tokens: readonly Token[], fields: Readonly<Record<string, FieldType>>) {
    this.#tokens = tokens;
    this.#fields = fields;
  }

  parse(): Filter {
    const filter = this.#search();
    if (this.#peek().kind !== 'end') throw this.#expected("'and', 'or' or the end");
    return filter;
  }

  #search(): Filter {
    return this.#chain('or', () => this.#chain('and', () => this.#term()));
  }

  #chain(kind: 'and' | 'or', operand: () => Filter): Filter {
    const first = operand();
    if (!this.#isNext(kind)) return first;
    const filters = [first];
    while (this.#accept(kind)) filters.push(operand());
    return { kind, filters };
  }

  #term(): Filter {
    if (this.#accept('not')) return this.#nested(() => ({ kind: 'not', filter: this.#term() }));
    if (!this.#accept('(')) return this.#condition();
    return this.#nested(() => {
      const filter = this.#search();
      this.#expect(')');
      return filter;
    });
  }

  #nested(read: () => Filter): Filter {
    if (++this.#depth > SEARCH_LIMITS.depth) throw this.#error(`nested more than ${SEARCH_LIMITS.depth} deep`);
    const filter = read();
    this.#depth--;
    return filter;
  }

  #condition(): Filter {
    if (++this.#conditions > SEARCH_LIMITS.conditions) throw this.#error(`more than ${SEARCH_LIMITS.conditions} conditions`);
    const { field, type } = this.#field();
    const operator = COMPARISONS.get(this.#peek().value);
    if (operator !== undefined && this.#peek().kind === 'symbol') {
      this.#take();
      return { kind: 'compare', field, operator, value: literalValue(this.#take(), field, type) };
    }
    if (this.#accept('is')) return this.#nullTest(field);
    if (!this.#accept('not')) return this.#membershipOrPattern(field, type);
    const opposite: Filter = { kind: 'not', filter: this.#membershipOrPattern(field, type) };
    return { kind: 'and', filters: [opposite, { kind: 'not', filter: { kind: 'isNull', field } }] };
  }

  #field(): { field: string; type: FieldType } {
    const token = this.#peek();
    if (token.kind !== 'word') throw this.#expected("a field, 'not' or '('");
    const type = Object.hasOwn(this.#fields, token.value) ? this.#fields[token.value] : undefined;
    if (type === undefined) {
      const allowed = Object.keys(this.#fields).join(', ');
      throw this.#error(`unknown field '${token.value}' (the fields are ${allowed})`);
    }
    this.#take();
    return { field: token.value, type };
  }

  #nullTest(field: string): Filter {
    const isNull: Filter = { kind: 'isNull', field };
    const filter: Filter = this.#accept('not') ? { kind: 'not', filter: isNull } : isNull;
    this.#expect('null');
    return filter;
  }

  #membershipOrPattern(field: string, type: FieldType): Filter {
    if (this.#accept('in')) return this.#membership(field, type);
    const kind = (['like', 'ilike'] as const).find(keyword => this.#isNext(keyword));
    if (kind === undefined) throw this.#expected("an operator ('=', '!=', '<', '<=', '>', '>=', 'in', 'like', 'ilike', 'is')");
    if (type !== 'text') throw this.#error(`'${kind}' needs a text field, '${field}' is a ${type},`);
    this.#take();
    const pattern = this.#peek();
    if (pattern.kind !== 'text') throw this.#expected("a pattern in quotes, for example 'a%'");
    if (pattern.value.length > SEARCH_LIMITS.pattern)
      throw this.#error(`a pattern has more than ${SEARCH_LIMITS.pattern} characters`);
    this.#take();
    return { kind, field, pattern: pattern.value };
  }

  #membership(field: string, type: FieldType): Filter {
    this.#expect('(');
    const values = [literalValue(this.#take(), field, type)];
    while (this.#accept(',')) values.push(literalValue(this.#take(), field, type));
    this.#expect(')');
    return { kind: 'in', field, values };
  }

  #peek(): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new RangeError('read past the end token');
    return token;
  }

  /** The next token; the end can be taken too, but is never passed. */
  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #isNext(keywordOrSymbol: string): boolean {
    const { kind, value } = this.#peek();
    return (kind === 'word' || kind === 'symbol') && value.toLowerCase() === keywordOrSymbol;
  }

  #accept(keywordOrSymbol: string): boolean {
    const accepted = this.#isNext(keywordOrSymbol);
    if (accepted) this.#take();
    return accepted;
  }

  #expect(keywordOrSymbol: string): void {
    if (!this.#accept(keywordOrSymbol)) throw this.#expected(`'${keywordOrSymbol}'`);
  }

  #expected(what: string): SearchSyntaxError {
    const { kind, value } = this.#peek();
    return this.#error(`expected ${what}, found ${kind === 'end' ? 'the end' : `'${value}'`}`);
  }

  #error(problem: string): SearchSyntaxError {
    return new SearchSyntaxError(problem, this.#peek().position);
  }
}
