import { readFile, writeFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SchedulerWorld } from '../testing/scheduler-world.js';

const A = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const B = '2QnBvYb4ZJk9eTfMhXgPcRsAduX';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const HOURLY = { schedule: '0 * * * *' };
const time = (clock: string): string => `2026-02-01T${clock}:00.000Z`;

describe('a snapshot', () => {
  let world: SchedulerWorld;
  beforeEach(async () => {
    world = await SchedulerWorld.at(time('09:58'));
    await world.create(A, HOURLY);
    await world.create(B, { ...HOURLY, timezone: 'Asia/Kathmandu', jitter: 60, catch_up_policy: 'all' });
    await world.start({ snapshots: true });
    await world.clock.advance(4 * MINUTE);
    await world.decide(A, time('10:00'));
    await world.stop();
    world.clock.set(88 * MINUTE);
  });
  afterEach(() => world.end());

  const path = () => join(world.folder, 'scheduler.snapshot');
  const said = (text: string): boolean => world.lines.some(line => line.includes(text));

  /** What a scheduler asks for that starts now. */
  async function askedAnew(snapshots: boolean): Promise<string[]> {
    const before = world.bus.sent.length;
    await world.start({ snapshots });
    await world.clock.advance(5000);
    await world.stop();
    return world.bus.sent
      .slice(before)
      .map(({ request }) => `${request.scheduled_session_id} ${request.scheduled_for} ${request.trigger}`);
  }

  it('is where a start reads on, with what was appended since', async () => {
    await world.create('2QnBvYb4ZJk9eTfMhXgPcRsAduY', HOURLY);
    await world.decide(A, time('11:00'));
    world.clock.set(HOUR);
    const fromSnapshot = await askedAnew(true);
    expect(said('read on from the snapshot')).toBe(true);
    expect(fromSnapshot).toContain(`${A} ${time('12:00')} catch_up`);
    expect(fromSnapshot.join()).not.toContain(`${A} ${time('11:00')}`);
    expect(fromSnapshot.toSorted()).toEqual((await askedAnew(false)).toSorted());
  });

  it('is written when it is stopped, in one step, and leaves no other file', async () => {
    expect((await readdir(world.folder)).filter(name => name.startsWith('scheduler'))).toEqual(['scheduler.snapshot']);
  });

  it('is not written again when nothing has changed, and again when something has', async () => {
    const written = await readFile(path(), 'utf8');
    await askedAnew(true);
    expect(await readFile(path(), 'utf8')).toBe(written);
    await world.decide(B, time('09:45'));
    await askedAnew(true);
    expect(await readFile(path(), 'utf8')).not.toBe(written);
  });

  it('is written every five minutes while it runs', async () => {
    const written = await readFile(path(), 'utf8');
    await world.start({ snapshots: true });
    await world.decide(A, time('11:00'));
    await world.clock.advance(301_000);
    await untilChanged(written);
  });

  async function untilChanged(before: string): Promise<void> {
    while ((await readFile(path(), 'utf8')) === before) await world.clock.advance(1000);
  }

  it.each([
    ['one byte is another', (text: string) => text.replace(A, `${A.slice(0, -1)}Z`), 'checksum'],
    ['the end is missing', (text: string) => text.slice(0, -10), 'checksum'],
    ['it is empty', () => '', 'checksum'],
    ['it is something else', () => 'x'.repeat(200), 'checksum'],
  ])('is passed over with a word about it when %s', async (_, damage, why) => {
    const whole = await askedAnew(false);
    await writeFile(path(), damage(await readFile(path(), 'utf8')));
    expect(await askedAnew(true)).toEqual(whole);
    expect(said('is passed over')).toBe(true);
    expect(said(why)).toBe(true);
  });

  it('is passed over when its format is newer', async () => {
    const whole = await askedAnew(false);
    await rewrite(lines => [lines[0]!.replace('"format":2', '"format":3'), ...lines.slice(1)]);
    expect(await askedAnew(true)).toEqual(whole);
    expect(said('its format is 3, this program reads 2')).toBe(true);
  });

  it('is passed over when it is of another log', async () => {
    const other = await SchedulerWorld.at(time('09:30'));
    try {
      await other.create(A, { schedule: '5 * * * *' });
      await writeFile(join(other.folder, 'scheduler.snapshot'), await readFile(path()));
      await other.start({ snapshots: true });
      await other.clock.advance(36 * MINUTE);
      expect(other.asked[0]).toEqual([time('10:05'), time('10:05')]);
      expect(other.lines.some(line => line.includes('it is of another log'))).toBe(true);
    } finally {
      await other.end();
    }
  });

  /** Changes lines, and makes the checksum fit. */
  async function rewrite(change: (lines: string[]) => string[]): Promise<void> {
    const { createHash } = await import('node:crypto');
    const body = (await readFile(path(), 'utf8')).slice(0, -64);
    const changed = change(body.split('\n')).join('\n');
    await writeFile(path(), changed + createHash('sha256').update(changed).digest('hex'));
  }
});
