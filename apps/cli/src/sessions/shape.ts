import type { Session, SessionMessage } from '#client';
import type { Shape } from '../output/shape.js';

export const sessionShape: Shape<Session> = {
  noun: 'session',
  // Names of sessions are not unique.
  nameOf: ({ id }) => id,
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'NAME', of: ({ name }) => name },
    { title: 'PHASE', of: ({ phase }) => phase || 'not started' },
    { title: 'PROJECT', of: ({ project_id }) => project_id },
    { title: 'CREATED', of: ({ created_at }, times) => times.show(created_at) },
    { title: 'STARTED', of: ({ start_time }, times) => times.show(start_time), wide: true },
    { title: 'COMPLETED', of: ({ completion_time }, times) => times.show(completion_time), wide: true },
    { title: 'MODEL', of: ({ llm_model }) => llm_model, wide: true },
    { title: 'AGENT', of: ({ agent_id }) => agent_id, wide: true },
    { title: 'SCHEDULE', of: ({ scheduled_session_id }) => scheduled_session_id, wide: true },
  ],
};

export const messageShape: Shape<SessionMessage> = {
  noun: 'message',
  nameOf: ({ seq }) => String(seq),
  columns: [
    { title: 'SEQ', of: ({ seq }) => String(seq) },
    { title: 'TYPE', of: ({ event_type }) => event_type },
    { title: 'TIME', of: ({ created_at }, times) => times.show(created_at), wide: true },
    { title: 'PAYLOAD', of: ({ payload }) => payload },
  ],
};
