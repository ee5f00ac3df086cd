export { describeWithEngine, describeWithEngines, type EngineName } from './engines.js';
export { startNatsServer, type NatsServer } from './nats-server.js';
