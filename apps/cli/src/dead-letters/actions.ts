import { discardDeadLetters, retryDeadLetters, type Bus, type DeadLetter } from '#bus';
import type { Context } from '../context.js';
import { withMessaging } from '../engines.js';
import { Missing, UsageError } from '../errors.js';
import type { Shape } from '../output/shape.js';

interface Listed extends Pick<DeadLetter, 'id' | 'subject' | 'error' | 'attempts' | 'data' | 'headers'> {
  readonly died_at: string;
}

const shape: Shape<Listed> = {
  noun: 'dead letter',
  nameOf: ({ id }) => id,
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'SUBJECT', of: ({ subject }) => subject },
    { title: 'DIED', of: ({ died_at }, times) => times.show(died_at) },
    { title: 'ATTEMPTS', of: ({ attempts }) => String(attempts) },
    { title: 'ERROR', of: ({ error }) => error },
    { title: 'DATA', of: ({ data }) => data, wide: true },
  ],
};

export async function list(context: Context): Promise<void> {
  const letters = await withMessaging(context, ({ bus }) => bus.deadLetters());
  const listed = letters.map(({ id, subject, error, attempts, diedAt, data, headers }) => ({
    id,
    subject,
    error,
    attempts,
    died_at: new Date(diedAt).toISOString(),
    data,
    headers,
  }));
  await context.printer.list(shape, listed);
}

interface Options {
  readonly all?: boolean;
}

export const retry = (context: Context, id: string | undefined, options: Options): Promise<void> =>
  onOneOrAll(context, 'retried', id, options, { one: (bus, id) => bus.retryDeadLetter(id), all: retryDeadLetters });

export const discard = (context: Context, id: string | undefined, options: Options): Promise<void> =>
  onOneOrAll(context, 'discarded', id, options, { one: (bus, id) => bus.discardDeadLetter(id), all: discardDeadLetters });

interface Work {
  readonly one: (bus: Bus, id: string) => Promise<boolean>;
  readonly all: (bus: Bus) => Promise<number>;
}

async function onOneOrAll(
  context: Context,
  verb: string,
  id: string | undefined,
  { all = false }: Options,
  work: Work,
): Promise<void> {
  if ((id !== undefined) === all) throw new UsageError('either an id or --all');
  const count = await withMessaging(context, async ({ bus }) => {
    if (id === undefined) return work.all(bus);
    if (!(await work.one(bus, id))) throw new Missing(`there is no dead letter with the id "${id}"`);
    return 1;
  });
  const { printer } = context;
  if (printer.isForPrograms) return printer.value({ [verb]: count });
  await printer.write(`${count} ${verb}\n`);
}
