/** The project's own routes. The command and query APIs authorize; the door only wants to know who it is. */
import { fullPath, ROUTES } from '#contracts';
import { MIB, type Row } from './row.js';

export const NATIVE_ROWS: readonly Row[] = ROUTES.map(route => ({
  group: 'native',
  method: route.method,
  template: fullPath(route),
  to: route.service,
  needs: route.needs === 'public' ? 'public' : 'user',
  scope: 'later',
  bodyLimitBytes: MIB,
  audited: false,
}));

/** What the proxy answers itself. */
export const OWN_ROWS: readonly Row[] = ['/healthz', '/readyz', '/metrics'].map(template => ({
  group: 'own',
  method: 'GET',
  template,
  to: 'self',
  needs: template === '/metrics' ? 'user' : 'public',
  scope: 'later',
  bodyLimitBytes: 0,
  audited: false,
}));
