/** The event feed over an embedded log: events a second, beside a bare client that publishes the same messages, as many on their way. */
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers as natsHeaders, nanos } from '@nats-io/transport-node';
import { connectNats, systemClock } from '#bus';
import { EVENT_FEED } from '#contracts';
import { SqliteEventStore } from '#event-store';
import { feedMessageOf, NatsFeedStream, runEventFeed } from '#feed';
import { startNats } from './engines.js';
import { makeLog } from './log.js';
import { medians, row } from './rounds.js';

const EVENTS = 20_000;
const ON_THE_WAY = 1000;
const DUPLICATE_WINDOW_MS = 120_000;

/** @param {string} place a folder for the log and the servers' data */
export async function run(place) {
  const path = join(place, 'fed.db');
  await makeLog(path, EVENTS);
  const eventStore = await SqliteEventStore.open({ path, readonly: true });
  try {
    const messages = (await eventStore.readAll({ limit: EVENTS })).map(feedMessageOf);
    const fresh = measure => () => withNats(place, async url => EVENTS / (await measure(url)));
    const speeds = await medians({ feed: fresh(url => feed(eventStore, url)), bare: fresh(url => publish(messages, url)) });
    const what = `event feed of a log of ${EVENTS.toLocaleString('en-US')} events, beside the bare client publishing the messages`;
    return [row(what, speeds.feed, speeds.bare, 'events/s')];
  } finally {
    await eventStore.close();
  }
}

/** Each measure has a server of its own: a message is taken once. */
async function withNats(place, work) {
  const nats = await startNats(place);
  try {
    return await work(nats.url);
  } finally {
    await nats.stop();
  }
}

/** Seconds until every event is in the stream. */
async function feed(eventStore, url) {
  const connection = await connectNats({ url, log: console, name: 'bench' });
  const head = await eventStore.head();
  const done = new AbortController();
  let last;
  const start = performance.now();
  await runEventFeed({
    eventStore,
    stream: new NatsFeedStream({ connection }),
    log: console,
    clock: systemClock,
    signal: done.signal,
    onProgress: progress => {
      last = progress;
      if (progress.position === head) done.abort();
    },
  });
  const seconds = (performance.now() - start) / 1000;
  await connection.close();
  if (last.leftOut > 0) throw new Error(`${last.leftOut} events were left out: ${JSON.stringify(last.newestLeftOut[0])}`);
  return seconds;
}

/** Seconds until every message is in a stream of the same settings. */
async function publish(messages, url) {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({
    name: 'BARE',
    subjects: [`${EVENT_FEED}.>`],
    storage: 'file',
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
  });
  const client = jetstream(connection);
  const ready = messages.map(({ subject, id, data, headers }) => ({ subject, id, data, headers: headersOf(headers) }));
  const start = performance.now();
  for (let from = 0; from < ready.length; from += ON_THE_WAY) {
    const flight = ready.slice(from, from + ON_THE_WAY);
    await Promise.all(flight.map(({ subject, id, data, headers }) => client.publish(subject, data, { msgID: id, headers })));
  }
  const seconds = (performance.now() - start) / 1000;
  await connection.close();
  return seconds;
}

function headersOf(values) {
  const headers = natsHeaders();
  for (const [name, value] of Object.entries(values)) headers.set(name, value);
  return headers;
}
