import type { Context } from '../context.js';
import { EXIT, exitCodeOf, explain, UsageError } from '../errors.js';
import { oneLine } from '../output/text.js';
import { differenceOf } from './difference.js';
import { RULES, type Kind } from './kinds.js';
import { manifestOf } from './manifest.js';
import { planOf, type Step } from './plan.js';
import { documentsIn } from './read.js';
import { Executor, presentOf } from './server.js';

interface ApplyOptions {
  readonly file: readonly string[];
  readonly dryRun?: boolean;
  readonly prune?: boolean;
}

/** What became of one document, or of one thing that none named. */
interface Result {
  readonly kind: Kind;
  readonly project: string;
  readonly name: string;
  readonly result: 'created' | 'changed' | 'unchanged' | 'deleted' | 'failed';
  /** Fields that were changed. */
  readonly fields?: readonly string[];
  readonly error?: string;
}

const RESULTS = { create: 'created', update: 'changed', keep: 'unchanged', delete: 'deleted' } as const;

/** What can't be done does not keep the others from it; the exit code is that of the first. */
export async function apply(context: Context, { file, dryRun = false, prune = false }: ApplyOptions): Promise<number> {
  const { project } = await context.connection();
  const wanted = manifestOf(await documentsIn(file), project);
  if (wanted.length === 0) throw new UsageError('there is no document to apply');
  const client = await context.client();
  const present = await presentOf(client, wanted);
  const executor = new Executor(client, present);
  const { printer } = context;
  const results: Result[] = [];
  let code: number = EXIT.ok;
  for (const step of planOf(wanted, { things: present }, { prune })) {
    context.signal.throwIfAborted();
    if (dryRun && !printer.isForPrograms) await printer.write(differenceOf(step, present, printer.paint));
    const result = await executed(step, dryRun ? undefined : executor);
    results.push(result.told);
    code ||= result.code;
    if (!printer.isForPrograms) await tell(context, result.told, dryRun);
  }
  if (printer.isForPrograms) await printer.value(results);
  return code;
}

/** @param executor none: nothing is done */
async function executed(step: Step, executor: Executor | undefined): Promise<{ told: Result; code: number }> {
  const { kind, project, name } = step.action === 'delete' ? step.existing : step.wanted;
  const which = { kind, project, name };
  const fields = step.action === 'update' ? { fields: Object.keys(step.changes) } : {};
  try {
    await executor?.carryOut(step);
    return { told: { ...which, result: RESULTS[step.action], ...fields }, code: EXIT.ok };
  } catch (error) {
    return {
      told: { ...which, result: 'failed', error: (await explain(error)) ?? 'interrupted' },
      code: await exitCodeOf(error),
    };
  }
}

async function tell({ printer }: Context, { kind, name, result, error }: Result, dryRun: boolean): Promise<void> {
  const what = `${RULES[kind].noun} ${oneLine(name)}`;
  if (error !== undefined) printer.note(`ambientctl: ${what}: ${error}`);
  else if (printer.output === 'name') await printer.write(`${oneLine(name)}\n`);
  else await printer.write(`${what} ${result}${dryRun ? ' (dry run)' : ''}\n`);
}
