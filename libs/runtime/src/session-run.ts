import type { Session } from '#contracts';
import type { Agent, Exit, Output } from './agent.js';
import { type Clock, timestamp } from './clock.js';
import {
  broken,
  diedOfInterrupt,
  type Ending,
  exited,
  finalStatus,
  INTERRUPTED,
  STOP_REQUESTED,
  timedOut,
  wasInactive,
} from './endings.js';
import type { Folder } from './folder/index.js';
import { IdleTimer } from './idle-timer.js';
import { type Log, messageOf } from './log.js';
import { type AgUiEvent, messageEvents } from './runner/ag-ui.js';
import type { EventLog } from './runner/event-log.js';
import type { LiveRun } from './runner/live-run.js';
import { type SessionApi, SessionConflict, SessionNotFound } from './session-api.js';

export interface SessionRunOptions {
  readonly api: SessionApi;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds that what a command left behind gets to end by itself. */
  readonly graceMs: number;
  /** Makes ids of the run and its messages. */
  readonly newId: () => string;
  readonly events: EventLog;
  /** The session's working folder, with what was staged for it. */
  readonly openFolder: (session: Session) => Promise<Folder>;
  readonly startAgent: (session: Session, prompt: string, onOutput: () => void) => Agent;
}

/** One start of one session, from its claim to its terminal phase. */
export class SessionRun implements LiveRun {
  readonly id: string;
  readonly #idle: IdleTimer;
  readonly #said = new Set<string>();
  #folder: Folder | undefined;
  #startTime: string | undefined;
  #interrupted = false;
  #agent: Agent | undefined;
  #exit: Exit | undefined;
  /** Somebody, or a timeout, ended the agent before it ended by itself. */
  #ending: Ending | undefined;
  /** What keeps us from following the run. */
  #failure: unknown;

  constructor(
    readonly session: Session,
    private readonly options: SessionRunOptions,
  ) {
    this.id = options.newId();
    this.#idle = new IdleTimer(options.clock);
  }

  get events(): EventLog {
    return this.options.events;
  }

  get folder(): Folder | undefined {
    return this.#folder;
  }

  get startTime(): string | undefined {
    return this.#startTime;
  }

  get takesInput(): boolean {
    return this.#exit === undefined && (this.#agent?.takesInput ?? false);
  }

