/** A service as a process: it starts, says in one line why it can't, and drains at SIGTERM and Ctrl-C. */
import { ConfigurationError, loadEnvironment, type Environment } from './config.js';

export interface Running {
  /** Stops taking requests, lets those that run finish, and lets go of everything. */
  stop(): Promise<void>;
}

/** A stop that hangs is ended: what was acknowledged is durable whatever happens. */
const STOP_AT_MOST_MS = 9500;

/**
 * Runs a service until a signal ends it. Signals count from the first moment on: a start that waits for an engine can be broken off.
 * @param start gets a signal that is aborted when the start is broken off
 */
export async function runProcess(
  name: string,
  start: (environment: Environment, broken: AbortSignal) => Promise<Running>,
): Promise<void> {
  const breaking = new AbortController();
  const fail = (error: unknown): never => {
    if (breaking.signal.aborted) process.exit(0);
    const reason = error instanceof Error ? error.message : String(error);
    console.error(error instanceof ConfigurationError ? `configuration: ${reason}` : `${name}: ${reason}`);
    process.exit(1);
  };
  let running: Running | undefined;
  const stop = (): void => {
    if (breaking.signal.aborted) return;
    breaking.abort();
    setTimeout(() => process.exit(1), STOP_AT_MOST_MS).unref();
    if (running) end(running);
  };
  const end = (started: Running): void => {
    started.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    running = await start(loadEnvironment(), breaking.signal);
  } catch (error) {
    fail(error);
  }
  if (breaking.signal.aborted && running) end(running);
}
