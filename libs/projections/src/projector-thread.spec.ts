import { beforeEach, describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { ManualClock } from '../testing/index.js';
import type { ParkedEvent } from './documents.js';
import { ProjectorThread } from './projector-thread.js';

class FakeWorker extends EventEmitter {
  readonly heard: string[] = [];
  postMessage(message: 'stop'): void {
    this.heard.push(message);
  }
}

describe("the projector's thread", () => {
  let workers: FakeWorker[];
  let told: unknown[];
  let logged: string[];
  let clock: ManualClock;
  let thread: ProjectorThread;

  beforeEach(() => {
    [workers, told, logged, clock] = [[], [], [], new ManualClock()];
    const log = { warn: (text: string) => void logged.push(text), error: (text: string) => void logged.push(text) };
    const options = {
      clock,
      log,
      onProgress: (position: string) => void told.push(position),
      onParked: (event: ParkedEvent) => void told.push(event),
    };
    thread = new ProjectorThread(options, () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    });
  });

  const crash = (): void => {
    workers.at(-1)!.emit('error', new Error('out of memory'));
    workers.at(-1)!.emit('exit', 1);
  };

  it('tells what its worker tells', () => {
    const event: ParkedEvent = {
      id: '7',
      kind: 'ParkedEvent',
      stream: 'agent-a',
      revision: 1,
      type: 'AgentUpdated',
      event_id: 'e',
      error: 'no',
      attempts: 1,
    };
    workers[0]!.emit('message', { type: 'progress', position: '42' });
    workers[0]!.emit('message', { type: 'parked', event });
    expect(told).toEqual(['42', event]);
    expect(logged).toEqual(['event 1 of agent-a (AgentUpdated) is parked: no']);
  });

  it('starts again after a crash, later each time that nothing was done in between', async () => {
    crash();
    expect(logged[0]).toBe("the projector's thread failed: out of memory");
    await clock.advance(99);
    expect(workers).toHaveLength(1);
    await clock.advance(1);
    expect(workers).toHaveLength(2);
    crash();
    await clock.advance(199);
    expect(workers).toHaveLength(2);
    await clock.advance(1);
    expect(workers).toHaveLength(3);
    workers.at(-1)!.emit('message', { type: 'progress', position: '42' });
    crash();
    await clock.advance(100);
    expect(workers).toHaveLength(4);
  });

  it('stops when its worker has finished what it was at', async () => {
    let stopped = false;
    const stopping = thread.stop().then(() => (stopped = true));
    expect(workers[0]!.heard).toEqual(['stop']);
    await clock.advance(1000);
    expect(stopped).toBe(false);
    workers[0]!.emit('exit', 0);
    await stopping;
    expect([workers.length, clock.pending]).toEqual([1, 0]);
    await thread.stop();
    expect(workers[0]!.heard).toEqual(['stop']);
  });

  it('can be stopped while it waits to start again', async () => {
    crash();
    await thread.stop();
    expect([workers.length, clock.pending]).toEqual([1, 0]);
  });
});
