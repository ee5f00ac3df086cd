import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { InProcessLeases } from '#bus';
import { ManualClock, until } from '#bus/testing';
import { HousekeepingLoop } from './housekeeping-loop.js';

const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };

let clock: ManualClock;
let leases: InProcessLeases;
let passes: string[];
const loops: HousekeepingLoop[] = [];
beforeEach(() => {
  clock = new ManualClock();
  leases = new InProcessLeases({ log: silent, clock });
  passes = [];
});
afterEach(async () => {
  await Promise.all(loops.splice(0).map(loop => loop.onModuleDestroy()));
});

/** What is waited for by the clock, before it is moved on. */
const timer = (ms: number): Promise<void> => until(() => clock.pending.includes(ms));

function start(name: string, work: (signal: AbortSignal) => Promise<void> = () => Promise.resolve()): HousekeepingLoop {
  const pass = async (signal: AbortSignal): Promise<readonly string[]> => {
    passes.push(name);
    await work(signal);
    return [];
  };
  const loop = new HousekeepingLoop({ pass }, leases, clock);
  loops.push(loop);
  loop.onApplicationBootstrap();
  return loop;
}

it('gives everyone two minutes, then keeps house once a minute', async () => {
  start('one');
  await timer(120_000);
  expect(passes).toEqual([]);
  clock.advance(120_000);
  await timer(60_000);
  expect(passes).toHaveLength(1);
  clock.advance(60_000);
  await until(() => passes.length === 2);
});

it('is the work of one process, and of the next when that stops', async () => {
  const one = start('one');
  start('two');
  await timer(120_000);
  clock.advance(120_000);
  await until(() => passes.length === 1);
  await one.onModuleDestroy();
  await timer(120_000);
  clock.advance(120_000);
  await until(() => passes.length === 2);
  expect(passes).toEqual(['one', 'two']);
});

it('tells a pass that it is to stop, and waits for it', async () => {
  let ended = false;
  const loop = start('one', async signal => {
    await new Promise(resolve => signal.addEventListener('abort', resolve));
    ended = true;
  });
  await timer(120_000);
  clock.advance(120_000);
  await until(() => passes.length === 1);
  await loop.onModuleDestroy();
  expect(ended).toBe(true);
});

it('is not done without leases', async () => {
  const loop = new HousekeepingLoop({ pass: () => Promise.reject(new Error('it was not to be done')) }, undefined, clock);
  loop.onApplicationBootstrap();
  expect(clock.pending).toEqual([]);
  await loop.onModuleDestroy();
});
