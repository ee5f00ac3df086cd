/** `npm run dead -- list | retry | discard`: messages that could not be handled, over NATS. Also while the system runs. */
import { addressesOf, openMessaging, type Messaging, type NatsAddress } from '#engines';
import { ConfigurationError, loadEnvironment } from '#service';
import { runCommand } from './command-line.js';
import { carryOut, orderOf } from './dead-letters/orders.js';

const USAGE = 'npm run dead -- list | retry <id> | retry --all | discard <id> | discard --all';
/** A broker that is away is waited for no longer. */
const CONNECT_MS = 10_000;

await runCommand('dead', USAGE, async args => {
  const order = orderOf(args);
  const { nats } = addressesOf(loadEnvironment());
  if (!nats) {
    throw new ConfigurationError('NATS_URL is not set: without NATS, dead letters live and end with the process that has them');
  }
  const messaging = await connect(nats);
  try {
    for (const line of await carryOut(order, messaging.bus)) console.log(JSON.stringify(line));
    return 0;
  } finally {
    await messaging.close();
  }
});

async function connect(nats: NatsAddress): Promise<Messaging> {
  const signal = AbortSignal.timeout(CONNECT_MS);
  try {
    return await openMessaging(nats, { log: console, name: 'dead', signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error(`NATS has not answered within ${CONNECT_MS / 1000} s`, { cause: error });
  }
}
