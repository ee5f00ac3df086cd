export * from './event-feed.js';
export * from './feed-stream.js';
export * from './message.js';
export { NatsFeedStream, type NatsFeedStreamOptions } from './nats/nats-feed-stream.js';
export { readFeed, type ReadFeedOptions } from './nats/read-feed.js';
