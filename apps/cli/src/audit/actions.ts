import type { AuditEvent, AuditQuery, AuditVerification } from '#client';
import type { Context } from '../context.js';
import { EXIT, UsageError } from '../errors.js';
import { atMost } from '../lists.js';
import { Progress } from '../output/progress.js';
import type { Shape } from '../output/shape.js';
import { oneLine } from '../output/text.js';
import { ExportFile } from './export-file.js';
import { verifyFile, type FileVerdict } from './verify-file.js';

const shape: Shape<AuditEvent> = {
  noun: 'event',
  nameOf: ({ position }) => position,
  columns: [
    { title: 'TIME', of: ({ occurred_at }, times) => times.show(occurred_at) },
    { title: 'TYPE', of: ({ type }) => type },
    { title: 'STREAM', of: ({ stream }) => stream },
    { title: 'REVISION', of: ({ revision }) => String(revision) },
    { title: 'ACTOR', of: ({ actor }) => `${actor.id} (${actor.kind})` },
    { title: 'POSITION', of: ({ position }) => position, wide: true },
    { title: 'HASH', of: ({ hash }) => hash, wide: true },
  ],
};

type Filter = Omit<AuditQuery, 'limit'>;

const filterOf = ({ after, from, to, actor, type }: Filter): Filter => {
  const given = Object.entries({ after, from, to, actor, type }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
};

export async function list(context: Context, options: AuditQuery): Promise<void> {
  const { audit } = await context.client();
  await context.printer.list(shape, atMost(options.limit, audit.all(await context.project(), filterOf(options))));
}

export async function exportAll(context: Context, options: Filter & { readonly file?: string }): Promise<void> {
  const { printer, signal } = context;
  const { audit } = await context.client();
  const project = await context.project();
  if (options.file === undefined) {
    for await (const line of audit.lines(project, filterOf(options), { signal })) await printer.write(`${line}\n`);
    return;
  }
  const progress = new Progress('events');
  const file = await ExportFile.open(options.file);
  try {
    const after = options.after ?? file.lastPosition;
    let count = 0;
    for await (const line of audit.lines(
      project,
      { ...filterOf(options), ...(after === undefined ? {} : { after }) },
      { signal },
    )) {
      await file.add(line);
      progress.at((count += 1));
    }
    progress.end();
    printer.note(`${count} events written to ${options.file}`);
  } finally {
    progress.end();
    await file.close();
  }
}

export async function verify(
  context: Context,
  path: string | undefined,
  { partial = false }: { readonly partial?: boolean },
): Promise<number> {
  if (path === undefined && partial) throw new UsageError('--partial is about an export: which file?');
  const verdict = path === undefined ? await onServer(context) : await offline(path, partial);
  await show(context, verdict);
  return verdict.valid ? EXIT.ok : EXIT.failed;
}

async function onServer(context: Context): Promise<AuditVerification> {
  const { audit } = await context.client();
  return audit.verify(await context.project());
}

async function offline(path: string, partial: boolean): Promise<FileVerdict> {
  const progress = new Progress('events verified');
  try {
    return await verifyFile(path, { partial, onProgress: count => progress.at(count) });
  } finally {
    progress.end();
  }
}

async function show({ printer }: Context, verdict: FileVerdict | AuditVerification): Promise<void> {
  if (printer.isForPrograms) return printer.value(verdict);
  const counted = `${verdict.events} events of ${verdict.streams} streams`;
  if (verdict.valid) return printer.write(`${printer.paint('green', 'valid')}: ${counted}\n`);
  const { stream = '', revision = -1, problem = '' } = verdict.first_bad ?? {};
  const line = verdict.first_bad && 'line' in verdict.first_bad ? `line ${verdict.first_bad.line}: ` : '';
  const event = stream === '' ? '' : `${oneLine(stream)} revision ${revision}: `;
  await printer.write(`${printer.paint('red', 'not valid')}: ${line}${event}${oneLine(problem)} (${counted} looked at)\n`);
}
