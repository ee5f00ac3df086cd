import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#bus';
import { until } from '#bus/testing';
import { asyncApiDocument, EVENTS } from '#contracts';
import { SqliteEventStore, type RecordedEvent } from '#event-store';
import { describeWithEngine } from '#testing';
import { describeFeedStream, NatsBroker, PlainSubscriber, SampleLog, type Received } from '../../testing/index.js';
import { FeedUnavailable, MessageRefused, runEventFeed, type FeedMessage, type FeedStream } from '../index.js';

const WEEK_NS = 7 * 24 * 3600 * 1e9;

const message = (number: number, data = '{}'): FeedMessage => ({
  subject: 'ambient.events.acme.session.SessionRenamed',
  id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  position: String(number).padStart(20, '0'),
  headers: { 'ce-sequence': String(number).padStart(20, '0') },
  data,
});

describeWithEngine('nats', 'NATS', url => {
  // A suite of its own, so that it is cleaned up while the server still runs.
  describe('as it really is', () => {
    suite(url);
  });
});

function suite(url: () => string): void {
  let broker: NatsBroker;
  beforeAll(async () => {
    broker = await NatsBroker.open(url());
  });
  afterAll(async () => {
    await broker.wipe();
    await broker.close();
  });

  describeFeedStream('JetStream', async () => broker);

  describe('the stream', () => {
    let stream: FeedStream;
    beforeEach(async () => {
      await broker.wipe();
      stream = await broker.relay();
      await stream.resume();
    });

    it('is made as the specification says', async () => {
      const { config } = await (await jetstreamManager(broker.connection)).streams.info('AMBIENT_EVENTS');
      expect(config).toMatchObject({
        subjects: ['ambient.events.>'],
        retention: 'limits',
        storage: 'file',
        max_age: WEEK_NS,
        duplicate_window: 120e9,
      });
    });

    it('is left as its operator has set it', async () => {
      const { streams } = await jetstreamManager(broker.connection);
      await streams.update('AMBIENT_EVENTS', { max_age: 2 * WEEK_NS });
      await (await broker.relay()).resume();
      expect((await streams.info('AMBIENT_EVENTS')).config.max_age).toBe(2 * WEEK_NS);
    });

    it('refuses for good what is larger than the server takes, and the connection lives on', async () => {
      const refused = stream.publish([message(1), message(2, JSON.stringify('x'.repeat(1_048_576 - 10)))]);
      await expect(refused).rejects.toThrow(MessageRefused);
      await expect(refused).rejects.toMatchObject({ position: message(2).position });
      await stream.resume();
      await stream.publish([message(1), message(3)]);
      expect((await broker.received()).map(({ id }) => id)).toEqual([message(1).id, message(3).id]);
    });

    it('refuses for good what is larger than its operator allows', async () => {
      const { streams } = await jetstreamManager(broker.connection);
      await streams.update('AMBIENT_EVENTS', { max_msg_size: 1000 });
      const refused = stream.publish([message(1), message(2, JSON.stringify('x'.repeat(1000))), message(3)]);
      await expect(refused).rejects.toThrow(MessageRefused);
      await expect(refused).rejects.toMatchObject({ position: message(2).position });
      expect((await stream.resume()).position).toBe(message(1).position);
    });

    it('carries many large messages at a time', async () => {
      const large = Array.from({ length: 12 }, (_, index) => message(index + 1, JSON.stringify('x'.repeat(1_000_000))));
      await stream.publish(large);
      expect((await broker.received()).map(({ data }) => data.length)).toEqual(large.map(({ data }) => data.length));
    });

    it('goes on behind what was deleted at its end, and does not bring it back', async () => {
      await stream.publish([message(1), message(2), message(3)]);
      await stream.save({ position: message(3).position, leftOut: 0, newestLeftOut: [] });
      await (await jetstreamManager(broker.connection)).streams.deleteMessage('AMBIENT_EVENTS', 3);
      expect((await stream.resume()).position).toBe(message(3).position);
      await stream.publish([message(4)]);
      expect((await broker.received()).map(({ id }) => id)).toEqual([1, 2, 4].map(number => message(number).id));
    });

    it('gets along with a message that someone else has put there', async () => {
      await stream.publish([message(1)]);
      await stream.save({ position: message(1).position, leftOut: 0, newestLeftOut: [] });
      await jetstream(broker.connection).publish('ambient.events.foreign', '');
      await expect(stream.publish([message(2)])).rejects.toThrow('wrong last sequence');
      expect((await stream.resume()).position).toBe(message(1).position);
      await stream.publish([message(2)]);
    });

    it('does not trust a checkpoint of another stream, nor one ahead of the stream', async () => {
      await stream.publish([message(1)]);
      await stream.save({ position: message(9).position, leftOut: 0, newestLeftOut: [] });
      await broker.deleteStream();
      expect((await stream.resume()).position).toBeUndefined();
    });

    it('is unavailable once the connection is closed', async () => {
      const other = await NatsBroker.open(url());
      const relay = await other.relay();
      await relay.resume();
      await other.close();
      await expect(relay.publish([message(1)])).rejects.toThrow(FeedUnavailable);
      await expect(relay.resume()).rejects.toThrow(FeedUnavailable);
      await expect(relay.untouched()).rejects.toThrow(FeedUnavailable);
    });
  });

  describe('another service', () => {
    const stopping = new AbortController();
    let folder: string;
    let events: SqliteEventStore;
    let feed: Promise<void>;
    beforeEach(async () => {
      await broker.wipe();
      folder = await mkdtemp(join(tmpdir(), 'feed-'));
      events = await SqliteEventStore.open({ path: join(folder, 'events.db') });
      const stream = await broker.relay();
      await stream.resume();
      feed = runEventFeed({ eventStore: events, stream, log: console, clock: systemClock, signal: stopping.signal });
    });
    afterEach(async () => {
      stopping.abort();
      await feed;
      await events.close();
      await rm(folder, { recursive: true });
    });

    it('gets every event of a log of 1,000, in its order, each as the AsyncAPI document says', async () => {
      const all = await PlainSubscriber.open(url());
      const renamings = await PlainSubscriber.open(url(), 'ambient.events.*.session.SessionRenamed');
      await new SampleLog(events, 7).append(1000);
      const log = await events.readAll({ limit: 2000 });
      await until(() => all.received.length >= log.length);
      expect(all.received.map(({ headers }) => headers['ce-id'])).toEqual(log.map(({ id }) => id));
      expect(new Set(log.map(({ type }) => type))).toEqual(new Set(Object.keys(EVENTS)));
      for (const [index, received] of all.received.entries()) expect(wrongIn(received, log[index]!)).toEqual([]);

      const wanted = log.filter(({ type }) => type === 'SessionRenamed').map(({ id }) => id);
      await until(() => renamings.received.length >= wanted.length);
      expect(renamings.received.map(({ headers }) => headers['ce-id'])).toEqual(wanted);
      await all.close();
      await renamings.close();
    });
  });
}

