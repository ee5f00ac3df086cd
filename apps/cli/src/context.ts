/** What every command works with: the server, the project, and where its output goes. */
import type { AmbientClient } from '#client';
import { EXIT, Interrupted, UsageError } from './errors.js';
import { Printer } from './output/printer.js';
import type { Output } from './output/shape.js';
import { paintFor } from './output/style.js';
import { Times } from './output/times.js';
import { connectionOf, type Connection } from './settings/connection.js';
import { readContexts } from './settings/context-file.js';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly context?: string;
  readonly url?: string;
  readonly project?: string;
  readonly output: Output;
  readonly local?: boolean;
  readonly color: boolean;
}

/** Someone waits: a server that is not there is told about after a second. */
const RETRIES = 3;
const LINGER_MS = 2000;

export class Context {
  readonly printer: Printer;
  /** Aborted by Ctrl-C; a second one ends the process at once. */
  readonly signal: AbortSignal;
  #connection: Promise<Connection> | undefined;
  #client: Promise<AmbientClient> | undefined;

  constructor(private readonly options: GlobalOptions) {
    const paintNote = paintFor(process.stderr, options.color);
    this.printer = new Printer({
      output: options.output,
      times: new Times(options.local ? Times.readersZone() : undefined),
      paint: paintFor(process.stdout, options.color),
      write: text => written(process.stdout, text),
      note: (text, tone) => void process.stderr.write(`${tone ? paintNote(tone, text) : text}\n`),
    });
    this.signal = interrupted();
  }

  connection(): Promise<Connection> {
    return (this.#connection ??= readContexts().then(contexts => connectionOf(this.options, process.env, contexts)));
  }

  client(): Promise<AmbientClient> {
    return (this.#client ??= this.#open());
  }

  /** @throws {UsageError} when none is named anywhere */
  async project(): Promise<string> {
    const { project } = await this.connection();
    if (project !== undefined) return project;
    throw new UsageError('which project? --project, AMBIENT_PROJECT, or ambientctl context set NAME --project says so');
  }

  async #open(): Promise<AmbientClient> {
    const [{ createClient }, { url, token }] = await Promise.all([import('#client'), this.connection()]);
    return createClient({ url, ...(token === undefined ? {} : { token }), retry: { retries: RETRIES }, signal: this.signal });
  }
}

function interrupted(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    controller.abort(new Interrupted('interrupted'));
    // What does not listen to the signal is ended all the same.
    setTimeout(() => process.exit(EXIT.interrupted), LINGER_MS).unref();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  return controller.signal;
}

/** Resolves when the reader has taken it in: what is produced faster than it is read does not pile up. */
function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise(resolve => void stream.write(text, () => resolve()));
}
