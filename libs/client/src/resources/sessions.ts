import { followSession, type FollowOptions, type SessionUpdate } from '../follow.js';
import type { CallOptions, ChangeOptions, PostOptions } from '../options.js';
import { eventsOf, itemsOf } from '../pages.js';
import type {
  AllQuery,
  LogEvent,
  Session,
  SessionChanges,
  SessionCreate,
  SessionExport,
  SessionList,
  SessionMessage,
  SessionMessageCreate,
  SessionQuery,
  SessionRepoCreate,
  SessionStatus,
  SessionWorkflowMetadata,
  SessionWorkflowSet,
} from '../types.js';
import { watch, type WatchOptions } from '../watch.js';
import { answer, BASE, done, init, type Http } from '../wire.js';

const LIST = `${BASE}/sessions` as const;
const ONE = `${LIST}/{id}` as const;
const MESSAGES = `${ONE}/messages` as const;
const REPOS = `${ONE}/repos` as const;
const at = (id: string) => ({ path: { id } });

/** Sessions: each one piece of work of an agent, or of nobody. */
export class Sessions {
  constructor(private readonly http: Http) {}

  /** One page of those the caller may see. */
  list(query: SessionQuery = {}, options?: CallOptions): Promise<SessionList> {
    return answer(this.http.GET(LIST, { params: { query }, ...init(options) }));
  }

  /** All of them. */
  all(query: AllQuery<SessionQuery> = {}, options?: CallOptions): AsyncGenerator<Session> {
    return itemsOf((page, size) => this.list({ ...query, page, size }, options));
  }

  /** A session, now or as of an instant (RFC 3339). */
  get(id: string, { as_of, ...options }: CallOptions & { as_of?: string } = {}): Promise<Session> {
    return answer(this.http.GET(ONE, { params: { ...at(id), query: { as_of } }, ...init(options) }));
  }

  create(body: SessionCreate, options?: PostOptions): Promise<Session> {
    return answer(this.http.POST(LIST, { body, ...init(options) }));
  }

  update(id: string, body: SessionChanges, options?: ChangeOptions): Promise<Session> {
    return answer(this.http.PATCH(ONE, { params: at(id), body, ...init(options) }));
  }

  delete(id: string, options?: ChangeOptions): Promise<void> {
    return done(this.http.DELETE(ONE, { params: at(id), ...init(options) }));
  }

  start(id: string, options?: PostOptions): Promise<Session> {
    return answer(this.http.POST(`${ONE}/start`, { params: at(id), ...init(options) }));
  }

  /** Asks the runtime to end it. */
  stop(id: string, options?: PostOptions): Promise<Session> {
    return answer(this.http.POST(`${ONE}/stop`, { params: at(id), ...init(options) }));
  }

  /** A new session with the same configuration, its prompt left out. */
  clone(id: string, body: { name?: string } = {}, options?: PostOptions): Promise<Session> {
    return answer(this.http.POST(`${ONE}/clone`, { params: at(id), body, ...init(options) }));
  }

  rename(id: string, name: string, options?: ChangeOptions): Promise<Session> {
    return answer(this.http.PATCH(`${ONE}/displayname`, { params: at(id), body: { name }, ...init(options) }));
  }

  /** The runtime's report. */
  report(id: string, body: SessionStatus, options?: ChangeOptions): Promise<Session> {
    return answer(this.http.PATCH(`${ONE}/status`, { params: at(id), body, ...init(options) }));
  }

  addRepo(id: string, body: SessionRepoCreate, options?: PostOptions): Promise<Session> {
    return answer(this.http.POST(REPOS, { params: at(id), body, ...init(options) }));
  }

  removeRepo(id: string, name: string, options?: ChangeOptions): Promise<Session> {
    return answer(this.http.DELETE(`${REPOS}/{name}`, { params: { path: { id, name } }, ...init(options) }));
  }

  setWorkflow(id: string, body: SessionWorkflowSet, options?: PostOptions): Promise<Session> {
    return answer(this.http.POST(`${ONE}/workflow`, { params: at(id), body, ...init(options) }));
  }

  workflow(id: string, options?: CallOptions): Promise<SessionWorkflowMetadata> {
    return answer(this.http.GET(`${ONE}/workflow/metadata`, { params: at(id), ...init(options) }));
  }

  setModel(id: string, model: string, options?: PostOptions): Promise<Session> {
    return answer(this.http.POST(`${ONE}/model`, { params: at(id), body: { model }, ...init(options) }));
  }

  /** Conditions that the runtime reported, oldest first. */
  podEvents(id: string, options?: CallOptions): Promise<unknown[]> {
    return answer(this.http.GET(`${ONE}/pod-events`, { params: at(id), ...init(options) }));
  }

  /** Session, messages and history in one document. */
  export(id: string, options?: CallOptions): Promise<SessionExport> {
    return answer(this.http.GET(`${ONE}/export`, { params: at(id), ...init(options) }));
  }

  /** The same as text, as it comes: it may be long. */
  exportStream(id: string, options?: CallOptions): Promise<ReadableStream<Uint8Array>> {
    return answer<ReadableStream<Uint8Array>>(
      this.http.GET(`${ONE}/export`, { params: at(id), parseAs: 'stream', ...init(options) }),
    );
  }

  /** Its events, oldest first. */
  history(id: string, options?: CallOptions): AsyncGenerator<LogEvent> {
    return eventsOf((after, limit) =>
      answer(this.http.GET(`${ONE}/history`, { params: { ...at(id), query: { after, limit } }, ...init(options) })),
    );
  }

  /** The messages after one (0: all). */
  messages(id: string, afterSeq = 0, options?: CallOptions): Promise<SessionMessage[]> {
    return answer(this.http.GET(MESSAGES, { params: { ...at(id), query: { after_seq: afterSeq } }, ...init(options) }));
  }

  /** @returns the message with the number it got */
  send(id: string, body: SessionMessageCreate, options?: PostOptions): Promise<SessionMessage> {
    return answer(this.http.POST(MESSAGES, { params: at(id), body, ...init(options) }));
  }

  /** The messages after one, and then those that come, each once, over as many connections as it takes; until the session is deleted. */
  async *watch(
    id: string,
    { afterSeq = 0, ...options }: WatchOptions & { afterSeq?: number } = {},
  ): AsyncGenerator<SessionMessage> {
    const events = watch({
      ...options,
      open: (lastEventId = String(afterSeq), signal) =>
        answer<ReadableStream<Uint8Array>>(
          this.http.GET(MESSAGES, {
            params: { ...at(id), header: { 'Last-Event-ID': Number(lastEventId) } },
            headers: { Accept: 'text/event-stream' },
            parseAs: 'stream',
            signal,
          }),
        ),
    });
    for await (const { data } of events) yield JSON.parse(data) as SessionMessage;
  }

  /** Messages and phases of a session until it has ended, its last messages included. */
  follow(id: string, options: FollowOptions = {}): AsyncGenerator<SessionUpdate> {
    return followSession(this, id, options);
  }
}
