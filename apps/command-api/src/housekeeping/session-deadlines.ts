import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { streams, type Occurred, type Session } from '#contracts';
import type { SessionEvent } from '#domain';
import { Journal } from '#journal';
import { sessions } from '#projections';
import { allOf, equals, type Document, type Filter } from '#read-store';
import { instant, metrics, problemOf } from '#service';
import { ChangeSession, ReportStatus } from '../sessions/session.commands.js';
import { CaughtUpReads } from '../support/caught-up-reads.js';
import { actingAs } from './acting.js';
import { endStatus, lifeOf, nextStep, type SessionLife, type Step } from './deadlines.js';
import { forEach } from './each.js';
import { pagesById } from './pages.js';

const has = (field: string): Filter => ({ kind: 'not', filter: { kind: 'isNull', field } });
const HAS_DEADLINE: Filter = { kind: 'or', filters: [has('timeout'), has('inactivity_timeout')] };

/** By phase, so that an index finds them: those that may have to be stopped, and those that were. */
const SEARCHES: readonly Filter[] = [
  ...['Pending', 'Creating', 'Running'].map(phase => allOf(equals('phase', phase), HAS_DEADLINE)),
  equals('phase', 'Stopping'),
];

/** Ends sessions at their deadlines where no runtime does: it is gone, or has lost them. */
@Injectable()
export class SessionDeadlines {
  private readonly logger = new Logger(SessionDeadlines.name);

  constructor(
    @Inject(CaughtUpReads) private readonly reads: CaughtUpReads,
    @Inject(Journal) private readonly journal: Journal,
    @Inject(CommandBus) private readonly bus: CommandBus,
  ) {}

  /** @param now milliseconds since 1970 */
  async keep(now: number, signal: AbortSignal): Promise<void> {
    for (const search of SEARCHES) {
      for await (const page of pagesById(this.reads, sessions.name, search)) {
        await forEach(page, document => this.look(document, now), {
          what: ({ id }) => `the deadline of session ${id}`,
          logger: this.logger,
          signal,
        });
        if (signal.aborted) return;
      }
    }
  }

  private async look({ id, json = '' }: Document, now: number): Promise<void> {
    const shown = JSON.parse(json) as Session;
    if (hasTimeLeft(shown, now)) return;
    const events = (await this.journal.events(streams.session(id))) as Occurred<SessionEvent>[];
    const life = lifeOf(events, shown.last_activity_at);
    const step = life && nextStep(life, now);
    if (step) await this.take(step, id, life, now);
  }

  /** What its runtime says meanwhile counts: then the session has moved on, and is looked at again. */
  private async take(step: Step, id: string, life: SessionLife, now: number): Promise<void> {
    const policy = step.reason === 'stop_requested' ? 'housekeeping' : step.reason;
    const context = actingAs(policy, now, life.revision);
    try {
      if (step.step === 'stop') {
        await this.bus.execute(new ChangeSession(context, id, { type: 'StopSession', reason: step.reason }));
      } else {
        await this.bus.execute(new ReportStatus(context, id, endStatus(step, life, instant(now))));
      }
    } catch (error) {
      const status = problemOf(error)?.status;
      if (status === 404 || status === 409 || status === 412) return;
      throw error;
    }
    metrics.housekeeping.inc({ work: step.step === 'stop' ? 'session_stopped' : 'session_ended' });
    const what = step.step === 'stop' ? 'is asked to stop' : `is ${step.phase}`;
    this.logger.warn(`session ${id} ${what}, reason ${step.reason}: its runtime has not ended it`);
  }
}

/** Of most that run the document tells it. What it does not tell, as when the last report came, makes deadlines later and never sooner. */
function hasTimeLeft({ phase, timeout, inactivity_timeout, start_time, last_activity_at }: Session, now: number): boolean {
  if (phase !== 'Running' || start_time === undefined) return false;
  const startTime = Date.parse(start_time);
  const lastSign = last_activity_at === undefined ? startTime : Date.parse(last_activity_at);
  return !nextStep({ phase, timeout, inactivity_timeout, startTime, startedAt: startTime, lastSign, revision: -1 }, now);
}
