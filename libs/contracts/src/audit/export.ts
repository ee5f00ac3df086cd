/** The line of an event in an audit export. The query API writes it, and whoever verifies an export expects exactly it. */
import { hash } from 'node:crypto';

/** An event as texts: payload and metadata as they are stored, which is what the hash was taken over. */
export interface StoredTexts {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
  readonly position: string;
}

/**
 * Without the line feed at its end. `line_hash`, SHA-256 of the line before it, is no evidence, as anyone can make it: it shows what was changed
 * by accident where the chain of hashes does not reach, the position.
 */
export function exportLine({ stream, revision, type, data, metadata, position }: StoredTexts): string {
  const head = JSON.stringify({ stream, revision, type }).slice(0, -1);
  const line = `${head},"payload":${data},"metadata":${metadata},"position":${JSON.stringify(position)}`;
  return `${line},"line_hash":"${hash('sha256', line)}"}`;
}
