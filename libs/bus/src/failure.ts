import { type ConsumeOptions, type Delivery, PoisonMessage, RetryLater } from './bus.js';
import { type Log } from './log.js';

/** What becomes of a message whose handler failed. */
export type Verdict = { readonly kind: 'retry'; readonly waitMs: number } | { readonly kind: 'bury'; readonly error: string };

const LONGEST_ERROR = 2000;

/** The bus logs a defect; an error that was planned for is the handler's to log. */
export function judge(
  { durable, backoffMs, maxDeliveries }: ConsumeOptions,
  delivery: Delivery,
  error: unknown,
  log: Log,
): Verdict {
  const { subject, id, attempt } = delivery;
  const text = error instanceof Error ? error.message : String(error);
  const planned = error instanceof RetryLater || error instanceof PoisonMessage;
  if (!planned) {
    const defect = error instanceof Error ? (error.stack ?? text) : text;
    log.error(`${durable} failed at message ${id} of ${subject}, delivery ${attempt}: ${defect}`);
  }
  if (error instanceof PoisonMessage || attempt >= maxDeliveries)
    return { kind: 'bury', error: text.slice(0, LONGEST_ERROR).toWellFormed() };
  return { kind: 'retry', waitMs: backoffMs.at(Math.min(attempt, backoffMs.length) - 1) ?? 0 };
}
