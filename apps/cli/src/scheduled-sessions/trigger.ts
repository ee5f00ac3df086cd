import { setTimeout as pause } from 'node:timers/promises';
import type { OverlapPolicy, Run } from '#client';
import type { Context } from '../context.js';
import { EXIT, UsageError } from '../errors.js';
import { oneLine } from '../output/text.js';
import { followToItsEnd } from '../sessions/follow.js';
import { onOneOrMany } from './many.js';

interface TriggerOptions {
  readonly prompt?: string;
  readonly overlap?: OverlapPolicy;
  readonly search?: string;
  readonly watch?: boolean;
}

/** How often a run that waits for its turn is looked at. */
const LOOK_MS = 1000;

export async function trigger(context: Context, nameOrId: string | undefined, options: TriggerOptions): Promise<number | void> {
  const { prompt, overlap, search, watch } = options;
  if (search !== undefined && (watch || prompt !== undefined || overlap !== undefined)) {
    throw new UsageError('--prompt, --overlap and --watch are for one schedule, not for a search');
  }
  return onOneOrMany(context, nameOrId, options, 'trigger', async ({ id, name }) => {
    const { printer } = context;
    const { scheduledSessions } = await context.client();
    const body = { ...(prompt === undefined ? {} : { prompt }), ...(overlap === undefined ? {} : { overlap_policy: overlap }) };
    const { status, reason, run, session } = await scheduledSessions.trigger(await context.project(), id, body);
    if (!watch && printer.isForPrograms) return printer.value({ status, reason, run, session });
    if (!watch && printer.output === 'name') return printer.write(`${run.session_id ?? run.id}\n`);
    const told = `scheduled session ${oneLine(name)} ${status}${reason === undefined ? '' : `: ${reason}`}`;
    if (!watch) return printer.write(`${told}${session ? `, session ${session.id}` : ''}\n`);
    if (printer.isForPrograms) await printer.write(`${JSON.stringify({ type: 'run', status, reason, run })}\n`);
    else printer.note(told);
    if (status === 'skipped') return EXIT.failed;
    const started = status === 'triggered' ? run : await itsTurn(context, id, run);
    return started.session_id === undefined ? EXIT.failed : followToItsEnd(context, { id: started.session_id });
  });
}

/** Waits until a queued run is started or dropped. */
async function itsTurn(context: Context, scheduleId: string, { id }: Run): Promise<Run> {
  const { scheduledSessions } = await context.client();
  const project = await context.project();
  for (;;) {
    const { items } = await scheduledSessions.runs(project, scheduleId, { search: `id = '${id}'` });
    const run = items[0]?.run;
    if (run && run.outcome !== 'queued') return run;
    await pause(LOOK_MS, undefined, { signal: context.signal }).catch(() => context.signal.throwIfAborted());
  }
}
