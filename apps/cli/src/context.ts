/** What every command works with: the server, the project, and where its output goes. */
import type { AmbientClient } from '#client';
import { Interrupted, UsageError } from './errors.js';
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

export class Context {
  readonly printer: Printer;
  /** Aborted by Ctrl-C; a second one ends the process at once. */
  readonly signal: AbortSignal;
  #connection: Promise<Connection> | undefined;
  #client: Promise<AmbientClient> | undefined;

  constructor(private readonly options: GlobalOptions) {
    this.printer = new Printer({
      output: options.output,
      times: new Times(options.local ? Times.readersZone() : undefined),
      paint: paintFor(process.stdout, options.color),
      write: text => written(process.stdout, text),
      note: text => void process.stderr.write(`${text}\n`),
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
  const interrupt = (): void => controller.abort(new Interrupted('interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  return controller.signal;
}

/** Resolves when the reader has taken it in: what is produced faster than it is read does not pile up. */
function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise(resolve => void stream.write(text, () => resolve()));
}
