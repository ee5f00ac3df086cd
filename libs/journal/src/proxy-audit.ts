/** The proxy's audit: its decisions as events of the streams `proxyAudit-{day}`, which any number of proxies write at once. */
import { setImmediate } from 'node:timers/promises';
import {
  deterministicUuid,
  matches,
  ProjectName,
  proxyDecisionFields,
  streams,
  type Actor,
  type EventMetadata,
  type EventOf,
  type ProxyDecision,
} from '#contracts';
import type { EventStore, EventToAppend, RecordedEvent } from '#event-store';
import { EMPTY_TAIL, encode, type Cause, type Tail } from './codec.js';
import { retrying } from './journal.js';

/** How far the clocks of a proxy and of this process may be apart: so much longer a batch is looked for. */
const SKEW_MS = 60_000;
/** Decisions encoded before other work gets its turn: about 5 ms. */
const AT_ONCE = 100;
/** Events looked through at a time. */
const PAGE = 500;
/** Other proxies write to the same stream. */
const ATTEMPTS = 20;
/** A day is forgotten when it has more batches than this, and looked up again: memory stays bounded. */
const MOST_BATCHES = 50_000;
/** Longest text of a request that is recorded, in UTF-16 code units. */
const LONGEST = 2048;
/** Around midnight two days are written. */
const DAYS_KEPT = 2;

/** What is known of a day's stream. */
interface Day {
  tail: Tail;
  /** The batches in it from revision `first` on. */
  readonly batches: Set<string>;
  first: number;
  /** When the event at `first` was recorded: what is before it was recorded no later, clocks of several writers apart. */
  since: string;
}

/** A decision, and where it stands in its batch. */
type Numbered = readonly [index: number, decision: ProxyDecision];

export class ProxyAuditJournal {
  readonly #days = new Map<string, Day>();
  #last: Promise<void> = Promise.resolve();

  /** @param now milliseconds since 1970 */
  constructor(
    private readonly store: EventStore,
    private readonly now: () => number,
  ) {}

  /**
   * Records a batch once, however often it is handed over; durable when it resolves. Batches of one journal follow one another: they go to
   * the same stream anyway.
   * @throws {EventStoreUnavailable} the same batch may be handed over again
   * @throws {WrongExpectedRevision} other proxies were always faster; likewise
   */
  record(batchId: string, decisions: readonly ProxyDecision[]): Promise<void> {
    const recorded = this.#last.then(() => this.#record(batchId, decisions));
    this.#last = recorded.catch(() => undefined);
    return recorded;
  }

  async #record(batchId: string, decisions: readonly ProxyDecision[]): Promise<void> {
    for (const [day, ofDay] of byDay(decisions)) {
      await retrying(() => this.#append(streams.proxyAudit(day), batchId, ofDay), ATTEMPTS);
    }
  }

  async #append(stream: string, batchId: string, decisions: readonly Numbered[]): Promise<void> {
    const day = await this.#latest(stream);
    if (await this.#holds(day, stream, batchId, decisions)) return;
    const { revision } = day.tail;
    const [result] = await this.store.append([
      { stream, expected: revision < 0 ? 'none' : revision, events: await this.#encoded(stream, day.tail, batchId, decisions) },
    ]);
    if (!result) return;
    // Read, not kept from above: had the same batch come through another process, its events stand there, with its time and hash.
    const [last] = await this.store.readStream(stream, { from: result.revision, limit: 1 });
    if (last) follow(day, last);
  }

  /** What is known of a day, brought up to date. */
  async #latest(stream: string): Promise<Day> {
    const known = this.#days.get(stream);
    const news = known && (await this.store.readStream(stream, { from: known.tail.revision + 1, limit: PAGE }));
    const isNear = known && news && news.length < PAGE && known.batches.size < MOST_BATCHES;
    const day = isNear ? known : await this.#opened(stream);
    if (isNear) for (const event of news) follow(day, event);
    this.#keep(stream, day);
    return day;
  }

