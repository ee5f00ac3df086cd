import type { Logger } from 'pino';

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
