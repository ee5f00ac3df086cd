/** A ledger that has folded some facts, and what it owes, short enough to compare. */
import { TickLedger } from '../src/tick-ledger.js';
import { PROJECT, SCHEDULE } from './log-of.js';

/** What a ledger folds. */
export type Fact = Parameters<TickLedger['configured']>[0] | Parameters<TickLedger['decided']>[0];

/** A ledger that has folded these facts, live unless told otherwise. */
export function ledgerOf(...facts: readonly Fact[]): TickLedger {
  const ledger = new TickLedger(SCHEDULE, PROJECT);
  for (const fact of facts) fold(ledger, fact);
  return ledger;
}

export function fold(ledger: TickLedger, fact: Fact): void {
  if (fact.type.startsWith('ScheduledSession')) ledger.configured(fact as Parameters<TickLedger['configured']>[0]);
  else ledger.decided(fact as Parameters<TickLedger['decided']>[0]);
}

/** What is owed at a time: ticks, and ranges as [first, last]. */
export function owedAt(ledger: TickLedger, now: number, { missed: isMissed = false } = {}): (number | [number, number])[] {
  ledger.collect(now, isMissed ? { since: now } : {});
  return owed(ledger);
}

export const owed = (ledger: TickLedger) =>
  [...ledger.owing].map(({ tick, through }) => (through === undefined ? tick : ([tick, through] as [number, number])));
export const triggers = (ledger: TickLedger) => [...ledger.owing].map(({ trigger }) => trigger);
export const minutes = (first: number, last: number, step = 1): number[] => {
  const ticks = [];
  for (let tick = first; tick <= last; tick += step * 60) ticks.push(tick);
  return ticks;
};
