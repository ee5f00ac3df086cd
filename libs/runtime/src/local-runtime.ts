import type { Session } from '#contracts';
import type { Agent } from './agent.js';
import { childEnvironment } from './child-env.js';
import { type Clock, pause, systemClock } from './clock.js';
import { echoAgent } from './echo-agent.js';
import { type Ending, finalStatus, RUNTIME_RESTARTED, RUNTIME_STOPPED, STOP_REQUESTED } from './endings.js';
import { type Log, messageOf } from './log.js';
import { ProcessAgent } from './process-agent.js';
import { type SessionApi, SessionConflict, SessionNotFound } from './session-api.js';
import type { SessionFeed, SessionSignal } from './session-feed.js';
import { SessionRun } from './session-run.js';
import { Slots } from './slots.js';

const RESUBSCRIBE_MS = 1000;

export interface LocalRuntimeOptions {
  readonly feed: SessionFeed;
  readonly api: SessionApi;
  /** What each session runs, by `sh -c` (`AMBIENT_RUNTIME_COMMAND`). Without it a built-in agent echoes the prompt. */
  readonly command?: string;
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
}

/**
 * Executes the started sessions of a standalone start as child processes of this one. What is to be done is read from a session's phase,
 * never from a signal alone: a signal that comes twice, late, or also from the list finds the phase moved on and does nothing.
 */
export class LocalRuntime {
  readonly #options: Required<Omit<LocalRuntimeOptions, 'command'>> & Pick<LocalRuntimeOptions, 'command'>;
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
      ...options,
    };
    this.#slots = new Slots(this.#options.concurrency);
  }

  /** Resolves when it hears the feed, and has taken up or given up what was active before. Rejects when the API refuses to say that. */
  async start(): Promise<void> {
    const { command, feed, log } = this.#options;
    log.log(command === undefined ? 'sessions run the built-in echo agent: no command is set' : `sessions run: ${command}`);
    const signals = feed.subscribe(this.#stopping.signal);
    await this.#takeStock();
    void this.#inBackground('the feed of sessions', this.#hear(signals));
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
    const run = new SessionRun(session, { ...this.#options, startAgent: this.#startAgent });
    this.#runs.set(id, run);
    try {
      await run.execute();
    } finally {
      this.#runs.delete(id);
    }
  }

  readonly #startAgent = (session: Session, prompt: string, onOutput: () => void): Agent => {
    const { clock, command, env, graceMs } = this.#options;
    if (command === undefined) return echoAgent(prompt);
    const agent = new ProcessAgent({ command, prompt, env: childEnvironment(env, session), clock, graceMs, onOutput });
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
