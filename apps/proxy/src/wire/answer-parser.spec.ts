import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AnswerParser, MalformedAnswer } from './answer-parser.js';

interface Read {
  status: number | undefined;
  headers: string[];
  body: string;
  ended: boolean;
  reusable: boolean;
}

/** Reads an answer that comes in pieces. `closed`: the connection is closed after them. */
function read(pieces: readonly string[], { method = 'GET', closed = false } = {}): Read {
  const parser = new AnswerParser(1024);
  const seen: Read = { status: undefined, headers: [], body: '', ended: false, reusable: false };
  parser.expect(method, {
    head: (status, headers) => Object.assign(seen, { status, headers }),
    data: piece => void (seen.body += piece.toString('latin1')),
    end: last => Object.assign(seen, { body: seen.body + (last?.toString('latin1') ?? ''), ended: true }),
  });
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1');
    parser.push(bytes);
    // As the next read would.
    bytes.fill('?');
  }
  if (closed) parser.close();
  return { ...seen, reusable: parser.reuse.possible };
}

const head = (...lines: string[]): string => [...lines, '', ''].join('\r\n');
const OK = 'HTTP/1.1 200 OK';

const ANSWERS: readonly [name: string, text: string, body: string][] = [
  ['with a length', `${head(OK, 'Content-Length: 5')}hello`, 'hello'],
  ['with a length of 0', head(OK, 'Content-Length: 0'), ''],
  ['in chunks', `${head(OK, 'Transfer-Encoding: chunked')}5\r\nhello\r\n1;name=value\r\n!\r\n0\r\n\r\n`, 'hello!'],
  [
    'in chunks with a trailer',
    `${head(OK, 'Transfer-Encoding: Chunked')}A\r\n0123456789\r\n00\r\nX-Sum: 1\r\n\r\n`,
    '0123456789',
  ],
  [
    'after interim answers',
    `${head('HTTP/1.1 100 Continue')}${head('HTTP/1.1 103 Early', 'Link: a')}${head(OK, 'Content-Length: 2')}ok`,
    'ok',
  ],
  ['without a reason', `${head('HTTP/1.1 200 ', 'content-length: 1')}x`, 'x'],
];

describe('an answer', () => {
  it.each(ANSWERS)('%s is read, and leaves the connection usable', (_name, text, body) => {
    expect(read([text])).toMatchObject({ status: 200, body, ended: true, reusable: true });
  });

  it.each(ANSWERS)('%s is the same however it is cut into pieces', (_name, text, body) => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), cuts => {
        const places = [0, ...cuts.sort((one, other) => one - other), text.length];
        const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));
        expect(read(pieces)).toMatchObject({ status: 200, body, ended: true });
      }),
    );
    expect(read(Array.from(text))).toMatchObject({ status: 200, body, ended: true });
  });

  it('has its headers as they came, names in lower case', () => {
    const { headers } = read([
      head(OK, 'ETag: "7"', 'X-Two:  a b \t', 'Set-Cookie: a=1', 'set-cookie: b=2', 'Content-Length: 0'),
    ]);
    expect(headers).toEqual(['etag', '"7"', 'x-two', 'a b', 'set-cookie', 'a=1', 'set-cookie', 'b=2', 'content-length', '0']);
  });

  it.each([
    ['HEAD', head(OK, 'Content-Length: 5')],
    ['GET', head('HTTP/1.1 304 Not Modified', 'Content-Length: 5')],
    ['DELETE', head('HTTP/1.1 204 No Content')],
  ])('to %s without body ends with its head', (method, text) => {
    expect(read([text], { method })).toMatchObject({ body: '', ended: true, reusable: true });
  });

  it('without a length ends with the connection', () => {
    const text = `${head(OK)}all of it`;
    expect(read([text])).toMatchObject({ body: 'all of it', ended: false });
    expect(read([text], { closed: true })).toMatchObject({ body: 'all of it', ended: true, reusable: false });
  });

  it.each([
    ['HTTP/1.1 200 OK', 'Connection: close'],
    ['HTTP/1.1 200 OK', 'Connection: keep-alive, Close'],
    ['HTTP/1.0 200 OK', 'Server: old'],
  ])('%s, %s is the last on its connection', (status, header) => {
    expect(read([head(status, header, 'Content-Length: 0')])).toMatchObject({ ended: true, reusable: false });
  });

  it.each([
    ['two lengths', head(OK, 'Content-Length: 1', 'Content-Length: 2')],
    ['the same length twice', head(OK, 'Content-Length: 1', 'Content-Length: 1')],
    ['a list as length', head(OK, 'Content-Length: 1, 1')],
    ['a negative length', head(OK, 'Content-Length: -1')],
    ['a length with a sign', head(OK, 'Content-Length: +1')],
    ['a length and chunks', head(OK, 'Content-Length: 1', 'Transfer-Encoding: chunked')],
    ['an unknown coding', head(OK, 'Transfer-Encoding: gzip, chunked')],
    ['two codings', head(OK, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
    ['chunks in HTTP/1.0', head('HTTP/1.0 200 OK', 'Transfer-Encoding: chunked')],
    ['a folded header', head(OK, 'X-A: 1', ' folded: 2')],
    ['a space before the colon', head(OK, 'Content-Length : 1')],
    ['a header without colon', head(OK, 'nonsense')],
    ['a control character in a value', head(OK, 'X-A: 1\x00')],
    ['a lone line feed in the head', `${OK}\nX-A: 1\r\n\r\n`],
    ['a lone carriage return in the head', head(OK, 'X-A: 1\rX-B: 2')],
    ['a lone carriage return at its end', head(OK, 'X-A: 1\r')],
    ['another protocol', head('HTTP/2 200')],
    ['no status', head('HTTP/1.1 OK')],
    ['a status out of range', head('HTTP/1.1 999 What')],
    ['a switch of protocols', head('HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket')],
    ['a head that is too large', head(OK, `X-A: ${'x'.repeat(2000)}`)],
    ['a head without end', 'x'.repeat(2000)],
    ['a chunk size that is no number', `${head(OK, 'Transfer-Encoding: chunked')}x\r\n`],
    ['a chunk size out of range', `${head(OK, 'Transfer-Encoding: chunked')}fffffffffffffffff\r\n`],
    ['a chunk longer than it says', `${head(OK, 'Transfer-Encoding: chunked')}1\r\nab\r\n`],
    ['a lone line feed after a size', `${head(OK, 'Transfer-Encoding: chunked')}1\na\r\n`],
    ['more than one answer', `${head(OK, 'Content-Length: 0')}${head(OK, 'Content-Length: 0')}`],
  ])('with %s is refused', (_name, text) => {
    expect(() => read([text])).toThrow(MalformedAnswer);
  });

  it('that breaks off is refused', () => {
    expect(() => read([`${head(OK, 'Content-Length: 5')}he`], { closed: true })).toThrow(MalformedAnswer);
    expect(() => read([`${head(OK, 'Transfer-Encoding: chunked')}5\r\nhello\r\n`], { closed: true })).toThrow(MalformedAnswer);
    expect(() => read(['HTTP/1.1 2'], { closed: true })).toThrow(MalformedAnswer);
  });
});
