/** What a proxy that runs alone asks about a session, to find its runner. */
import Type, { type Static } from 'typebox';
import { Phase } from '../resources/session.js';
import type { Route } from './routes.js';

export const SessionPlaceAnswer = Type.Object({
  /** False where there is no such session, or none any more. */
  found: Type.Boolean(),
  /** Where it belongs to one. */
  project_id: Type.Optional(Type.String()),
  phase: Type.Union([Phase, Type.Literal('')]),
  /** As the runtime reported it. */
  namespace: Type.Optional(Type.String()),
});
export type SessionPlaceAnswer = Static<typeof SessionPlaceAnswer>;

/** Between services of the project, and so not in the route table: what is not there does not pass the door, and no document tells of it. */
export const SESSION_PLACE = {
  id: 'sessions.place',
  method: 'GET',
  path: '//internal/session-place',
  service: 'query',
  needs: 'service',
  scope: 'none',
  answer: SessionPlaceAnswer,
  query: { session_id: Type.String() },
  status: 200,
  summary: 'Project, phase and namespace of a session',
} as const satisfies Route;
