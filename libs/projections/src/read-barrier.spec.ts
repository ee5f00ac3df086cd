import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore, Position } from '#event-store';
import type { ReadStore } from '#read-store';
import { ManualClock, settled } from '../testing/index.js';
import { ReadBarrier } from './read-barrier.js';

describe('the read barrier', () => {
  let head: Position | undefined;
  let checkpoint: Position | undefined | Error;
  let asked: { head: number; checkpoint: number };
  let clock: ManualClock;
  let barrier: ReadBarrier;

  beforeEach(() => {
    head = '05';
    checkpoint = '05';
    asked = { head: 0, checkpoint: 0 };
    clock = new ManualClock();
    const events = {
      head: async () => (asked.head++, head),
      countAfter: async (position: Position | undefined) => Number(head) - Number(position ?? 0),
    };
    const live = {
      checkpoint: async () => {
        asked.checkpoint++;
        if (checkpoint instanceof Error) throw checkpoint;
        return checkpoint;
      },
    };
    barrier = new ReadBarrier(events as unknown as EventStore, { live } as unknown as ReadStore, clock);
  });

  /** What a wait has come to so far. */
  function watched<T>(promise: Promise<T>): { result: T | 'waiting'; error?: unknown } {
    const watch: { result: T | 'waiting'; error?: unknown } = { result: 'waiting' };
    promise.then(
      result => (watch.result = result),
      (error: unknown) => (watch.error = error),
    );
    return watch;
  }

  it('lets through at once what has nothing to wait for', async () => {
    expect(await barrier.waitForHead(500)).toEqual({ reached: true });
    expect(clock.pending).toBe(0);
  });

  it('lets through on an empty log', async () => {
    [head, checkpoint] = [undefined, undefined];
    expect(await barrier.waitForHead(500)).toEqual({ reached: true });
  });

  it('asks for the checkpoint only when it knows no better', async () => {
    barrier.progress('05');
    await barrier.waitForHead(500);
    expect(asked).toEqual({ head: 1, checkpoint: 0 });
  });

  it('reads the head once for all who ask at the same time', async () => {
    barrier.progress('05');
    await Promise.all(Array.from({ length: 100 }, () => barrier.waitForHead(500)));
    expect(asked.head).toBe(1);
  });

  it('asks for the checkpoint of a store that others write to each time: it may have been emptied', async () => {
    const events = { head: async () => head, countAfter: async (position?: Position) => Number(head) - Number(position ?? 0) };
    const live = { checkpoint: async () => checkpoint };
    const shared = new ReadBarrier(events as unknown as EventStore, { live } as unknown as ReadStore, clock, true);
    shared.progress('05');
    expect(await shared.waitForHead(500)).toEqual({ reached: true });
    checkpoint = undefined;
    const wait = watched(shared.waitForHead(500));
    await settled();
    expect(shared.holds('05')).toBe(false);
    await clock.advance(500);
    expect(wait.result).toEqual({ reached: false, lagEvents: 5 });
  });

  it('goes on as soon as a projector tells that it is there', async () => {
    head = '07';
    const wait = watched(barrier.waitForHead(500));
    await settled();
    barrier.progress('06');
    await settled();
    expect(wait.result).toBe('waiting');
    barrier.progress('07');
    await settled();
    expect(wait.result).toEqual({ reached: true });
    expect(clock.pending).toBe(0);
  });

  it('finds out by itself when another process projects', async () => {
    head = '07';
    const wait = watched(barrier.waitForHead(500));
    await settled();
    await clock.advance(100);
    expect(wait.result).toBe('waiting');
    checkpoint = '07';
    await clock.advance(15);
    expect(wait.result).toEqual({ reached: true });
    expect(clock.pending).toBe(0);
  });

  it('says how far the documents are behind when time is up', async () => {
    head = '12';
    const wait = watched(barrier.waitForHead(500));
    await settled();
    await clock.advance(499);
    expect(wait.result).toBe('waiting');
    await clock.advance(1);
    expect(wait.result).toEqual({ reached: false, lagEvents: 7 });
    expect(clock.pending).toBe(0);
  });

  it('waits for the head as it was asked for, not for what comes after', async () => {
    head = '06';
    const wait = watched(barrier.waitForHead(500));
    await settled();
    head = '99';
    barrier.progress('06');
    await settled();
    expect(wait.result).toEqual({ reached: true });
  });

  it('waits for a position that the caller names', async () => {
    const wait = watched(barrier.reached('08', 200));
    await settled();
    barrier.progress('08');
    await settled();
    expect(wait.result).toBe(true);
    expect(asked.head).toBe(0);
  });

  it('polls on for those who still wait when one has left', async () => {
    head = '07';
    const short = watched(barrier.waitForHead(20));
    await settled();
    const long = watched(barrier.waitForHead(500));
    await settled();
    await clock.advance(30);
    expect([short.result, long.result]).toEqual([{ reached: false, lagEvents: 2 }, 'waiting']);
    checkpoint = '07';
    await clock.advance(15);
    expect(long.result).toEqual({ reached: true });
  });

  it('tells those who wait when the read store is gone', async () => {
    head = '07';
    const wait = watched(barrier.waitForHead(500));
    await settled();
    checkpoint = new Error('gone');
    await clock.advance(15);
    expect(wait.error).toEqual(new Error('gone'));
    expect(clock.pending).toBe(0);
  });
});
