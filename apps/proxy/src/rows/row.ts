/** A row of the proxy's table. What is in no row does not pass. */
import type { Need } from '#contracts';

/** Who answers: the proxy itself, a service of the project, the backend, or the runner of a session. */
export const DESTINATIONS = ['self', 'command', 'query', 'backend', 'runner'] as const;
export type Destination = (typeof DESTINATIONS)[number];

export interface Row {
  /** For metrics, logs and audit. */
  readonly group: string;
  readonly method: string;
  /**
   * From the root. A parameter in braces stands for one segment; `{rest*}`, only at the end, for any number of them, none included.
   * The parameter `project_id` names the project.
   */
  readonly template: string;
  readonly to: Destination;
  /** `public`: passes without authentication. */
  readonly needs: Need;
  /**
   * Where the caller's roles are looked up: in the project or through the session (`{id}`) of the path, or, for `none`, platform-wide.
   * `later`: not here, since the service that answers authorizes for itself.
   */
  readonly scope: 'none' | 'path' | 'session' | 'later';
  readonly bodyLimitBytes: number;
  /** Requests are recorded in the audit, not denials alone. */
  readonly audited: boolean;
  /** The proxy vouches for itself and for the caller. Only where it says false it does not. */
  readonly credentials?: boolean;
  /** Callers without authentication are counted by address, and slowed down. */
  readonly throttled?: boolean;
}

export const MIB = 1_048_576;

/** Names of the parameters of a template, in order. */
export const parametersOf = (template: string): string[] => [...template.matchAll(/\{(\w+)\*?\}/g)].map(([, name = '']) => name);
