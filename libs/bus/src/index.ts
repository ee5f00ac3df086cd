export * from './bus.js';
export { systemClock, type Clock } from './clock.js';
export { type Log } from './log.js';
export { InProcessBus, type InProcessBusOptions } from './in-process/in-process-bus.js';
export { InProcessLeases, type InProcessLeasesOptions } from './in-process/in-process-leases.js';
export { BusContext } from './nest/bus-context.js';
export { BusErrorFilter } from './nest/bus-error-filter.js';
export { BusTransport, type BusTransportOptions } from './nest/bus-transport.js';
