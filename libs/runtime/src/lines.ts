/** Bytes of JSON that a message's payload may take, so that the request that carries it stays below the API's limit of 1 MiB. */
export const MAX_PAYLOAD_BYTES = 1_048_576 - 1024;

/** Text in lines, without their ends (`\n` or `\r\n`). A last line needs none. A line longer than a payload comes in pieces. */
export async function* linesOf(chunks: AsyncIterable<string>, maxBytes = MAX_PAYLOAD_BYTES): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const [first = '', ...others] = chunk.split('\n');
    rest += first;
    for (const start of others) {
      yield* piecesOf(rest.endsWith('\r') ? rest.slice(0, -1) : rest, maxBytes);
      rest = start;
    }
    // More than any one payload holds: it need not wait for its end.
    while (rest.length > maxBytes) {
      const [piece, after] = cut(rest, maxBytes);
      yield* piecesOf(piece, maxBytes);
      rest = after;
    }
  }
  if (rest !== '') yield* piecesOf(rest, maxBytes);
}

/** A text in pieces, in order, each of which takes at most `maxBytes` bytes as JSON. */
export function piecesOf(text: string, maxBytes = MAX_PAYLOAD_BYTES): string[] {
  if (text.length < 2 || Buffer.byteLength(JSON.stringify(text)) <= maxBytes) return [text];
  const [head, tail] = cut(text, Math.ceil(text.length / 2));
  return tail === '' ? [head] : [...piecesOf(head, maxBytes), ...piecesOf(tail, maxBytes)];
}

/** Cuts behind `at` UTF-16 units, one later where that would part a surrogate pair. */
function cut(text: string, at: number): [string, string] {
  const code = text.charCodeAt(at - 1);
  const end = code >= 0xd800 && code <= 0xdbff ? at + 1 : at;
  return [text.slice(0, end), text.slice(end)];
}
