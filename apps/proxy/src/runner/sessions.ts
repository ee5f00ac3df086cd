/** What the way to a runner depends on, and the answer from a log in the same process. */
import { streams, type Phase } from '#contracts';
import { session } from '#domain';
import type { Journal } from '#journal';

export interface SessionPlace {
  readonly id: string;
  /** Absent where the session belongs to no project. */
  readonly project_id?: string | undefined;
  readonly phase: Phase | '';
  /** As the runtime reported it. */
  readonly namespace?: string | undefined;
}

/** Where sessions are now. */
export interface Sessions {
  /** Undefined where there is none, or none any more. Rejects when it can't be told. */
  sessionOf(id: string): Promise<SessionPlace | undefined>;
}

/** Always the latest events. */
export class SessionsInProcess implements Sessions {
  constructor(private readonly journal: Journal) {}

  async sessionOf(id: string): Promise<SessionPlace | undefined> {
    const { state } = await this.journal.load(session, streams.session(id));
    if (state.status !== 'present') return undefined;
    const { project_id, phase, kube_namespace: namespace } = state.value;
    return { id, project_id, phase, namespace };
  }
}
