import { type Bus } from './bus.js';

/** Has every dead letter delivered again. @returns how many */
export const retryDeadLetters = (bus: Bus): Promise<number> => forEach(bus, id => bus.retryDeadLetter(id));

/** Forgets every dead letter. @returns how many */
export const discardDeadLetters = (bus: Bus): Promise<number> => forEach(bus, id => bus.discardDeadLetter(id));

async function forEach(bus: Bus, act: (id: string) => Promise<boolean>): Promise<number> {
  let count = 0;
  for (const { id } of await bus.deadLetters()) if (await act(id)) count++;
  return count;
}
