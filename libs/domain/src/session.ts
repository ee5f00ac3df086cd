import {
  DEFAULT_MAX_TOKENS,
  DEFAULT_MODEL,
  DEFAULT_TEMPERATURE,
  hrefs,
  idOf,
  isActive,
  isTerminal,
  type EventOf,
  type Phase,
  type Session,
  type SessionChanges,
  type SessionCreate,
  type SessionRepo,
  type SessionStatus,
  type SessionWorkflow,
} from '#contracts';
import {
  absent,
  changed,
  conflict,
  deleted,
  effectiveChanges,
  notFound,
  withoutNulls,
  type Decider,
  type Decision,
  type Fact,
  type Lifecycle,
} from './decider.js';

/** Stream `session-{id}`: one piece of work, its configuration and how far it has come. Messages have a stream of their own. */
export type SessionEvent =
  /** Not started yet: no phase, not active. */
  | EventOf<'SessionCreated'>
  | EventOf<'SessionUpdated'>
  /** Phase Pending, whatever it was before; the runtime takes it up from here. */
  | EventOf<'SessionStarted'>
  /** What the runtime saw. */
  | EventOf<'SessionStatusReported'>
  /** Phase Stopping; the runtime ends it. */
  | EventOf<'SessionStopRequested'>
  | EventOf<'SessionRepoAdded'>
  | EventOf<'SessionRepoRemoved'>
  | EventOf<'SessionWorkflowSet'>
  | EventOf<'SessionModelSet'>
  | EventOf<'SessionRenamed'>
  | EventOf<'SessionDeleted'>;

/** Where a session comes from: set at creation and never again. */
export type SessionOrigin = Pick<
  EventOf<'SessionCreated'>['payload'],
  'project_id' | 'agent_id' | 'created_by_user_id' | 'scheduled_session_id' | 'scheduled_for' | 'run_id'
>;

export type SessionCommand =
  | {
      readonly type: 'CreateSession';
      readonly origin: SessionOrigin;
      readonly fields: Omit<SessionCreate, 'project_id' | 'agent_id'>;
    }
  | { readonly type: 'UpdateSession'; readonly changes: SessionChanges }
  | { readonly type: 'StartSession'; readonly starting_prompt: string }
  | { readonly type: 'ReportStatus'; readonly status: SessionStatus }
  | { readonly type: 'StopSession'; readonly reason?: string | undefined }
  | { readonly type: 'AddRepo'; readonly repo: SessionRepo }
  | { readonly type: 'RemoveRepo'; readonly name: string }
  | { readonly type: 'SetWorkflow'; readonly workflow: SessionWorkflow }
  | { readonly type: 'SetModel'; readonly model: string }
  | { readonly type: 'RenameSession'; readonly name: string }
  /** @property deleted_at RFC 3339 */
  | { readonly type: 'DeleteSession'; readonly deleted_at: string };

/** The session as its own stream tells it. */
export type SessionValue = Omit<Session, 'last_activity_at'> & { readonly run_id?: string | undefined };
export type SessionState = Lifecycle<SessionValue>;

export const session: Decider<SessionState, SessionCommand, SessionEvent> = {
  initial: absent,

  decide(state, command) {
    if (command.type === 'CreateSession') return state.status === 'absent' ? [created(command)] : [];
    if (state.status !== 'present') return notFound('session');
    return decidePresent(state.value, command);
  },

  evolve(state, event) {
    switch (event.type) {
      case 'SessionCreated':
        return { status: 'present', value: newSession(event) };
      case 'SessionUpdated':
        return changed(state, event, () => event.payload.changes as Partial<SessionValue>);
      case 'SessionStarted':
        return changed(state, event, () => ({
          phase: 'Pending',
          start_time: undefined,
          completion_time: undefined,
          conditions: undefined,
        }));
      case 'SessionStatusReported':
        return changed(state, event, () => event.payload.changes);
      case 'SessionStopRequested':
        return changed(state, event, () => ({ phase: 'Stopping' }));
      case 'SessionRepoAdded':
        return changed(state, event, ({ repos }) => ({ repos: JSON.stringify([...reposOf(repos), event.payload.repo]) }));
      case 'SessionRepoRemoved':
        return changed(state, event, ({ repos }) => ({
          repos: JSON.stringify(reposOf(repos).filter(({ name }) => name !== event.payload.name)),
        }));
      case 'SessionWorkflowSet':
        return changed(state, event, () => ({ workflow_id: JSON.stringify(event.payload.workflow) }));
      case 'SessionModelSet':
        return changed(state, event, () => ({ llm_model: event.payload.model }));
      case 'SessionRenamed':
        return changed(state, event, () => ({ name: event.payload.name }));
      case 'SessionDeleted':
        return deleted(state, event);
    }
  },
};

const created = ({ origin, fields }: Extract<SessionCommand, { type: 'CreateSession' }>): EventOf<'SessionCreated'> => ({
  type: 'SessionCreated',
  payload: withoutNulls({
    ...origin,
    ...fields,
    llm_model: fields.llm_model ?? DEFAULT_MODEL,
    llm_temperature: fields.llm_temperature ?? DEFAULT_TEMPERATURE,
    llm_max_tokens: fields.llm_max_tokens ?? DEFAULT_MAX_TOKENS,
  }),
});

