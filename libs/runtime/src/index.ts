export { LocalRuntime, type LocalRuntimeOptions } from './local-runtime.js';
export * from './session-api.js';
export * from './session-feed.js';
export { HttpSessionApi, type HttpSessionApiOptions } from './http-session-api.js';
export { systemClock, type Clock } from './clock.js';
export { type Log } from './log.js';
export { NO_PROMPT } from './echo-agent.js';
export { NatsSessionFeed } from './nats/nats-session-feed.js';