  async #opened(stream: string): Promise<Day> {
    const day: Day = { tail: EMPTY_TAIL, batches: new Set(), first: 0, since: '' };
    const [last] = await this.store.readStream(stream, { direction: 'backwards', limit: 1 });
    if (!last) return day;
    follow(day, last);
    return { ...day, first: last.revision, since: metadataOf(last).occurred_at };
  }

  #keep(stream: string, day: Day): void {
    this.#days.delete(stream);
    this.#days.set(stream, day);
    const [oldest] = this.#days.keys();
    if (oldest !== undefined && this.#days.size > DAYS_KEPT) this.#days.delete(oldest);
  }

  /** Whether a batch is in the stream. It can't have been recorded before its decisions were made: what is older need not be read. */
  async #holds(day: Day, stream: string, batchId: string, decisions: readonly Numbered[]): Promise<boolean> {
    const earliest = Math.min(...decisions.map(([, { at }]) => Date.parse(at))) - SKEW_MS;
    while (!day.batches.has(batchId) && day.first > 0 && Date.parse(day.since) >= earliest) {
      const page = await this.store.readStream(stream, { from: day.first - 1, direction: 'backwards', limit: PAGE });
      if (page.length === 0) day.first = 0;
      for (const event of page) {
        const { causation_id, occurred_at } = metadataOf(event);
        day.batches.add(causation_id);
        day.first = event.revision;
        day.since = occurred_at;
      }
      await setImmediate();
    }
    return day.batches.has(batchId);
  }

  async #encoded(stream: string, tail: Tail, batchId: string, decisions: readonly Numbered[]): Promise<EventToAppend[]> {
    const occurred_at = new Date(this.now()).toISOString();
    const events: EventToAppend[] = [];
    let end = tail;
    for (const [index, decision] of decisions) {
      const cause = { ...causeOf(decision), causation_id: batchId, occurred_at };
      const id = deterministicUuid('proxyAudit', batchId, String(index));
      const next = encode(stream, end, decided(decision), id, cause);
      events.push(next.event);
      end = next.tail;
      if (events.length % AT_ONCE === 0) await setImmediate();
    }
    return events;
  }
}

const metadataOf = ({ metadata }: RecordedEvent): EventMetadata => JSON.parse(metadata) as EventMetadata;

/** Takes the next event of the stream, or one behind which nothing unknown is. */
function follow(day: Day, event: RecordedEvent): void {
  const { causation_id, hash } = metadataOf(event);
  day.batches.add(causation_id);
  day.tail = { revision: event.revision, hash };
}

/** By day of the UTC calendar, earliest first. */
function byDay(decisions: readonly ProxyDecision[]): [day: string, Numbered[]][] {
  const days = new Map<string, Numbered[]>();
  for (const [index, decision] of decisions.entries()) {
    const day = decision.at.slice(0, 10);
    const ofDay = days.get(day);
    if (ofDay) ofDay.push([index, decision]);
    else days.set(day, [[index, decision]]);
  }
  return [...days].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** The user; where no one was authenticated, the proxy itself. */
function actorOf({ user, actor_kind = 'user' }: ProxyDecision): Actor {
  return user ? { id: tidy(user), kind: actor_kind } : { id: 'proxy', kind: 'service' };
}

function causeOf(decision: ProxyDecision): Omit<Cause, 'occurred_at' | 'causation_id'> {
  const operation_id = tidy(decision.operation_id);
  return { actor: actorOf(decision), correlation_id: operation_id, operation_id };
}

const FIELDS = Object.keys(proxyDecisionFields) as (keyof typeof proxyDecisionFields)[];

/**
 * The event of a decision. Whatever a request says of itself, its record can be written: texts are cut and made well-formed, and a
 * project that could be none is left out (it still stands among the parameters). What no field is for is not recorded.
 */
function decided(decision: ProxyDecision): EventOf<'ProxyRequestDecided'> {
  const { project_id } = decision;
  const given = FIELDS.filter(name => decision[name] !== undefined).map(name => [name, tidied(decision[name])]);
  const where = matches(ProjectName, project_id) ? { project_id } : {};
  return { type: 'ProxyRequestDecided', payload: { ...(Object.fromEntries(given) as Decided), ...where } };
}

type Decided = Omit<ProxyDecision, 'project_id'>;

function tidied(value: ProxyDecision[keyof ProxyDecision]): unknown {
  if (typeof value === 'string') return tidy(value);
  if (typeof value === 'number') return Math.max(0, Math.round(value)) || 0;
  if (value === undefined) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [tidy(name), tidy(text)]));
}

const tidy = (text: string): string => text.slice(0, LONGEST).toWellFormed();
