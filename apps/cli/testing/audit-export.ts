/** Exports as the service writes them, of any length. */
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { canonicalJson, exportLine, GENESIS_HASH, hashOf, type EventMetadata } from '#contracts';

/** Reports of sessions that have ten each. Not all of their text is ASCII. */
export function* exportLines(events: number): Generator<string> {
  let previous = GENESIS_HASH;
  for (let n = 0; n < events; n += 1) {
    const revision = n % 10;
    const stream = `session-${String(Math.floor(n / 10)).padStart(27, '0')}`;
    const payload = { phase: 'Running', project_id: 'acme', note: `ü \uFFFD 𝄞 "${n}"`, text: 'x'.repeat(200) };
    const metadata = {
      actor: { id: 'runtime', kind: 'runtime' },
      causation_id: 'test',
      correlation_id: 'test',
      event_id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      occurred_at: new Date(1_700_000_000_000 + n).toISOString(),
      prev_hash: revision === 0 ? GENESIS_HASH : previous,
      schema_version: 1,
    };
    const type = 'SessionStatusReported';
    previous = hashOf({ stream, revision, type, payload, metadata: metadata as unknown as EventMetadata });
    const stored = `${canonicalJson(metadata).slice(0, -1)},"hash":"${previous}"}`;
    const position = String(n).padStart(16, '0');
    yield `${exportLine({ stream, revision, type, data: canonicalJson(payload), metadata: stored, position })}\n`;
  }
}

/** @returns the number of bytes */
export async function writeExport(path: string, events: number): Promise<number> {
  await pipeline(exportLines(events), createWriteStream(path));
  return (await stat(path)).size;
}
