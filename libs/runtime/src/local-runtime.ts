import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Session } from '#contracts';
import type { Agent } from './agent.js';
import { childEnvironment } from './child-env.js';
import { type Clock, pause, systemClock } from './clock.js';
import { echoAgent } from './echo-agent.js';
import { type Ending, finalStatus, RUNTIME_RESTARTED, RUNTIME_STOPPED, SESSION_DELETED, STOP_REQUESTED } from './endings.js';
import { type Log, messageOf } from './log.js';
import { ProcessAgent } from './process-agent.js';
import { EventLog } from './runner/event-log.js';
import type { LiveRun, LiveRuns } from './runner/live-run.js';
import { type RunnerServer, type RunnerServerOptions, startRunnerServer } from './runner/runner-server.js';
import { type SessionApi, SessionConflict, SessionNotFound } from './session-api.js';
import type { SessionFeed, SessionSignal } from './session-feed.js';
import { SessionRun } from './session-run.js';
import { Slots } from './slots.js';
import type { StagedFiles } from './staged-files/index.js';
import { WorkFolders } from './work-folders.js';

const RESUBSCRIBE_MS = 1000;
const HEARTBEAT_MS = 15_000;

export interface LocalRuntimeOptions {
  readonly feed: SessionFeed;
  readonly api: SessionApi;
  /** What each session runs, by `sh -c` (`AMBIENT_RUNTIME_COMMAND`). Without it a built-in agent echoes the prompt. */
  readonly command?: string | undefined;
  /** Leave a command's input open after the prompt, so that it can be told more. */
  readonly keepInputOpen?: boolean;
  /** Has a working folder for each session, `sessions/<id>`. */
  readonly dataDir: string;
  /** What was put there for a session before its start. */
  readonly staged?: StagedFiles | undefined;
  /** Where the runner protocol is served; not at all without it. */
  readonly runner?: Pick<RunnerServerOptions, 'host' | 'port' | 'tokenKey'> | undefined;
  readonly log: Log;
  readonly clock?: Clock;
  /** The server's environment, of which a command gets what is no secret. */
  readonly env?: NodeJS.ProcessEnv;
  /** Sessions that run at a time; further starts wait in order. */
  readonly concurrency?: number;
  /** Milliseconds from SIGTERM to SIGKILL. */
  readonly graceMs?: number;
  /** Milliseconds that `stop` may take; what runs then is killed. */
  readonly stopDeadlineMs?: number;
  /** Milliseconds between two signs of life on a silent stream of events. */
  readonly heartbeatMs?: number;
  readonly newId?: () => string;
}

type Optional = 'command' | 'staged' | 'runner';

/**
 * Executes the started sessions of a standalone start as child processes of this one. What is to be done is read from a session's phase,
 * never from a signal alone: a signal that comes twice, late, or also from the list finds the phase moved on and does nothing.
 */
