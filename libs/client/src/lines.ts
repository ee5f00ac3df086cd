import { ConnectionError } from './errors.js';

/**
 * The lines of a stream of text, without their ends; empty ones are left out. A line that the stream does not end is not given.
 * @throws {ConnectionError} when the stream breaks off
 */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw new ConnectionError('the answer broke off', { cause: error });
      });
      const lines = (rest + decoder.decode(value, { stream: !done })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield line;
      if (!done) continue;
      if (rest !== '') throw new ConnectionError('the answer broke off inside a line');
      return;
    }
  } finally {
    // Of a stream that is broken already.
    await reader.cancel().catch(() => undefined);
  }
}
