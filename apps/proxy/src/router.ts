/** From a path to its rows, and from a row to the path to ask of the upstream. */
import type { Row } from './rows/index.js';

type Part = { readonly kind: 'literal'; readonly text: string } | { readonly kind: 'parameter' | 'rest'; readonly name: string };

/** A row, its template taken apart. */
export interface CompiledRow extends Row {
  readonly parts: readonly Part[];
}

/** The rows of a path, by method. */
export type Matches = ReadonlyMap<string, CompiledRow>;

interface Node {
  readonly literal: Map<string, Node>;
  parameter?: Node;
  rest?: Node;
  readonly rows: Map<string, CompiledRow>;
}

const newNode = (): Node => ({ literal: new Map(), rows: new Map() });
const partsOf = (template: string): Part[] => template.slice(1).split('/').map(partOf);

function partOf(text: string): Part {
  const [, name, star] = /^\{(\w+)(\*?)\}$/.exec(text) ?? [];
  if (name === undefined) return { kind: 'literal', text };
  return { kind: star === '' ? 'parameter' : 'rest', name };
}

/** Makes a lookup of the rows that a path, as decoded segments, has. A literal segment goes before a parameter, and both before a rest. */
export function createRouter(rows: readonly Row[]): (segments: readonly string[]) => Matches | undefined {
  const root = newNode();
  for (const row of rows) {
    const parts = partsOf(row.template);
    let node = root;
    for (const part of parts) node = childOf(node, part);
    if (node.rows.has(row.method)) throw new Error(`two rows for ${row.method} ${row.template}`);
    node.rows.set(row.method, { ...row, parts });
  }
  return segments => find(root, segments, 0);
}

function childOf(node: Node, part: Part): Node {
  switch (part.kind) {
    case 'parameter':
      return (node.parameter ??= newNode());
    case 'rest':
      return (node.rest ??= newNode());
    case 'literal': {
      const child = node.literal.get(part.text) ?? newNode();
      node.literal.set(part.text, child);
      return child;
    }
  }
}

function find(node: Node, segments: readonly string[], depth: number): Matches | undefined {
  const segment = segments[depth];
  if (segment === undefined) return node.rows.size > 0 ? node.rows : node.rest?.rows;
  const literal = node.literal.get(segment);
  const found = literal && find(literal, segments, depth + 1);
  if (found) return found;
  // Only the last segment can be empty: the path ends with a slash, and is no path of ours.
  const parameter = node.parameter && segment !== '' ? find(node.parameter, segments, depth + 1) : undefined;
  return parameter ?? (segments.at(-1) === '' ? undefined : node.rest?.rows);
}

/** The values of the parameters of a path that matches the row, decoded. */
export function parametersIn({ parts }: CompiledRow, segments: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    if (part?.kind === 'parameter') values[part.name] = segments[index] ?? '';
    else if (part?.kind === 'rest') values[part.name] = segments.slice(index).join('/');
  }
  return values;
}

/** The path to ask of the upstream: the template's own text, and the parameters encoded anew. */
export function upstreamPath({ parts }: CompiledRow, segments: readonly string[]): string {
  let path = '';
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    if (!part) continue;
    if (part.kind === 'literal') path += `/${part.text}`;
    else if (part.kind === 'parameter') path += `/${encodeURIComponent(segments[index] ?? '')}`;
    else for (const segment of segments.slice(index)) path += `/${encodeURIComponent(segment)}`;
  }
  return path;
}