export class LocalRuntime implements LiveRuns {
  readonly #options: Required<Omit<LocalRuntimeOptions, Optional>> & Pick<LocalRuntimeOptions, Optional>;
  readonly #folders: WorkFolders;
  #server: RunnerServer | undefined;
  readonly #slots: Slots;
  readonly #runs = new Map<string, SessionRun>();
  /** Agents of which something may run still. */
  readonly #agents = new Set<Agent>();
  /** The last start of each session that runs or waits: starts of one session follow one another. */
  readonly #lastStarts = new Map<string, Promise<void>>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: LocalRuntimeOptions) {
    this.#options = {
      clock: systemClock,
      env: process.env,
      concurrency: 50,
      graceMs: 10_000,
      stopDeadlineMs: 15_000,
      heartbeatMs: HEARTBEAT_MS,
      keepInputOpen: false,
      newId: randomUUID,
      ...options,
    };
    this.#folders = new WorkFolders(join(options.dataDir, 'sessions'), options.staged);
    this.#slots = new Slots(this.#options.concurrency);
  }

  /** Resolves when it hears the feed, and has taken up or given up what was active before. Rejects when the API refuses to say that. */
  async start(): Promise<void> {
    const { command, feed, log } = this.#options;
    await this.serve();
    log.log(command === undefined ? 'sessions run the built-in echo agent: no command is set' : `sessions run: ${command}`);
    const signals = feed.subscribe(this.#stopping.signal);
    try {
      await this.#takeStock();
    } catch (error) {
      await this.stop();
      throw error;
    }
    void this.#inBackground('the feed of sessions', this.#hear(signals));
  }

  /** Serves the runner protocol from now on, where it is wanted: before `start`, for one who has to know the port, or with it. */
  async serve(): Promise<void> {
    const { runner, log } = this.#options;
    if (runner && !this.#server) this.#server = await startRunnerServer({ ...runner, runs: this, log });
  }

  /** Where the runner of a session is found, `{session_id}` in its place; undefined while none is served. */
  get runnerUrlTemplate(): string | undefined {
    return this.#server && `${this.#server.url}/{session_id}`;
  }

  runOf(sessionId: string): LiveRun | undefined {
    return this.#runs.get(sessionId);
  }

  /** Ends what runs, as a stop does, and reports it `Failed`. Resolves when all is said, at the latest at the deadline. */
  async stop(): Promise<void> {
    const { clock, stopDeadlineMs } = this.#options;
    this.#stopping.abort();
    for (const run of this.#runs.values()) run.end(RUNTIME_STOPPED);
    const settled = new AbortController();
    await Promise.race([Promise.all(this.#tasks), pause(clock, stopDeadlineMs, settled.signal)]);
    settled.abort();
    for (const agent of this.#agents) agent.kill();
    await this.#server?.close();
    this.#server = undefined;
  }

  async #hear(first: AsyncIterable<SessionSignal>): Promise<void> {
    const { clock, feed, log } = this.#options;
    const { signal } = this.#stopping;
    let signals = first;
    for (;;) {
      try {
        for await (const heard of signals) this.#react(heard);
      } catch (error) {
        if (!signal.aborted) log.error(`the feed of sessions failed: ${messageOf(error)}`);
      }
      await pause(clock, RESUBSCRIBE_MS, signal);
      if (signal.aborted) return;
      signals = feed.subscribe(signal);
      await this.#takeStock().catch((error: unknown) => log.error(`active sessions can't be listed: ${messageOf(error)}`));
    }
  }

  #react(signal: SessionSignal): void {
    const id = signal.session_id;
    switch (signal.type) {
      case 'SessionStarted':
        this.#launch(id);
        return;
      case 'SessionStopRequested':
        void this.#inBackground(`the stop of session ${id}`, this.#stopSession(id));
        return;
      case 'SessionDeleted':
        void this.#inBackground(`what is left of session ${id}`, this.#forget(id));
        return;
      default:
        signal.type satisfies never;
    }
  }

  /** Takes up what no signal will come for: what was started, stopped or lost while nobody listened. */
  async #takeStock(): Promise<void> {
    for (const { id, phase } of await this.#options.api.listActive()) {
      if (phase === 'Pending') this.#launch(id);
      else if (phase === 'Stopping' && this.#runs.has(id)) this.#runs.get(id)?.end(STOP_REQUESTED);
      else await this.#expectRun(id);
    }
  }

  /** The list may be older than a run that has just ended, so the session itself is asked. */
  async #expectRun(id: string): Promise<void> {
    try {
      const { phase } = await this.#options.api.get(id);
      const shouldRun = phase === 'Creating' || phase === 'Running' || phase === 'Stopping';
      if (shouldRun && !this.#runs.has(id)) await this.#report(id, RUNTIME_RESTARTED);
    } catch (error) {
      this.#tell(`session ${id} without a process`, error);
    }
  }

  #launch(id: string): void {
    const before = this.#lastStarts.get(id) ?? Promise.resolve();
    const start = before
      .then(() => this.#slots.run(() => this.#run(id)))
      .finally(() => {
        if (this.#lastStarts.get(id) === task) this.#lastStarts.delete(id);
      });
    const task = this.#inBackground(`the start of session ${id}`, start);
    this.#lastStarts.set(id, task);
  }

  async #run(id: string): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    const session = await this.#options.api.get(id);
    if (session.phase !== 'Pending' || signal.aborted) return;
    const { clock, dataDir, heartbeatMs, log, newId } = this.#options;
    const path = join(dataDir, 'runs', newId());
    const onFailure = (error: Error): void => log.error(`nobody can follow session ${id}: ${messageOf(error)}`);
    const run = new SessionRun(session, {
      ...this.#options,
      events: new EventLog({ path, clock, heartbeatMs, onFailure }),
      openFolder: () => this.#folders.open(id),
      startAgent: this.#startAgent,
    });
    this.#runs.set(id, run);
    try {
      await run.execute();
    } finally {
      this.#runs.delete(id);
    }
  }

  readonly #startAgent = (session: Session, prompt: string, onOutput: () => void): Agent => {
    const { clock, command, env, graceMs, keepInputOpen } = this.#options;
    if (command === undefined) return echoAgent(prompt);
    const agent = new ProcessAgent({
      command,
      prompt,
      keepInputOpen,
      folder: this.#folders.pathOf(session.id),
      env: childEnvironment(env, session),
      clock,
      graceMs,
      onOutput,
    });
    this.#agents.add(agent);
    agent
      .gone()
      .catch((error: unknown) => this.#tell(`the end of the processes of session ${session.id}`, error))
      .finally(() => this.#agents.delete(agent));
    return agent;
  };

  async #stopSession(id: string): Promise<void> {
    const { phase } = await this.#options.api.get(id);
    if (phase !== 'Stopping') return;
    const run = this.#runs.get(id);
    if (run) run.end(STOP_REQUESTED);
    else await this.#report(id, STOP_REQUESTED);
  }

  /** A session that was deleted leaves nothing behind. */
  async #forget(id: string): Promise<void> {
    this.#runs.get(id)?.end(SESSION_DELETED);
    await this.#lastStarts.get(id);
    await this.#folders.remove(id);
  }

  #report(id: string, ending: Ending): Promise<void> {
    return this.#options.api.report(id, finalStatus(ending, this.#options.clock));
  }

  /** The promise that it returns never rejects. */
  #inBackground(what: string, work: Promise<void>): Promise<void> {
    const task = work.catch((error: unknown) => this.#tell(what, error)).finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
    return task;
  }

  #tell(what: string, error: unknown): void {
    const movedOn = error instanceof SessionNotFound || error instanceof SessionConflict;
    if (movedOn) this.#options.log.warn(`${what} came too late: ${error.message}`);
    else this.#options.log.error(`${what} failed: ${messageOf(error)}`);
  }
}
