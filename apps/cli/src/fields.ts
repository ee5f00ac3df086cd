/** Options that are fields of a resource: one table says how they are written on the command line and what they become in a body. */
import { readFile } from 'node:fs/promises';
import { text as allOf } from 'node:stream/consumers';
import { UsageError } from './errors.js';

export interface Field {
  /** As commander takes it, for example `--max-runs <count>`. */
  readonly flags: string;
  /** In the body. */
  readonly name: string;
  readonly description: string;
  /** Default text. `file`: the content of a file. `pairs`: `name=value`, any number of them, as a JSON object in text. */
  readonly of?: 'text' | 'file' | 'integer' | 'number' | 'boolean' | 'pairs';
  readonly choices?: readonly string[];
}

/** The member of commander's options: `--max-runs <count>` is `maxRuns`. */
export const optionOf = ({ flags }: Pick<Field, 'flags'>): string =>
  (/--([\w-]+)/.exec(flags)?.[1] ?? '').replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Options by their names. */
export type Options = Readonly<Record<string, unknown>>;

/** The body that options ask for. @throws {UsageError} */
export async function bodyFrom(fields: readonly Field[], options: Options): Promise<Record<string, unknown>> {
  const body: Record<string, unknown> = {};
  for (const field of fields) {
    const value = options[optionOf(field)];
    if (value === undefined) continue;
    if (Object.hasOwn(body, field.name)) throw new UsageError(`${field.flags} says again what another option says`);
    body[field.name] = await valueOf(field, value);
  }
  for (const name of clearedBy(options)) {
    if (!fields.some(field => field.name === name)) throw new UsageError(`--clear ${name}: there is no such field`);
    if (Object.hasOwn(body, name)) throw new UsageError(`--clear ${name}: another option gives it a value`);
    body[name] = null;
  }
  return body;
}

/** The same for a change. @throws {UsageError} when it changes nothing */
export function changesIn<T extends object>(body: T): T {
  if (Object.keys(body).length === 0) throw new UsageError('what is to be changed? An option for a field, or --clear');
  return body;
}

const clearedBy = ({ clear }: Options): readonly string[] => (clear as readonly string[] | undefined) ?? [];

async function valueOf({ of = 'text', flags }: Field, value: unknown): Promise<unknown> {
  switch (of) {
    case 'text':
    case 'integer':
    case 'number':
    case 'boolean':
      return value;
    case 'file':
      return contentOf(value as string);
    case 'pairs':
      return JSON.stringify(Object.fromEntries((value as string[]).map(pair => pairOf(pair, flags))));
  }
}

function pairOf(text: string, flags: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`${flags}: "${text}" is not name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The text in a file; `-` is standard input. @throws {UsageError} */
export async function contentOf(path: string): Promise<string> {
  if (path === '-') return allOf(process.stdin);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} can't be read: ${(error as Error).message}`, { cause: error });
  }
}
