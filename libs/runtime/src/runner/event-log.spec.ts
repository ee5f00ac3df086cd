import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, until } from '#bus/testing';
import { temporaryFolder } from '../../testing/temporary.js';
import { messageEvents, saidIn } from './ag-ui.js';
import { EventLog } from './event-log.js';

const STARTED = { type: 'RUN_STARTED', threadId: 's', runId: 'r' } as const;
const FINISHED = {
  type: 'RUN_FINISHED',
  threadId: 's',
  runId: 'r',
  result: { phase: 'Completed', reason: 'exit_code' },
} as const;

/** What a reader has got so far. */
function follow(stream: AsyncIterable<Uint8Array>) {
  const reader = { text: '', done: false, error: undefined as unknown };
  void (async () => {
    try {
      for await (const piece of stream) reader.text += Buffer.from(piece).toString();
    } catch (error) {
      reader.error = error;
    }
    reader.done = true;
  })();
  return reader;
}
const typesIn = (text: string): string[] => [...text.matchAll(/"type":"(\w+)"/g)].map(([, type = '']) => type);

describe('EventLog', () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let clock: ManualClock;
  let log: EventLog;
  let leave: AbortController;
  let failures: Error[];

  beforeEach(async () => {
    temporary = await temporaryFolder();
    clock = new ManualClock();
    leave = new AbortController();
    failures = [];
    const onFailure = (error: Error): number => failures.push(error);
    log = new EventLog({ path: join(temporary.path, 'runs/r'), clock, heartbeatMs: 15_000, onFailure });
  });
  afterEach(async () => {
    leave.abort();
    await log.close();
    await temporary[Symbol.asyncDispose]();
  });

  it('gives one who joins late all that was before, then what comes, then the end', async () => {
    await log.append(STARTED);
    const early = follow(log.live(leave.signal));
    await log.append(...messageEvents('m', 'assistant', 'hello'));
    await until(() => typesIn(early.text).length === 4);
    const late = follow(log.live(leave.signal));
    await until(() => late.text === early.text);
    await log.append(FINISHED);
    await log.close();
    await until(() => early.done && late.done);
    expect(late).toEqual(early);
    expect(typesIn(late.text)).toEqual([
      'RUN_STARTED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'RUN_FINISHED',
    ]);
    expect(late.text.split('\n\n')[2]).toBe(
      `data: {"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"hello","timestamp":${clock.now()}}`,
    );
  });

  it('says that it is alive when nothing comes, and never within an event', async () => {
    const reader = follow(log.live(leave.signal));
    await until(() => clock.pending.length === 1);
    clock.advance(14_999);
    expect(reader.text).toBe('');
    clock.advance(1);
    await until(() => reader.text !== '');
    expect(reader.text).toBe(': ping\n\n');
    await log.append(...messageEvents('m', 'assistant', 'x'.repeat(200_000)));
    await until(() => typesIn(reader.text).length === 3);
    await until(() => clock.pending.length === 1);
    clock.advance(15_000);
    await until(() => reader.text.endsWith('\n\n: ping\n\n'));
    expect(reader.text.match(/: ping/g)).toHaveLength(2);
  });

  it('keeps thousands of events in order for a reader that takes its time', async () => {
    const lines = Array.from({ length: 5000 }, (_, at) => `line ${at} ${'ü'.repeat(at % 50)}`);
    for (const line of lines) await log.append(...messageEvents('m', 'assistant', line));
    const got: string[] = [];
    const reading = (async () => {
      for await (const line of saidIn(log.live(leave.signal))) got.push(line);
    })();
    await until(() => got.length > 100);
    await log.close();
    await reading;
    expect(got).toEqual(lines);
  });

  it('lets a reader leave, and leaves no file behind', async () => {
    await log.append(STARTED);
    const reader = follow(log.live(leave.signal));
    await until(() => reader.text !== '');
    expect(await readdir(join(temporary.path, 'runs'))).toEqual([]);
    leave.abort();
    await until(() => reader.done);
    expect(reader.error).toBeUndefined();
  });

  it('breaks its readers off when it cannot be written, and takes no more', async () => {
    await writeFile(join(temporary.path, 'runs'), 'a file where a folder has to be');
    const reader = follow(log.live(leave.signal));
    await log.append(STARTED);
    await until(() => reader.done);
    expect(reader.error).toBeInstanceOf(Error);
    await log.append(FINISHED);
    const late = follow(log.live(leave.signal));
    await until(() => late.done);
    expect(late).toMatchObject({ text: '', error: expect.any(Error) });
    expect(failures).toHaveLength(1);
  });

  it('does not seem to end well for one who comes after its end', async () => {
    await log.append(STARTED);
    await log.close();
    const late = follow(log.live(leave.signal));
    await until(() => late.done);
    expect(late).toMatchObject({ text: '', error: expect.any(Error) });
  });

  it('has no empty content, which the protocol forbids', () => {
    expect(messageEvents('m', 'system', '').map(({ type }) => type)).toEqual(['TEXT_MESSAGE_START', 'TEXT_MESSAGE_END']);
  });
});
