import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

/** Lines are written some at a time: a write for each would cost as much as the request it tells of. A `kill -9` may lose the last second. */
const BUFFER_BYTES = 8192;
const FLUSH_MS = 1000;

/** One JSON line an entry, on standard error: standard output is the terminal user's. Each service takes a child that names it. */
export const createLog = (level: string): Logger =>
  pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: false, minLength: BUFFER_BYTES, periodicFlush: FLUSH_MS }),
  );

/** The service's log for parts that know three methods and no more. */
export function plainLog(
  log: Logger,
  service: string,
): { log(message: string): void; warn(message: string): void; error(message: string): void } {
  const own = log.child({ service });
  return {
    log: message => own.info(message),
    warn: message => own.warn(message),
    error: message => own.error(message),
  };
}

/** Nest's own lines, in the same log; its start-up chatter at level debug. */
export class NestLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: unknown[]): void {
    this.logger.debug({ context: context.at(-1) }, String(message));
  }

  error(message: unknown, ...context: unknown[]): void {
    this.logger.error({ err: message instanceof Error ? message : undefined, context: context.at(-1) }, String(message));
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.logger.warn({ context: context.at(-1) }, String(message));
  }

  debug(message: unknown, ...context: unknown[]): void {
    this.logger.debug({ context: context.at(-1) }, String(message));
  }
}
