/** What the query API knows about a caller, asked with the proxy's own credential and believed for a moment. */
import type { Principal } from '#access';
import { CALLER_ROLES, CallerRolesAnswer, check, fullPath, type RoleId } from '#contracts';
import { bearer } from '../headers.js';
import type { CallerRoles, SessionRoles } from './caller-roles.js';

/** So long a role that was revoked may still count here. */
const BELIEVED_FOR_MS = 2_000;
const BELIEVED_AT_MOST = 10_000;
const TIMEOUT_MS = 2_000;

export interface CallerRolesOptions {
  /** Origin of the query API. */
  readonly url: string;
  /** The proxy's own; without it the other side has to do without. */
  readonly token: string | undefined;
  /** Milliseconds since any moment, never backwards. */
  readonly now?: () => number;
  readonly fetch?: typeof fetch;
}

/** The query of the question. */
type Question = Readonly<Record<'user', string> & Partial<Record<'project_id' | 'session_id', string>>>;

interface Believed {
  readonly answer: CallerRolesAnswer;
  readonly until: number;
}

/** The roles of a caller can't be told now. */
export class RolesUnavailable extends Error {
  override readonly name = 'RolesUnavailable';
}

export class CallerRolesOverHttp implements CallerRoles {
  /** Oldest first. */
  readonly #believed = new Map<string, Believed>();
  /** Questions under way: who asks the same meanwhile gets the same answer. */
  readonly #asked = new Map<string, Promise<CallerRolesAnswer>>();

  constructor(private readonly options: CallerRolesOptions) {}

  onPlatform(principal: Principal): readonly RoleId[] | Promise<readonly RoleId[]> {
    return this.#roles(principal, {});
  }

  inProject(principal: Principal, projectId: string): readonly RoleId[] | Promise<readonly RoleId[]> {
    return this.#roles(principal, { project_id: projectId });
  }

  async forSession(principal: Principal, sessionId: string): Promise<SessionRoles | undefined> {
    const { found, roles, project_id } = await this.#answer({ user: principal.id, session_id: sessionId });
    return found ? { roles: union(principal, roles), project_id } : undefined;
  }

  #roles(principal: Principal, place: Omit<Question, 'user'>): readonly RoleId[] | Promise<readonly RoleId[]> {
    if (principal.roles.includes('platform:admin')) return principal.roles;
    const answer = this.#answer({ user: principal.id, ...place });
    return answer instanceof Promise ? answer.then(({ roles }) => union(principal, roles)) : union(principal, answer.roles);
  }

  #answer(question: Question): CallerRolesAnswer | Promise<CallerRolesAnswer> {
    const key = keyOf(question);
    const known = this.#believed.get(key);
    if (known && this.#now() < known.until) return known.answer;
    const asked = this.#asked.get(key);
    if (asked) return asked;
    const asking = this.#ask(question)
      .then(answer => this.#remember(key, answer))
      .finally(() => this.#asked.delete(key));
    this.#asked.set(key, asking);
    return asking;
  }

  async #ask(question: Question): Promise<CallerRolesAnswer> {
    const { url, token, fetch: ask = fetch } = this.options;
    const address = new URL(`${fullPath(CALLER_ROLES)}?${new URLSearchParams(question).toString()}`, url);
    let body: unknown;
    try {
      const response = await ask(address, {
        headers: bearer(token),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) throw new Error(`it answered ${response.status}`);
      body = await response.json();
    } catch (error) {
      throw new RolesUnavailable('the query API does not tell roles now', { cause: error });
    }
    const checked = check(CallerRolesAnswer, body);
    if (!checked.ok) throw new RolesUnavailable('the query API tells roles in a way that is not understood');
    return checked.value;
  }

  #remember(key: string, answer: CallerRolesAnswer): CallerRolesAnswer {
    this.#believed.delete(key);
    const [oldest] = this.#believed.keys();
    if (oldest !== undefined && this.#believed.size >= BELIEVED_AT_MOST) this.#believed.delete(oldest);
    this.#believed.set(key, { answer, until: this.#now() + BELIEVED_FOR_MS });
    return answer;
  }

  #now(): number {
    return (this.options.now ?? performance.now.bind(performance))();
  }
}

/** A place out of a path has no line break in it. */
function keyOf({ user, project_id, session_id }: Question): string {
  if (session_id !== undefined) return `session ${session_id}\n${user}`;
  return project_id === undefined ? `platform\n${user}` : `project ${project_id}\n${user}`;
}

/** Of the credential, and of the bindings. */
const union = ({ roles: own }: Principal, bound: readonly RoleId[]): readonly RoleId[] =>
  own.length === 0 ? bound : [...new Set([...own, ...bound])];
