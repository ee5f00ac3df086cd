import type { Phase, Session, SessionStatus } from '#contracts';
import { type SessionApi, SessionConflict, SessionNotFound } from '../src/session-api.js';
import type { SessionFeed, SessionSignal } from '../src/session-feed.js';

const ORDER: readonly (Phase | '')[] = ['', 'Pending', 'Creating', 'Running', 'Stopping', 'Stopped', 'Completed', 'Failed'];
const TERMINAL = ORDER.indexOf('Stopped');

export interface Message {
  readonly eventType: string;
  readonly payload: string;
}

interface Held {
  session: Session;
  prompt: string;
  readonly messages: Message[];
  /** Everything that was said of it, in order: phases, and `assistant: …` messages. */
  readonly said: string[];
}

/** The system as the runtime sees it, in memory, with the rules of phases of the domain. It is the feed as well. */
export class FakeSystem implements SessionApi, SessionFeed {
  readonly #sessions = new Map<string, Held>();
  readonly #subscribers = new Set<ReadableStreamDefaultController<SessionSignal>>();
  /** Called before each call of the API is carried out: to delay it, or to make it fail. */
  before: (call: string, sessionId: string) => Promise<void> | void = () => {};

  add(id: string, phase: Phase | '', over: Partial<Session> & { starting_prompt?: string } = {}): void {
    const { starting_prompt: prompt = '', ...fields } = over;
    const session = { id, kind: 'Session', name: id, project_id: 'acme', ...fields, phase } as Session;
    this.#sessions.set(id, { session, prompt, messages: [], said: [] });
  }

  /** Starts a session, as its API does. */
  start(id: string, starting_prompt = '', over: Partial<Session> = {}): void {
    if (!this.#sessions.has(id)) this.add(id, '', over);
    const held = this.#held(id);
    const phase = held.session.phase;
    if (phase !== '' && ORDER.indexOf(phase) < TERMINAL) throw new SessionConflict(`${id} is ${phase}`);
    held.prompt = starting_prompt;
    held.session = { ...held.session, phase: 'Pending' };
    this.signal('SessionStarted', id);
  }

  /** Asks a session to stop, as its API does. */
  requestStop(id: string): void {
    const held = this.#held(id);
    held.session = { ...held.session, phase: 'Stopping' };
    this.signal('SessionStopRequested', id);
  }

  delete(id: string): void {
    this.#sessions.delete(id);
  }

  signal(type: SessionSignal['type'], session_id: string): void {
    for (const subscriber of this.#subscribers) subscriber.enqueue({ type, session_id });
  }

  /** Breaks every subscription, as a lost connection does. */
  breakFeed(): void {
    for (const subscriber of this.#subscribers) subscriber.error(new Error('connection lost'));
    this.#subscribers.clear();
  }

  get subscriptions(): number {
    return this.#subscribers.size;
  }

  phase(id: string): Phase | '' {
    return this.#held(id).session.phase;
  }

  session(id: string): Session {
    return this.#held(id).session;
  }

  messages(id: string): readonly Message[] {
    return this.#held(id).messages;
  }

  said(id: string): readonly string[] {
    return this.#held(id).said;
  }

  /** The one condition of a session, without its time. */
  condition(id: string): unknown {
    const [{ at, ...condition }] = JSON.parse(this.session(id).conditions ?? '[{}]') as [Record<string, unknown>];
    return typeof at === 'string' ? condition : { ...condition, at };
  }

  subscribe(signal: AbortSignal): AsyncIterable<SessionSignal> {
    return new ReadableStream<SessionSignal>({
      start: controller => {
        this.#subscribers.add(controller);
        signal.addEventListener('abort', () => {
          if (this.#subscribers.delete(controller)) controller.close();
        });
      },
    });
  }

  async get(id: string): Promise<Session> {
    await this.before('get', id);
    return this.#held(id).session;
  }

  async listActive(): Promise<readonly Session[]> {
    await this.before('listActive', '');
    const sessions = [...this.#sessions.values()].map(({ session }) => session);
    return sessions.filter(({ phase }) => phase !== '' && ORDER.indexOf(phase) < TERMINAL);
  }

  async report(id: string, status: SessionStatus): Promise<void> {
    await this.before(`report ${status.phase}`, id);
    const held = this.#held(id);
    const { phase } = held.session;
    const next = status.phase ?? phase;
    const backward = ORDER.indexOf(next) < ORDER.indexOf(phase);
    if (next !== phase && (backward || ORDER.indexOf(phase) >= TERMINAL || phase === '')) {
      throw new SessionConflict(`${id} is ${phase} and can't become ${next}`);
    }
    held.session = { ...held.session, ...status };
    held.said.push(next);
  }

  async appendMessage(id: string, eventType: string, payload: string): Promise<void> {
    await this.before('appendMessage', id);
    const held = this.#held(id);
    held.messages.push({ eventType, payload });
    held.said.push(`${eventType}: ${payload}`);
  }

  async startingPrompt(id: string): Promise<string> {
    await this.before('startingPrompt', id);
    return this.#held(id).prompt;
  }

  #held(id: string): Held {
    const held = this.#sessions.get(id);
    if (!held) throw new SessionNotFound(`no session ${id}`);
    return held;
  }
}
