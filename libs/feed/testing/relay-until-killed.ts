/** Script: relays the event store at argv[2] to the NATS server at argv[3], and prints each position that it has reached. */
import { connect } from '@nats-io/transport-node';
import { SqliteEventStore } from '#event-store';
import { runEventFeed } from '../src/event-feed.js';
import { NatsFeedStream } from '../src/nats/nats-feed-stream.js';

const [, , path, url] = process.argv;
const connection = await connect({ servers: url!, maxReconnectAttempts: -1 });
await runEventFeed({
  eventStore: await SqliteEventStore.open({ path: path!, readonly: true }),
  stream: new NatsFeedStream({ connection }),
  log: { warn: text => void process.stderr.write(`${text}\n`), error: text => void process.stderr.write(`${text}\n`) },
  clock: {
    now: () => Date.now(),
    setTimer: (ms, fire) => {
      const timer = setTimeout(fire, ms);
      return () => clearTimeout(timer);
    },
  },
  signal: new AbortController().signal,
  batchSize: 50,
  onProgress: ({ position }) => void (position && process.stdout.write(`${position}\n`)),
});
