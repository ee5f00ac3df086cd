import type { Agent } from '#client';
import type { Shape } from '../output/shape.js';

export const agentShape: Shape<Agent> = {
  noun: 'agent',
  nameOf: ({ name }) => name,
  columns: [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'DESCRIPTION', of: ({ description, display_name }) => description ?? display_name },
    { title: 'MODEL', of: ({ llm_model }) => llm_model },
    { title: 'SESSION', of: ({ current_session_id }) => current_session_id },
    { title: 'ID', of: ({ id }) => id, wide: true },
    { title: 'OWNER', of: ({ owner_user_id }) => owner_user_id, wide: true },
    { title: 'CREATED', of: ({ created_at }, times) => times.show(created_at), wide: true },
  ],
};
