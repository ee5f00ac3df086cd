import { PoisonMessage, type Bus } from '#bus';
import { until } from '#bus/testing';

/**
 * Publishes messages of these ids to `topic.a`, and has each become a dead letter in turn.
 * @returns the ids that were handled, and the consumer's switch: from then on it handles all
 */
export async function bury(bus: Bus, topic: string, ids: readonly string[]): Promise<{ mend: () => void; seen: string[] }> {
  const seen: string[] = [];
  let isBroken = true;
  const durable = `operator-${topic.slice(-12)}`;
  const options = { durable, subject: `${topic}.*`, concurrency: 1, backoffMs: [10], maxDeliveries: 3 };
  await bus.consume(options, async ({ id }) => {
    if (isBroken) throw new PoisonMessage(`no one can read ${id}`);
    seen.push(id);
  });
  for (const id of ids) {
    await bus.publish({ subject: `${topic}.a`, id, data: JSON.stringify({ n: id }), headers: { note: 'ü' } });
    await until(async () => (await bus.deadLetters()).some(letter => letter.id === id));
  }
  return { mend: () => void (isBroken = false), seen };
}
