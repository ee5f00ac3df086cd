/** Makes the requests for decisions: many at a time, never more than a bus and this process can bear, in the order in which they come. */
import type { Logger } from 'pino';
import { BusUnavailable, type Bus, type Message } from '#bus';
import { deterministicUuid, runIdOf, triggerSubject, type TriggerRequested } from '#contracts';
import { instant, metrics } from '#service';
import type { OwedTick, TickLedger } from './tick-ledger.js';

/** Requests that wait for the bus's acknowledgement at a time. */
const MOST_ON_THE_WAY = 512;
/** Requests made before other work of the process gets its turn: a few milliseconds. */
const MOST_IN_A_ROW = 200;
/** What goes wrong is said so often, not for every tick: thousands may be due together. */
const COMPLAIN_EVERY_MS = 1000;
/** From so many requests for one tick on it is worth a word. */
const MANY = 4;

export interface RequestsOptions {
  readonly bus: Pick<Bus, 'publish'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Logger;
  /** The bus has the request. */
  readonly onSent: (ledger: TickLedger, owed: OwedTick) => void;
  /** The bus did not take it: it is to be made again. */
  readonly onRefused: (ledger: TickLedger) => void;
  /** Something is wrong with the request itself: a defect. */
  readonly onDefect: (error: unknown) => void;
}

interface Waiting {
  readonly ledger: TickLedger;
  readonly owed: OwedTick;
}

export class Requests {
  private waiting: Waiting[] = [];
  private first = 0;
  private onTheWay = 0;
  private inARow = 0;
  private readonly undecided: Complaint;
  private readonly away: Complaint;

  constructor(private readonly options: RequestsOptions) {
    this.undecided = new Complaint(options, 'ticks are still without outcome, this one among them');
    this.away = new Complaint(options, 'the bus does not take requests; they will be made again');
  }

  /** Asks for the decision on a trigger that is due. */
  make(ledger: TickLedger, owed: OwedTick): void {
    owed.isOnItsWay = true;
    this.waiting.push({ ledger, owed });
    this.goOn();
  }

  /** Forgets those that the bus was not yet given. */
  clear(): void {
    const left = this.waiting.slice(this.first);
    this.waiting = [];
    this.first = 0;
    for (const { owed } of left) owed.isOnItsWay = false;
  }

  private goOn(): void {
    while (this.first < this.waiting.length && this.onTheWay < MOST_ON_THE_WAY && this.inARow < MOST_IN_A_ROW) {
      const next = this.waiting[this.first];
      this.first += 1;
      if (this.inARow === 0) setImmediate(() => this.nextRow());
      this.inARow += 1;
      if (next) void this.publish(next);
    }
    if (this.first < this.waiting.length) return;
    this.waiting = [];
    this.first = 0;
  }

  private nextRow(): void {
    this.inARow = 0;
    this.goOn();
  }

  private async publish({ ledger, owed }: Waiting): Promise<void> {
    this.onTheWay += 1;
    try {
      await this.options.bus.publish(messageOf(ledger, owed, this.options.now()));
      this.sent(ledger, owed);
    } catch (error) {
      owed.isOnItsWay = false;
      if (error instanceof BusUnavailable) this.refused(ledger);
      else this.options.onDefect(error);
    } finally {
      this.onTheWay -= 1;
      this.goOn();
    }
  }

  private sent(ledger: TickLedger, owed: OwedTick): void {
    owed.isOnItsWay = false;
    owed.sentAt = this.options.now();
    owed.attempts += 1;
    if (owed.trigger === 'schedule' && owed.attempts === 1)
      metrics.tickLateness.observe(Math.max(0, owed.sentAt - owed.start * 1000));
    if (owed.attempts >= MANY)
      this.undecided.say({ schedule: ledger.id, scheduled_for: ticks.of(owed.tick * 1000), attempts: owed.attempts });
    this.options.onSent(ledger, owed);
  }

  /** Those behind it would fare no better. */
  private refused(ledger: TickLedger): void {
    const all = [ledger, ...this.waiting.slice(this.first).map(waiting => waiting.ledger)];
    this.clear();
    for (const each of all) this.options.onRefused(each);
    this.away.say({ schedule: ledger.id, requests: all.length });
  }
}

class Complaint {
  private saidAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly options: Pick<RequestsOptions, 'now' | 'log'>,
    private readonly text: string,
  ) {}

  say(example: object): void {
    const now = this.options.now();
    if (Math.abs(now - this.saidAt) < COMPLAIN_EVERY_MS) return;
    this.saidAt = now;
    this.options.log.warn(example, this.text);
  }
}

/** An instant as text; that of a whole second mostly is the one before again, since many ticks fall together. */
class Instants {
  private ms = Number.NaN;
  private text = '';

  of(ms: number): string {
    if (ms !== this.ms) [this.ms, this.text] = [ms, instant(ms)];
    return this.text;
  }
}

const ticks = new Instants();
const moments = new Instants();

function messageOf(ledger: TickLedger, owed: OwedTick, now: number): Message {
  const scheduled_for = ticks.of(owed.tick * 1000);
  const request: TriggerRequested = {
    scheduled_session_id: ledger.id,
    project_id: ledger.projectId,
    scheduled_for,
    trigger: owed.trigger ?? 'schedule',
    requested_at: moments.of(now),
    ...(owed.through === undefined ? {} : { missed_through: instant(owed.through * 1000) }),
  };
  const runId = runIdOf(ledger.id, scheduled_for);
  return {
    subject: triggerSubject(request),
    id: owed.attempts === 0 ? runId : deterministicUuid(runId, String(owed.attempts)),
    data: JSON.stringify(request),
    headers: cloudEvent(runId, request),
  };
}

/** CloudEvents 1.0 attributes, as headers (binary mode). */
const cloudEvent = (id: string, request: TriggerRequested): Record<string, string> => ({
  'ce-specversion': '1.0',
  'ce-id': id,
  'ce-source': '/ambient/scheduler',
  'ce-type': 'ambient.trigger.requested.v1',
  'ce-time': request.requested_at,
  'ce-subject': request.scheduled_session_id,
  'content-type': 'application/json',
});
