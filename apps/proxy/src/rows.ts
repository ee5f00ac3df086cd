/** What passes the door, as data: a row a route. What is in no row does not pass. */
import { fullPath, ROUTES } from '#contracts';

/** The other services of the project that rows lead to. */
export const UPSTREAMS = ['command', 'query'] as const;
export type UpstreamName = (typeof UPSTREAMS)[number];

export interface Row {
  /** For metrics and logs. */
  readonly group: string;
  readonly method: string;
  /** From the root; parameters in braces stand for one segment. */
  readonly template: string;
  /** `self`: the proxy answers. */
  readonly to: UpstreamName | 'self';
  /** Passes without authentication. */
  readonly open: boolean;
  readonly bodyLimitBytes: number;
}

const MIB = 1_048_576;

/** The native routes. The command and query APIs authorize; the door only wants to know who it is. */
const native: readonly Row[] = ROUTES.map(route => ({
  group: 'native',
  method: route.method,
  template: fullPath(route),
  to: route.service,
  open: route.needs === 'public',
  bodyLimitBytes: MIB,
}));

const own: readonly Row[] = ['/healthz', '/readyz', '/metrics'].map(template => ({
  group: 'own',
  method: 'GET',
  template,
  to: 'self',
  open: template !== '/metrics',
  bodyLimitBytes: 0,
}));

export const ROWS: readonly Row[] = [...own, ...native];