interface Document {
  readonly channels: { readonly events: { readonly address: string } };
  readonly components: { readonly messages: Record<string, { readonly headers: object; readonly payload: object }> };
}

const document = JSON.parse(JSON.stringify(asyncApiDocument('1.0.0'))) as Document;
const ajv = new Ajv2020({ strict: false, validateFormats: false });
const validators = Object.fromEntries(
  Object.entries(document.components.messages).map(([name, { headers, payload }]) => [
    name,
    {
      headers: ajv.compile({ ...headers, components: document.components }),
      payload: ajv.compile({ ...payload, components: document.components }),
    },
  ]),
);

/** What the document, or the log, says otherwise than the message. */
function wrongIn({ subject, headers, body }: Received, event: RecordedEvent): unknown[] {
  const address = new RegExp(`^${document.channels.events.address.replaceAll(/\{(\w+)\}/g, '(?<$1>[^.]+)')}$`);
  const { project_id, category, event_type } = address.exec(subject)?.groups ?? {};
  const validator = validators[event.type]!;
  const payload = JSON.parse(body) as { project_id?: string };
  validator.headers(headers);
  validator.payload(payload);
  const expected = [
    [category, event.stream.split('-')[0]],
    [event_type, event.type],
    [project_id, payload.project_id ?? '_'],
    [headers['ce-sequence'], event.position],
    [headers['ce-subject'], event.stream.slice(event.stream.indexOf('-') + 1)],
    [headers['Nats-Msg-Id'], event.id],
    [JSON.stringify(payload), JSON.stringify(JSON.parse(event.data))],
  ];
  return [
    ...(validator.headers.errors ?? []),
    ...(validator.payload.errors ?? []),
    ...expected.filter(([is, due]) => is !== due),
  ];
}
