/** 1,000 random instants of random pasts, each explained over HTTP and by the naive second opinion. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { EXPLANATION_REASONS, type Explanation } from '#contracts';
import { EMPTY_TAIL, encode, type Tail } from '#journal';
import { CHANGES, Random, randomPast, written, type Past } from '../../../testing/past.js';
import { NaiveDays, neighbours, opinionOn } from '../../../testing/second-opinion.js';
import { World } from '../../../testing/world.js';

const INSTANTS = 1000;
const PASTS_PER_CHANGE = 3;
/** Seconds. */
const DAY = 86_400;

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.makeProject('alpha');
});
afterAll(() => world.close());

/** Milliseconds since 1970, of all kinds. */
function randomInstant(random: Random, { schedule, runs, start, end }: Past, days: NaiveDays, changedAt: number): number {
  const inside = random.pick([0, 0, 1, 999, random.between(0, 999)]);
  const quarter = (from: number, to: number): number => Math.floor(random.between(from, to) / 900_000) * 900_000;
  /** The next tick, if there is one within a day. */
  const tickFrom = (from: number): number => {
    const first = from / 1000;
    for (let second = first; second < Math.min(first + DAY, days.to); second += 60) {
      if (days.isNominal(schedule, second)) return second * 1000;
    }
    return from;
  };
  switch (random.between(0, 9)) {
    case 0:
      return random.between(start, end + 2 * DAY * 1000);
    case 1:
      return random.pick(schedule).at + random.pick([0, -1000, 1000]);
    case 2:
    case 3:
      return quarter(changedAt, changedAt) + random.between(-6, 6) * 900_000 + inside;
    case 4:
      return quarter(end, end + 2 * DAY * 1000) + inside;
    case 5:
      return tickFrom(quarter(end, end + 2 * DAY * 1000)) + inside;
    case 6: {
      const decided = runs.length > 0 ? random.pick(runs) : undefined;
      return decided && 'scheduled_for' in decided.payload
        ? Date.parse(decided.payload.scheduled_for) + random.pick([0, 0, -1000])
        : start;
    }
    default:
      return tickFrom(quarter(start, end)) + inside;
  }
}

async function tell({ schedule, runs }: Past): Promise<void> {
  const tails = new Map<string, Tail>();
  const writes = [...schedule, ...runs]
    .sort((a, b) => a.at - b.at)
    .map(({ type, payload, stream, id, at, actor }) => {
      const tail = tails.get(stream) ?? EMPTY_TAIL;
      const cause = { actor, occurred_at: written(at), correlation_id: 'c', causation_id: 'c' };
      const encoded = encode(stream, tail, { type, payload } as Parameters<typeof encode>[2], id, cause);
      tails.set(stream, encoded.tail);
      return { stream, expected: tail.revision < 0 ? ('none' as const) : tail.revision, events: [encoded.event] };
    });
  await world.events.append(writes);
  await world.project();
}

/** What the second opinion says, in the shape of {@link saidBy}. */
function expected(past: Past, days: NaiveDays, second: number) {
  const { event_id, run, lateness_ms, clock, verdict, reason } = opinionOn(past, days, second);
  const { previous, next } = neighbours(past, days, second);
  const configurations = past.schedule.filter(({ at }) => at < second * 1000).length;
  const byHand = past.runs.filter(
    ({ payload }) =>
      'trigger' in payload &&
      ['manual', 'backfill'].includes(payload.trigger) &&
      Math.floor(Date.parse(payload.scheduled_for) / 1000) === second,
  );
  return {
    verdict,
    reason,
    due: verdict !== 'not_due',
    event_id,
    run,
    lateness_ms,
    clock,
    revision: configurations === 0 ? undefined : configurations - 1,
    previous,
    next,
    other_runs: byHand.length,
  };
}

const saidBy = (told: Explanation, days: NaiveDays): ReturnType<typeof expected> => ({
  verdict: told.verdict,
  reason: told.reason,
  due: told.due,
  event_id: told.decided_by.event_id,
  run: told.run?.id,
  lateness_ms: told.lateness_ms,
  clock: told.clock,
  revision: told.configuration?.revision,
  previous: told.previous_tick,
  // The second opinion has not walked beyond its days.
  next: Date.parse(told.next_tick ?? '') > days.to * 1000 ? undefined : told.next_tick,
  other_runs: told.other_runs.length,
});

it('explains every instant as the naive walk does, and none as unknown', async () => {
  const random = new Random(Number(process.env['EXPLAIN_SEED'] ?? Math.floor(Math.random() * 2 ** 32)));
  const seen: Record<string, number> = {};
  for (const change of CHANGES) {
    const changedAt = Date.parse(change[1]);
    const days = new NaiveDays(changedAt / 1000 - 5 * DAY, changedAt / 1000 + 8 * DAY);
    const pasts = Array.from({ length: PASTS_PER_CHANGE }, () =>
      randomPast(random, world.id(), change, (schedule, tick) => days.isNominal(schedule, tick)),
    ).sort((a, b) => a.end - b.end);
    for (const past of pasts) {
      await tell(past);
      world.clock.advance(past.end - world.clock.now());
      for (let left = Math.ceil(INSTANTS / CHANGES.length / PASTS_PER_CHANGE); left > 0; left--) {
        const at = randomInstant(random, past, days, changedAt);
        const { json } = await world.get(`/projects/alpha/scheduled-sessions/${past.id}/explain?at=${written(at)}`);
        const told = json as unknown as Explanation;
        const where = { seed: random.seed, zone: change[0], schedule: past.id, at: written(at) };
        expect({ ...where, ...saidBy(told, days) }).toEqual({ ...where, ...expected(past, days, Math.floor(at / 1000)) });
        const key = `${told.verdict} ${told.reason}`;
        seen[key] = (seen[key] ?? 0) + 1;
        expect([...EXPLANATION_REASONS[told.verdict]] as string[]).toContain(told.reason);
      }
    }
  }
  console.info(`seed ${random.seed}:`, seen);
  const verdicts = new Set(Object.keys(seen).map(key => key.split(' ')[0]));
  expect(verdicts).toEqual(new Set(Object.keys(EXPLANATION_REASONS)));
}, 300_000);
