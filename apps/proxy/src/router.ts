import type { Row } from './rows.js';

interface Node {
  readonly literal: Map<string, Node>;
  parameter?: Node;
  readonly rows: Map<string, Row>;
}

/** The rows of a path, by method. */
export type Matches = ReadonlyMap<string, Row>;

const newNode = (): Node => ({ literal: new Map(), rows: new Map() });
const segmentsOf = (template: string): string[] => template.slice(1).split('/');
const isParameter = (segment: string): boolean => segment.startsWith('{');

/** Makes a lookup of the rows that a path, as decoded segments, has. A literal segment goes before a parameter. */
export function createRouter(rows: readonly Row[]): (segments: readonly string[]) => Matches | undefined {
  const root = newNode();
  for (const row of rows) {
    let node = root;
    for (const segment of segmentsOf(row.template)) node = childOf(node, segment);
    node.rows.set(row.method, row);
  }
  return segments => find(root, segments, 0);
}

function childOf(node: Node, segment: string): Node {
  if (isParameter(segment)) return (node.parameter ??= newNode());
  const child = node.literal.get(segment) ?? newNode();
  node.literal.set(segment, child);
  return child;
}

function find(node: Node, segments: readonly string[], depth: number): Matches | undefined {
  const segment = segments[depth];
  if (segment === undefined) return node.rows.size > 0 ? node.rows : undefined;
  const literal = node.literal.get(segment);
  const found = literal && find(literal, segments, depth + 1);
  if (found) return found;
  return node.parameter && segment !== '' ? find(node.parameter, segments, depth + 1) : undefined;
}

/** The path to ask of the upstream: the template's own text, and the parameters encoded anew. */
export const upstreamPath = (row: Row, segments: readonly string[]): string =>
  '/' +
  segmentsOf(row.template)
    .map((part, index) => (isParameter(part) ? encodeURIComponent(segments[index] ?? '') : part))
    .join('/');