function decidePresent(value: SessionValue, command: Exclude<SessionCommand, { type: 'CreateSession' }>): Decision<SessionEvent> {
  const where = value.project_id === undefined ? {} : { project_id: value.project_id };
  const { phase } = value;
  switch (command.type) {
    case 'UpdateSession': {
      const changes = effectiveChanges(value, command.changes);
      return changes ? [{ type: 'SessionUpdated', payload: { ...where, changes } }] : [];
    }
    case 'StartSession': {
      if (isActive(phase)) return conflict(`the session is ${phase}: it can be started before its first start and after its end`);
      const { starting_prompt } = command;
      return [{ type: 'SessionStarted', payload: withoutNulls({ ...where, agent_id: value.agent_id, starting_prompt }) }];
    }
    case 'ReportStatus':
      return decideReport(value, command.status);
    case 'StopSession':
      if (!isActive(phase) || phase === 'Stopping') {
        return conflict(`the session is ${phase || 'not started'}: only Pending, Creating and Running sessions can be stopped`);
      }
      return [{ type: 'SessionStopRequested', payload: withoutNulls({ ...where, reason: command.reason }) }];
    case 'AddRepo': {
      const taken = reposOf(value.repos).some(({ name }) => name === command.repo.name);
      if (taken) return conflict(`the session has a repo named ${command.repo.name} already`);
      return [{ type: 'SessionRepoAdded', payload: { ...where, repo: command.repo } }];
    }
    case 'RemoveRepo': {
      const known = reposOf(value.repos).some(({ name }) => name === command.name);
      return known
        ? [{ type: 'SessionRepoRemoved', payload: { ...where, name: command.name } }]
        : notFound('repo in this session');
    }
    case 'SetWorkflow':
      return value.workflow_id === JSON.stringify(command.workflow)
        ? []
        : [{ type: 'SessionWorkflowSet', payload: { ...where, workflow: command.workflow } }];
    case 'SetModel':
      return value.llm_model === command.model ? [] : [{ type: 'SessionModelSet', payload: { ...where, model: command.model } }];
    case 'RenameSession':
      return value.name === command.name ? [] : [{ type: 'SessionRenamed', payload: { ...where, name: command.name } }];
    case 'DeleteSession': {
      const stopped = { phase: 'Stopped', completion_time: command.deleted_at } as const;
      return [
        ...(isActive(phase) ? [{ type: 'SessionStatusReported', payload: { ...where, changes: stopped } } as const] : []),
        { type: 'SessionDeleted', payload: where },
      ];
    }
  }
}

const ORDER: Readonly<Record<Phase | '', number>> = {
  '': 0,
  Pending: 1,
  Creating: 2,
  Running: 3,
  Stopping: 4,
  Stopped: 5,
  Completed: 5,
  Failed: 5,
};

/** Reports may skip phases forward; only a start leads out of a terminal one. */
function decideReport(value: SessionValue, status: SessionStatus): Decision<SessionEvent> {
  const from = value.phase;
  const to = status.phase;
  if (to !== undefined && to !== from && (isTerminal(from) || ORDER[to] < ORDER[from])) {
    return conflict(`a session that is ${from} can't be reported ${to}`);
  }
  const changes = effectiveChanges(value, status);
  if (!changes) return [];
  const where = value.project_id === undefined ? {} : { project_id: value.project_id };
  return [{ type: 'SessionStatusReported', payload: { ...where, changes } }];
}

function newSession(event: Fact<EventOf<'SessionCreated'>>): SessionValue {
  const id = idOf(event.stream);
  const at = event.metadata.occurred_at;
  return withoutNulls({
    id,
    kind: 'Session',
    href: hrefs.session(id),
    created_at: at,
    updated_at: at,
    phase: '' as const,
    kube_cr_name: id,
    ...event.payload,
  });
}

/** The repositories in the text field. */
export function reposOf(repos: string | undefined): SessionRepo[] {
  return repos === undefined ? [] : (JSON.parse(repos) as SessionRepo[]);
}

/** `repo` of `https://host/team/repo.git`: what a repository is called when no one named it. */
export const repoNameOf = (url: string): string =>
  url
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/^.*[/:]/, '')
    .replace(/\.git$/, '') || 'repo';

/** What a clone takes over: the configuration, not the prompt, not the state. */
export function cloneFields(source: SessionValue, name: string | undefined): Omit<SessionCreate, 'project_id' | 'agent_id'> {
  const { repo_url, repos, workflow_id, timeout, inactivity_timeout, stop_on_run_finished, runner_type } = source;
  const { llm_model, llm_temperature, llm_max_tokens, assigned_user_id, bot_account_name } = source;
  const { resource_overrides, environment_variables, labels, annotations } = source;
  return withoutNulls({
    name: name ?? `${source.name}-clone`,
    parent_session_id: source.id,
    repo_url,
    repos,
    workflow_id,
    timeout,
    inactivity_timeout,
    stop_on_run_finished,
    runner_type,
    llm_model,
    llm_temperature,
    llm_max_tokens,
    assigned_user_id,
    bot_account_name,
    resource_overrides,
    environment_variables,
    labels,
    annotations,
  });
}
