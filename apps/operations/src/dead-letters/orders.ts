import { parseArgs } from 'node:util';
import { discardDeadLetters, retryDeadLetters, type Bus, type DeadLetter } from '#bus';
import { oneLine, UsageError } from '../command-line.js';

/** What an operator wants done with one dead letter, or with all when it names none. */
export type Order = { readonly action: 'list' } | { readonly action: 'retry' | 'discard'; readonly id: string | undefined };

/** @throws {UsageError} */
export function orderOf(args: readonly string[]): Order {
  const { values, positionals } = parsed(args);
  const [action, id, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`one id at a time: "${more.join(' ')}" is too much`);
  switch (action) {
    case 'list':
      if (id !== undefined || values.all) throw new UsageError('list takes nothing more: it lists all');
      return { action };
    case 'retry':
    case 'discard':
      if ((id !== undefined) === values.all) throw new UsageError(`${action} takes either an id or --all`);
      return { action, id };
    case undefined:
      throw new UsageError('what is to be done is missing');
    default:
      throw new UsageError(`"${action}" is nothing that can be done with dead letters`);
  }
}

function parsed(args: readonly string[]) {
  const options = { all: { type: 'boolean', default: false } } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(oneLine(error), { cause: error });
  }
}

/** @returns what there is to print, one JSON object a line @throws {Error} there is no dead letter of that id */
export async function carryOut(order: Order, bus: Bus): Promise<readonly object[]> {
  switch (order.action) {
    case 'list':
      return (await bus.deadLetters()).map(asLine);
    case 'retry':
      return [
        {
          retried: await countOf(
            order.id,
            id => bus.retryDeadLetter(id),
            () => retryDeadLetters(bus),
          ),
        },
      ];
    case 'discard':
      return [
        {
          discarded: await countOf(
            order.id,
            id => bus.discardDeadLetter(id),
            () => discardDeadLetters(bus),
          ),
        },
      ];
  }
}

async function countOf(
  id: string | undefined,
  one: (id: string) => Promise<boolean>,
  all: () => Promise<number>,
): Promise<number> {
  if (id === undefined) return all();
  if (!(await one(id))) throw new Error(`there is no dead letter with the id "${id}"`);
  return 1;
}

const asLine = ({ id, subject, error, attempts, diedAt, data, headers }: DeadLetter): object => ({
  id,
  subject,
  error,
  attempts,
  died_at: new Date(diedAt).toISOString(),
  data,
  headers,
});
