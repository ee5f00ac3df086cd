/**
 * A load at a fixed pace, a process of its own: requests start when they are due, whether or not others have been answered, and their
 * latency counts from then.
 *
 * @typedef {object} Job
 * @property {number} port
 * @property {number} connections
 * @property {number} perSecond over all connections
 * @property {number} seconds
 * @property {string} request
 */
import { once } from 'node:events';
import { connect } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: (\d+)/i;

/** @param {Job} job @returns {Promise<number[]>} milliseconds of each request, from when it was due to its last byte */
async function run({ port, connections, perSecond, seconds, request }) {
  const latencies = [];
  const everyMs = (1000 * connections) / perSecond;
  const start = performance.now() + 50;
  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      socket.setEncoding('latin1');
      const ask = exchanger(socket, request);
      for (let due = start + (everyMs * index) / connections; due < start + seconds * 1000; due += everyMs) {
        const early = due - performance.now();
        if (early > 0) await new Promise(resolve => setTimeout(resolve, early));
        const asked = performance.now();
        await ask();
        // A timer that comes late is not the proxy's delay; a request that waited for the one before is.
        latencies.push(performance.now() - (early > 0 ? asked : due));
      }
      socket.destroy();
    }),
  );
  return latencies;
}

/** @returns {() => Promise<void>} sends the request, resolves with the end of its answer */
function exchanger(socket, request) {
  let text = '';
  let done;
  socket.on('data', piece => {
    text += piece;
    const end = text.indexOf(END_OF_HEAD);
    if (end < 0) return;
    if (!text.startsWith('HTTP/1.1 2')) throw new Error(`not a 2xx: ${text.slice(0, 500)}`);
    const length = Number(LENGTH.exec(text.slice(0, end))?.[1]);
    if (text.length < end + END_OF_HEAD.length + length) return;
    text = '';
    done();
  });
  return () =>
    new Promise(resolve => {
      done = resolve;
      socket.write(request, 'latin1');
    });
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** @param {number[]} latencies */
function summary(latencies) {
  const sorted = latencies.sort((one, other) => one - other);
  return { count: sorted.length, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}

process.on('message', job => {
  run(job).then(
    latencies => process.send(summary(latencies)),
    error => process.send({ failure: error.message }),
  );
});
process.on('disconnect', () => process.exit());
process.send('ready');
