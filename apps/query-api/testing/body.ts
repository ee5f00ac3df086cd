import type { Run, Session, SessionMessage } from '#contracts';
import type { asStored } from '#journal';

/** An event as it is answered, and as `verifyChain` takes it. */
type StoredEvent = ReturnType<typeof asStored>;

/** The members of answers that tests look at one by one; an answer has some of them. */
export interface Body
  extends
    StoredEvent,
    Readonly<Record<'id' | 'kind' | 'name' | 'phase' | 'reason' | 'hash' | 'user_id' | 'scheduled_for', string>> {
  readonly [field: string]: unknown;
  readonly page: number;
  readonly size: number;
  readonly total: number;
  readonly seq: number;
  readonly items: readonly Body[];
  readonly run: Run;
  readonly session: Session;
  readonly messages: readonly SessionMessage[];
  readonly history: readonly StoredEvent[];
}
