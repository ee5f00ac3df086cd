export { checkAlone, listenAlone } from './alone.js';
export { addressesOf, type Addresses, type NatsAddress } from './addresses.js';
export { openMessaging, relayEvents, type Messaging, type Relay } from './messaging.js';
export { deadLettersCheck, eventStoreCheck, projectionChecks } from './readiness.js';
export { openStores, project, type Stores } from './stores.js';
