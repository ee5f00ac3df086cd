import type { Session } from '#contracts';

/** The server's own configuration and secrets: no business of an agent's. */
const KEPT_BACK = /^(AMBIENT|AUTH|BACKEND|NATS|EVENT_STORE|READ_STORE|RUNNER)_|_(TOKEN|SECRET|SECRET_KEY|PASSWORD)$/;

/**
 * The environment of a session's command: the server's (PATH, HOME, LANG …) without its secrets, then the session's own variables,
 * then what tells the command whose it is. Throws when the session's variables are not a JSON object of strings.
 */
export function childEnvironment(server: NodeJS.ProcessEnv, session: Session): NodeJS.ProcessEnv {
  const shared = Object.entries(server).filter(([name]) => !KEPT_BACK.test(name));
  return {
    ...Object.fromEntries(shared),
    ...ownVariables(session),
    AMBIENT_SESSION_ID: session.id,
    ...(session.project_id === undefined ? {} : { AMBIENT_PROJECT: session.project_id }),
  };
}

function ownVariables({ id, environment_variables: text }: Session): Record<string, string> {
  if (text === undefined || text === null || text === '') return {};
  const variables: unknown = JSON.parse(text);
  const isMap = typeof variables === 'object' && variables !== null && !Array.isArray(variables);
  if (isMap && Object.values(variables).every(value => typeof value === 'string')) return variables as Record<string, string>;
  throw new Error(`environment_variables of session ${id} is not a JSON object of strings`);
}
