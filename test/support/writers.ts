/** Clients that write without a pause, each write again until it is acknowledged, and remember what they were answered. */
import { expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '#event-store';
import type { Answer, Client, Json, RequestOptions } from './http.js';

/** An answer that does not come within so long is given up. */
const ANSWER_MS = 15_000;
const PAUSE_MS = 50;
/** What may be answered to a write while something is away: the write may be tried again. */
const PASSING = [502, 503, 504];

interface Write {
  readonly text: string;
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: Json;
}

export class Writers {
  /** Texts of the writes that were acknowledged. */
  readonly acknowledged = new Set<string>();
  /** How often each status was answered; `none` when there was no answer. */
  readonly answers = new Map<string, number>();
  /** Answers that should not be. */
  readonly wrong: string[] = [];
  /** Instants of the acknowledgements, milliseconds since 1970. */
  readonly times: number[] = [];
  #stopped = false;
  #working: Promise<unknown> = Promise.resolve();

  /** @param clients ways to the same system: a write goes another way each time */
  constructor(
    private readonly clients: readonly Client[],
    private readonly project: string,
  ) {}

  /** So many writers begin, each with a session and a schedule of its own. Resolves when these are there. */
  async start(count: number): Promise<void> {
    const [client] = this.clients as [Client];
    await client.post('/projects', { name: this.project });
    const own = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const name = `${this.project}-of-${index}`;
        const session = await client.post('/sessions', { name, project_id: this.project });
        const schedule = await client.post(this.#schedules, { name, schedule: '0 0 1 1 *' });
        return [index, session['id'] as string, schedule['id'] as string] as const;
      }),
    );
    this.#working = Promise.all(own.map(args => this.#work(...args)));
  }

  /** Resolves when every write is acknowledged, and nothing is written any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }

  /** Every write is in the log, once, and those of one writer in their order; and no answer was wrong. */
  expectKept(log: readonly RecordedEvent[]): void {
    const texts = log
      .flatMap(({ type, data }) => textOf(type, JSON.parse(data)) ?? [])
      .filter(text => text.startsWith(`${this.project} `));
    expect(texts.toSorted()).toEqual([...this.acknowledged].toSorted());
    const byWriter = (all: Iterable<string>) => Object.fromEntries(Map.groupBy(all, text => text.split(' ')[1]!));
    expect(byWriter(texts)).toEqual(byWriter(this.acknowledged));
    expect(this.wrong).toEqual([]);
  }

  async #work(index: number, session: string, schedule: string): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const text = `${this.project} ${index} ${n}`;
      const writes: readonly Write[] = [
        { text, method: 'POST', path: `/sessions/${session}/messages`, body: { payload: text } },
        { text, method: 'PATCH', path: `${this.#schedules}/${schedule}`, body: { description: text } },
        { text, method: 'POST', path: this.#schedules, body: { name: text, schedule: '0 0 1 1 *' } },
      ];
      await this.#write(writes[n % writes.length]!, index + n);
    }
  }

  /** Until it is acknowledged. */
  async #write(write: Write, way: number): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const headers: Record<string, string> =
        write.method === 'POST' ? { 'idempotency-key': write.text.replaceAll(' ', '/') } : {};
      const answer = await this.#ask(way + attempt, write.method, write.path, { body: write.body, headers });
      if (answer && answer.status < 300) {
        this.acknowledged.add(write.text);
        this.times.push(Date.now());
        if (write.path === this.#schedules) await this.#expectSeen(`${this.#schedules}/${answer.body['id']}`, way + attempt + 1);
        return;
      }
      const inFlight = answer?.status === 409 && attempt > 0;
      if (answer && !inFlight && !PASSING.includes(answer.status)) {
        this.wrong.push(`${write.method} ${write.path}: ${answer.status} ${JSON.stringify(answer.body)}`);
        return;
      }
      await sleep(PAUSE_MS);
    }
  }

  /** Invariant 5: whoever reads after the acknowledgement sees it, whichever way. */
  async #expectSeen(path: string, way: number): Promise<void> {
    const answer = await this.#ask(way, 'GET', path);
    if (answer && answer.status !== 200 && !PASSING.includes(answer.status)) this.wrong.push(`GET ${path}: ${answer.status}`);
  }

  /** Nothing when there is no answer. */
  async #ask(way: number, method: string, path: string, options: RequestOptions = {}): Promise<Answer<Json> | undefined> {
    const client = this.clients[way % this.clients.length]!;
    let answer;
    try {
      answer = await client.request(method, path, { ...options, signal: AbortSignal.timeout(ANSWER_MS) });
    } catch {
      // A connection that broke, or an answer that was too long in coming: what became of it is not known.
    }
    const status = String(answer?.status ?? 'none');
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    if (answer?.status === 503 && !answer.headers.has('retry-after'))
      this.wrong.push(`${method} ${path}: 503 without Retry-After`);
    return answer;
  }

  get #schedules(): string {
    return `/projects/${this.project}/scheduled-sessions`;
  }
}

/** What was written, of the events that writers cause. */
function textOf(type: string, payload: Json): string | undefined {
  if (type === 'SessionMessageAppended') return payload['payload'];
  if (type === 'ScheduledSessionCreated') return payload['name'];
  return type === 'ScheduledSessionUpdated' ? payload['changes']['description'] : undefined;
}
