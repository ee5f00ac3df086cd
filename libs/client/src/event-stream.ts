/** Server-sent events (WHATWG HTML, 9.2): the text of a stream as events. */

export interface ServerSentEvent {
  /** The last id that was sent; what a reconnect goes on after. Empty when there was none yet. */
  readonly id: string;
  /** `message` unless the stream says otherwise. */
  readonly event: string;
  readonly data: string;
}

/** The stream has told how long to wait before the next connection. */
export interface Reconnection {
  readonly retryMs: number;
}

/** Takes the text of a stream in any pieces. */
export class EventStreamParser {
  #rest = '';
  #id = '';
  #event = '';
  #data: string[] = [];
  #first = true;

  /** The events that this piece completes. */
  *push(text: string): Generator<ServerSentEvent | Reconnection> {
    const all = this.#rest + (this.#first ? text.replace(/^\uFEFF/, '') : text);
    if (text !== '') this.#first = false;
    const lines = all.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const found = line === '' ? this.#dispatch() : this.#field(line);
      if (found) yield found;
    }
  }

  #dispatch(): ServerSentEvent | undefined {
    const found =
      this.#data.length > 0 ? { id: this.#id, event: this.#event || 'message', data: this.#data.join('\n') } : undefined;
    this.#event = '';
    this.#data = [];
    return found;
  }

  #field(line: string): Reconnection | undefined {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#event = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) return { retryMs: Number(value) };
    return undefined;
  }
}