  /** Runs to the end. Never rejects: what goes wrong is the session's ending, or is logged where that can't be said. */
  async execute(): Promise<void> {
    const { api, clock, log } = this.options;
    const { id } = this.session;
    try {
      // Said first: after a crash this session counts as lost, and is not run twice.
      await api.report(id, { phase: 'Creating' });
    } catch (error) {
      log.warn(`session ${id} is not run: ${messageOf(error)}`);
      await this.#close({ type: 'RUN_ERROR', message: 'the session could not be taken up', code: 'not_run' });
      return;
    }
    await this.events.append({ type: 'RUN_STARTED', threadId: id, runId: this.id });
    await this.#work().catch((error: unknown) => this.#giveUp(error));
    const ending = this.#conclude();
    try {
      if (this.#failure instanceof SessionNotFound) throw this.#failure;
      await api.report(id, finalStatus(ending, clock));
      log.log(`session ${id} is ${ending.phase}: ${ending.message}`);
    } catch (error) {
      if (error instanceof SessionNotFound) log.warn(`session ${id} was deleted while it ran`);
      else log.error(`session ${id} can't be reported ${ending.phase}, ${ending.message}: ${messageOf(error)}`);
    }
    // Said last: who hears of the end finds the session at its end.
    await this.#close(this.#lastEvent(ending));
  }

  /** Ends the agent, unless it has ended by itself. The first ending counts. */
  end(ending: Ending): void {
    if (this.#exit) return;
    this.#ending ??= ending;
    this.#agent?.terminate();
  }

  stop(): void {
    this.end(STOP_REQUESTED);
  }

  interrupt(): void {
    if (!this.#agent) this.end(INTERRUPTED);
    else if (!this.#exit) {
      this.#interrupted = true;
      this.#agent.interrupt();
    }
  }

  async say({ id, text }: { readonly id?: string; readonly text: string }): Promise<boolean> {
    if (id !== undefined && this.#said.has(id)) return true;
    if (!this.takesInput) return false;
    if (id !== undefined) this.#said.add(id);
    try {
      // Recorded first: what the agent was told is never unknown.
      await this.options.api.appendMessage(this.session.id, 'user', text);
    } catch (error) {
      if (id !== undefined) this.#said.delete(id);
      throw error;
    }
    this.#idle.touch();
    return this.#agent?.write(text) ?? false;
  }

  async note(text: string): Promise<void> {
    await this.options.api.appendMessage(this.session.id, 'system', text);
  }

  async #work(): Promise<void> {
    const { api, clock, graceMs, openFolder, startAgent } = this.options;
    const prompt = await api.startingPrompt(this.session.id);
    this.#folder = await openFolder(this.session);
    if (this.#ending) return;

    const startTime = timestamp(clock);
    this.#startTime = startTime;
    const agent = startAgent(this.session, prompt, () => this.#idle.touch());
    this.#agent = agent;
    const following = this.#follow(agent, startTime);
    const stopTimeout = this.#startTimeout();
    try {
      this.#exit = await agent.exit;
    } catch (error) {
      this.#giveUp(error);
    }
    stopTimeout();
    // What the command left behind in its group has to end too. Who left the group but holds the pipes is not waited for.
    agent.terminate();
    this.#idle.expect(2 * graceMs, () => agent.closeOutputs());
    await following;
    this.#idle.stop();
  }

  /** Says that the agent runs, then what it says. Never rejects. */
  async #follow(agent: Agent, startTime: string): Promise<void> {
    try {
      await this.#idle.during(() => this.#reportRunning(startTime));
      this.#watchInactivity();
      await Promise.all(agent.outputs.map(output => this.#forward(output)));
    } catch (error) {
      this.#giveUp(error);
    }
  }

  async #reportRunning(startTime: string): Promise<void> {
    try {
      await this.options.api.report(this.session.id, { phase: 'Running', start_time: startTime });
    } catch (error) {
      if (!(error instanceof SessionConflict)) throw error;
      // A stop was requested since the claim: it still gets to say its last.
      this.end(STOP_REQUESTED);
    }
  }

  /** An output is read no faster than its messages are appended, so that a slow API slows the agent down. */
  async #forward({ eventType, messages }: Output): Promise<void> {
    for await (const message of messages) {
      await this.#idle.during(async () => {
        await this.options.api.appendMessage(this.session.id, eventType, message);
        await this.events.append(...messageEvents(this.options.newId(), eventType, message));
      });
    }
  }

  #startTimeout(): () => void {
    const { timeout } = this.session;
    if (!timeout) return () => {};
    return this.options.clock.setTimer(timeout * 1000, () => this.end(timedOut(timeout)));
  }

  #watchInactivity(): void {
    const { inactivity_timeout: seconds } = this.session;
    if (seconds && !this.#exit) this.#idle.expect(seconds * 1000, () => this.end(wasInactive(seconds)));
  }

  #giveUp(error: unknown): void {
    this.#failure ??= error;
    this.#agent?.terminate();
    this.#agent?.closeOutputs();
  }

  #conclude(): Ending {
    if (this.#failure !== undefined) return broken(messageOf(this.#failure));
    if (this.#ending) return this.#ending;
    if (this.#exit && this.#interrupted && diedOfInterrupt(this.#exit)) return INTERRUPTED;
    return this.#exit ? exited(this.#exit) : broken('the run ended without an exit');
  }

  async #close(last: AgUiEvent): Promise<void> {
    await this.events.append(last);
    await this.events.close();
    await this.#folder?.close();
  }

  #lastEvent({ phase, reason, message }: Ending): AgUiEvent {
    if (phase === 'Failed') return { type: 'RUN_ERROR', message, code: reason };
    return { type: 'RUN_FINISHED', threadId: this.session.id, runId: this.id, result: { phase, reason } };
  }
}
