import createOpenApiClient from 'openapi-fetch';
import type { paths } from './generated/api.js';
import type { AmbientOptions, CallOptions } from './options.js';
import { RoleBindings } from './resources/access.js';
import { Agents } from './resources/agents.js';
import { Audit } from './resources/audit.js';
import { Projects } from './resources/projects.js';
import { ScheduledSessions } from './resources/scheduled-sessions.js';
import { Schedules } from './resources/schedules.js';
import { Sessions } from './resources/sessions.js';
import { createTransport } from './transport.js';
import { answer, BASE, init, type Http } from './wire.js';

/** A client of one server. It holds no connection and needs no closing. */
export interface AmbientClient {
  readonly projects: Projects;
  readonly agents: Agents;
  readonly scheduledSessions: ScheduledSessions;
  readonly schedules: Schedules;
  readonly sessions: Sessions;
  readonly audit: Audit;
  readonly roleBindings: RoleBindings;
  /** Every route by its path, typed by the OpenAPI document, with the same token, retries and errors. */
  readonly http: Http;
  /** Which version answers; needs no token. */
  version(options?: CallOptions): Promise<{ readonly version?: string }>;
}

/** @throws {TypeError} when the URL is none */
export function createClient(options: AmbientOptions): AmbientClient {
  const { href } = new URL(options.url);
  const http = createOpenApiClient<paths, 'application/json'>({
    baseUrl: href.replace(/\/+$/, ''),
    fetch: createTransport(options),
  });
  return {
    http,
    projects: new Projects(http),
    agents: new Agents(http),
    scheduledSessions: new ScheduledSessions(http),
    schedules: new Schedules(http),
    sessions: new Sessions(http),
    audit: new Audit(http),
    roleBindings: new RoleBindings(http),
    version: callOptions => answer(http.GET(`${BASE}/version`, init(callOptions))),
  };
}
