/** The events of the AG-UI protocol that a run tells (docs.ag-ui.com, Events). The thread is the session. */
interface InRun {
  readonly threadId: string;
  readonly runId: string;
}

export type AgUiEvent =
  | ({ readonly type: 'RUN_STARTED' } & InRun)
  | { readonly type: 'TEXT_MESSAGE_START'; readonly messageId: string; readonly role: 'assistant' | 'system' }
  | { readonly type: 'TEXT_MESSAGE_CONTENT'; readonly messageId: string; readonly delta: string }
  | { readonly type: 'TEXT_MESSAGE_END'; readonly messageId: string }
  | ({
      readonly type: 'RUN_FINISHED';
      readonly result: { readonly phase: 'Completed' | 'Stopped'; readonly reason: string };
    } & InRun)
  | { readonly type: 'RUN_ERROR'; readonly message: string; readonly code: string };

/** A message that is said at once. The protocol has no empty content, so that of an empty line is left out. */
export const messageEvents = (messageId: string, role: 'assistant' | 'system', text: string): readonly AgUiEvent[] => [
  { type: 'TEXT_MESSAGE_START', messageId, role },
  ...(text === '' ? [] : [{ type: 'TEXT_MESSAGE_CONTENT', messageId, delta: text } as const]),
  { type: 'TEXT_MESSAGE_END', messageId },
];

/** As a server-sent event; `timestamp` in milliseconds since 1970. */
export const serverSent = (event: AgUiEvent, timestamp: number): string => `data: ${JSON.stringify({ ...event, timestamp })}\n\n`;

/** User messages of a `RunAgentInput` that are new to the agent: those after the last that somebody else said. */
export function newUserMessages(input: unknown): readonly { readonly id?: string; readonly text: string }[] | undefined {
  const messages = isRecord(input) ? input['messages'] : undefined;
  if (!Array.isArray(messages)) return undefined;
  const lastOther = messages.findLastIndex(message => !isRecord(message) || message['role'] !== 'user');
  const news = messages.slice(lastOther + 1).map(messageOf);
  return news.length > 0 && news.every(message => message !== undefined) ? news : undefined;
}

function messageOf(message: Record<string, unknown>): { id?: string; text: string } | undefined {
  const { id, content } = message;
  const text = textOf(content);
  if (text === undefined) return undefined;
  return typeof id === 'string' ? { id, text } : { text };
}

/** Content is a text, or a list of parts of which we take those that are text. */
function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts = content.map(part => (isRecord(part) && part['type'] === 'text' ? part['text'] : undefined));
  return texts.length > 0 && texts.every(text => typeof text === 'string') ? texts.join('') : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The messages in a stream of server-sent events, each as it was said. */
export async function* saidIn(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let text = '';
  for await (const piece of stream) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line.slice('data: '.length)) as AgUiEvent;
      if (event.type === 'TEXT_MESSAGE_START') text = '';
      else if (event.type === 'TEXT_MESSAGE_CONTENT') text += event.delta;
      else if (event.type === 'TEXT_MESSAGE_END') yield text;
    }
  }
}
