export { describeWithEngine, describeWithEngines, type EngineName } from './engines.js';
export { freePort } from './free-port.js';
export { startNatsServer, type NatsServer } from './nats-server.js';
