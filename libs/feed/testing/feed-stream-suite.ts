import { beforeEach, describe, expect, it } from '@jest/globals';
import { FeedStreamMoved, NO_PROGRESS, type FeedMessage, type FeedStream } from '../src/index.js';

/** A broker as a suite sees it. */
export interface Broker {
  /** Another relay on the same stream. */
  relay(): Promise<FeedStream>;
  /** What a subscriber gets from the beginning. */
  received(): Promise<readonly Pick<FeedMessage, 'id' | 'subject' | 'data' | 'headers'>[]>;
  /** All is gone: the stream, and what was saved beside it. */
  wipe(): Promise<void>;
  /** The messages have grown too old; the stream is the same. */
  forget(): Promise<void>;
}

const position = (number: number): string => String(number).padStart(20, '0');

const message = (number: number): FeedMessage => ({
  subject: 'ambient.events.acme.session.SessionRenamed',
  id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  position: position(number),
  headers: { 'ce-sequence': position(number), 'ce-subject': 'one' },
  data: JSON.stringify({ name: `name ${number}: ü, 日本, 😀` }),
});

const messages = (from: number, to: number): FeedMessage[] =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index));

/** The contract of the port {@link FeedStream}. */
export function describeFeedStream(name: string, open: () => Promise<Broker>): void {
  describe(`${name} is a FeedStream`, () => {
    let broker: Broker;
    let stream: FeedStream;
    beforeEach(async () => {
      broker = await open();
      stream = await broker.relay();
      await broker.wipe();
      await stream.resume();
    });

    const ids = async (): Promise<string[]> => (await broker.received()).map(({ id }) => id);
    const idsOf = (from: number, to: number): string[] => messages(from, to).map(({ id }) => id);
    const reached = async (relay: FeedStream): Promise<string | undefined> => (await relay.resume()).position;

    it('has come nowhere at first', async () => {
      expect(await stream.resume()).toEqual(NO_PROGRESS);
      expect(await stream.untouched()).toBe(true);
    });

    it('keeps messages as they were given, in their order', async () => {
      await stream.publish(messages(1, 30));
      await stream.publish(messages(31, 31));
      const received = await broker.received();
      expect(received.map(({ id }) => id)).toEqual(idsOf(1, 31));
      const { subject, data, headers } = message(31);
      expect(received[30]).toMatchObject({ subject, data, headers });
      expect(await stream.untouched()).toBe(true);
    });

    it('tells another relay to go on behind the last message', async () => {
      await stream.publish(messages(1, 3));
      const other = await broker.relay();
      expect(await reached(other)).toBe(position(3));
      await other.publish(messages(4, 5));
      expect(await ids()).toEqual(idsOf(1, 5));
    });

    it('takes nothing of a relay that another one has left behind, until it resumes', async () => {
      const other = await broker.relay();
      await other.resume();
      await stream.publish(messages(1, 3));
      expect(await other.untouched()).toBe(false);
      await expect(other.publish(messages(11, 15))).rejects.toThrow(FeedStreamMoved);
      expect(await ids()).toEqual(idsOf(1, 3));
      expect(await reached(other)).toBe(position(3));
      await other.publish(messages(4, 5));
      await expect(stream.publish(messages(11, 11))).rejects.toThrow(FeedStreamMoved);
      expect(await ids()).toEqual(idsOf(1, 5));
    });

    it('takes one of two relays that publish the same at the same time', async () => {
      const other = await broker.relay();
      await other.resume();
      await Promise.allSettled([stream.publish(messages(1, 100)), other.publish(messages(1, 100))]);
      const kept = await ids();
      expect(kept).toEqual(idsOf(1, kept.length));
      expect(kept.length).toBeGreaterThan(0);
    });

    it('is another stream when it was wiped', async () => {
      await stream.publish(messages(1, 3));
      await stream.save({ ...NO_PROGRESS, position: position(3), leftOut: 1 });
      await broker.wipe();
      expect(await stream.untouched()).toBe(false);
      await expect(stream.publish(messages(4, 4))).rejects.toThrow();
      expect(await stream.resume()).toEqual(NO_PROGRESS);
      await stream.publish(messages(1, 4));
      expect(await ids()).toEqual(idsOf(1, 4));
    });

    it('remembers what was saved when its messages have grown too old', async () => {
      await stream.publish(messages(1, 3));
      const event = { position: position(4), stream: 's-1', revision: 0, type: 'T', event_id: 'x', error: 'broken' };
      const progress = { position: position(4), leftOut: 1, newestLeftOut: [event] };
      await stream.save(progress);
      await broker.forget();
      const other = await broker.relay();
      expect(await other.resume()).toEqual(progress);
      await other.publish(messages(5, 6));
      expect(await ids()).toEqual(idsOf(5, 6));
      expect(await stream.resume()).toEqual({ ...progress, position: position(6) });
    });
  });
}
