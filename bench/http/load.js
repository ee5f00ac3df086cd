/**
 * The load generator, a process of its own: keep-alive connections that each send a request as soon as the last is answered. It knows as
 * much HTTP as it takes to find the end of an answer, so that the two cores are left to the servers.
 *
 * @typedef {object} Job
 * @property {number} port
 * @property {number} connections
 * @property {number} seconds
 * @property {[before: string, after: string]} request the request's text, in two: between them goes what differs from one to the next
 * @property {string[]} [values] what differs, one after the other; left out: numbers of 10 digits that never come again
 */
import { once } from 'node:events';
import { connect } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';
const STATUS = /^HTTP\/1\.1 (\d{3})/;
const LENGTH = /\r\ncontent-length: (\d+)/i;

let unique = 0;

/** @param {Job} job @returns {Promise<number>} answers a second, each of them 2xx */
async function run({ port, connections, seconds, request: [before, after], values }) {
  let turn = 0;
  const next = () => before + (values ? values[turn++ % values.length] : String(unique++).padStart(10, '0')) + after;
  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(port)));
  const start = performance.now();
  const deadline = start + seconds * 1000;
  const answered = await Promise.all(sockets.map(socket => converse(socket, next, deadline)));
  return sum(answered) / seconds;
}

async function opened(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket.setEncoding('latin1');
}

/** Asks again and again until the deadline. Resolves with the number of answers that came before it. */
function converse(socket, next, deadline) {
  return new Promise((resolve, reject) => {
    let answered = 0;
    let text = '';
    /** Bytes of the answer at hand that are still to come; undefined before its head is complete. */
    let missing;
    const ask = () => {
      missing = undefined;
      text = '';
      socket.write(next(), 'latin1');
    };
    const fail = reason => {
      socket.destroy();
      reject(new Error(reason));
    };
    socket.on('data', chunk => {
      if (missing === undefined) {
        text += chunk;
        const end = text.indexOf(END_OF_HEAD);
        if (end < 0) return;
        const head = text.slice(0, end);
        if (!STATUS.exec(head)?.[1].startsWith('2')) return fail(`not a 2xx: ${text.slice(0, 2000)}`);
        const length = LENGTH.exec(head);
        if (!length) return fail(`an answer without Content-Length: ${head}`);
        missing = Number(length[1]) - (text.length - end - END_OF_HEAD.length);
      } else {
        missing -= chunk.length;
      }
      if (missing > 0) return;
      if (missing < 0) return fail(`more came than one answer: ${text.slice(0, 2000)}`);
      if (performance.now() < deadline) {
        answered += 1;
        return ask();
      }
      resolve(answered);
      socket.destroy();
    });
    socket.on('error', error => fail(error.message));
    socket.on('close', () => fail('the server closed the connection'));
    ask();
  });
}

const sum = numbers => numbers.reduce((total, number) => total + number, 0);

process.on('message', job => {
  run(job).then(
    perSecond => process.send({ perSecond }),
    error => process.send({ failure: error.message }),
  );
});
process.on('disconnect', () => process.exit());
process.send('ready');
