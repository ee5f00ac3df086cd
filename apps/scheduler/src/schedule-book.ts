/** What the log says of all schedules: a ledger each, and up to where the log was read. */
import { categoryOf, idOf } from '#contracts';
import type { Occurred } from '#contracts';
import type { RunEvent, ScheduledSessionEvent } from '#domain';
import type { Position, RecordedEvent } from '#event-store';
import { decode } from '#journal';
import { TickLedger, type SavedLedger } from './tick-ledger.js';

/** The last event that a book has taken in: where to read on, and by what a log is known again. */
export type Bookmark = Pick<RecordedEvent, 'stream' | 'revision' | 'id' | 'position'>;

export class ScheduleBook {
  private readonly ledgers = new Map<string, TickLedger>();
  private last: Bookmark | undefined;
  /** Projects are few: each name is kept once. */
  private readonly projects = new Map<string, string>();

  /** Undefined before the first event. */
  get bookmark(): Bookmark | undefined {
    return this.last;
  }

  get position(): Position | undefined {
    return this.last?.position;
  }

  get size(): number {
    return this.ledgers.size;
  }

  /** Each ledger there is; also those that come while someone goes through them. */
  all(): Iterable<TickLedger> {
    return this.ledgers.values();
  }

  /**
   * Takes in the next event of the log.
   * @returns the ledger that it changed, if it changed one
   */
  apply(recorded: RecordedEvent): TickLedger | undefined {
    const changed = recorded.type === 'RunFinished' ? undefined : this.change(decode(recorded));
    const { stream, revision, id, position } = recorded;
    this.last = { stream, revision, id, position };
    return changed;
  }

  /** Puts a ledger back that a snapshot kept. */
  restore(saved: SavedLedger): void {
    this.ledgers.set(saved.id, TickLedger.restored({ ...saved, projectId: this.shared(saved.projectId) }));
  }

  /** Says up to where the restored ledgers have read. */
  restoredTo(bookmark: Bookmark): void {
    this.last = bookmark;
  }

  private change(event: Occurred): TickLedger | undefined {
    if (categoryOf(event.stream) === 'scheduledSession') return this.configure(event as Occurred<ScheduledSessionEvent>);
    const run = event as Occurred<Exclude<RunEvent, { type: 'RunFinished' }>>;
    const ledger = this.ledgers.get(run.payload.scheduled_session_id);
    ledger?.decided(run);
    this.dropClosed(ledger);
    return ledger;
  }

  private configure(event: Occurred<ScheduledSessionEvent>): TickLedger | undefined {
    if (event.type === 'ScheduledSessionCreated') {
      // A part of a longer text would keep all of it in memory.
      const id = Buffer.from(idOf(event.stream)).toString();
      this.ledgers.set(id, new TickLedger(id, this.shared(event.payload.project_id)));
    }
    const ledger = this.ledgers.get(idOf(event.stream));
    ledger?.configured(event);
    this.dropClosed(ledger);
    return ledger;
  }

  private dropClosed(ledger: TickLedger | undefined): void {
    if (ledger?.isClosed) this.ledgers.delete(ledger.id);
  }

  private shared(project: string): string {
    const known = this.projects.get(project);
    if (known !== undefined) return known;
    this.projects.set(project, project);
    return project;
  }
}
