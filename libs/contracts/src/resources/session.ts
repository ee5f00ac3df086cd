import Type, { type Static } from 'typebox';
import {
  changesOf,
  createBodyOf,
  Instant,
  JsonArrayText,
  JsonObjectText,
  Ksuid,
  Name,
  ProjectName,
  resourceOf,
  Seconds,
  SecretsText,
  ShortText,
  Text,
  Timestamp,
} from '../fields.js';
import { llmFields } from './agent.js';

export const PHASES = ['Pending', 'Creating', 'Running', 'Stopping', 'Stopped', 'Completed', 'Failed'] as const;
/** Where a session stands. A session that was never started has no phase. */
export type Phase = (typeof PHASES)[number];
export const Phase = Type.Enum([...PHASES]);

const TERMINAL: ReadonlySet<string> = new Set<Phase>(['Stopped', 'Completed', 'Failed']);

/** Stopped, Completed or Failed. */
export const isTerminal = (phase: Phase | ''): boolean => TERMINAL.has(phase);
/** Pending, Creating, Running or Stopping: started and not yet at its end. */
export const isActive = (phase: Phase | ''): boolean => phase !== '' && !isTerminal(phase);

export const DEFAULT_MODEL = 'claude-sonnet-4-6';
export const DEFAULT_TEMPERATURE = 0.7;
export const DEFAULT_MAX_TOKENS = 4000;

/** What a schedule hands to each of its sessions. */
export const sessionLimits = {
  timeout: Seconds,
  inactivity_timeout: Seconds,
  stop_on_run_finished: Type.Boolean(),
  runner_type: ShortText,
};

/** What only the runtime reports, through PATCH status. */
export const statusFields = {
  phase: Phase,
  start_time: Instant,
  completion_time: Instant,
  sdk_session_id: ShortText,
  sdk_restart_count: Type.Integer({ minimum: 0 }),
  conditions: JsonArrayText,
  reconciled_repos: JsonArrayText,
  reconciled_workflow: JsonObjectText,
  kube_cr_uid: ShortText,
  kube_namespace: ShortText,
};

const optionalStatus = {
  start_time: Type.Optional(Timestamp),
  completion_time: Type.Optional(Timestamp),
  sdk_session_id: Type.Optional(statusFields.sdk_session_id),
  sdk_restart_count: Type.Optional(statusFields.sdk_restart_count),
  conditions: Type.Optional(statusFields.conditions),
  reconciled_repos: Type.Optional(statusFields.reconciled_repos),
  reconciled_workflow: Type.Optional(statusFields.reconciled_workflow),
  kube_cr_uid: Type.Optional(statusFields.kube_cr_uid),
  kube_namespace: Type.Optional(statusFields.kube_namespace),
};

/** A Session: one piece of work of an agent (or of nobody), run by the runtime. */
export const sessionFields = {
  required: { name: Name },
  defaulted: { ...llmFields },
  nullable: {
    prompt: Text,
    repo_url: ShortText,
    repos: JsonArrayText,
    workflow_id: JsonObjectText,
    ...sessionLimits,
    assigned_user_id: ShortText,
    bot_account_name: ShortText,
    parent_session_id: ShortText,
    resource_overrides: JsonObjectText,
    environment_variables: SecretsText,
    labels: JsonObjectText,
    annotations: JsonObjectText,
  },
  readOnly: {
    project_id: Type.Optional(ProjectName),
    agent_id: Type.Optional(Ksuid),
    created_by_user_id: Type.String(),
    phase: Type.Union([Phase, Type.Literal('')]),
    ...optionalStatus,
    kube_cr_name: Type.String(),
    scheduled_session_id: Type.Optional(Ksuid),
    scheduled_for: Type.Optional(Timestamp),
    last_activity_at: Type.Optional(Timestamp),
  },
};

/** Set at creation and never again. */
export const sessionOrigin = { project_id: ProjectName, agent_id: Ksuid };

export const SessionCreate = Type.Object({
  ...createBodyOf(sessionFields).properties,
  project_id: Type.Optional(sessionOrigin.project_id),
  agent_id: Type.Optional(sessionOrigin.agent_id),
});
export const SessionChanges = changesOf(sessionFields);
export const Session = resourceOf(sessionFields);
export const SessionStatus = Type.Object(
  Object.fromEntries(Object.entries(statusFields).map(([name, schema]) => [name, Type.Optional(schema)])) as {
    [K in keyof typeof statusFields]: ReturnType<typeof Type.Optional<(typeof statusFields)[K]>>;
  },
);

/** A repository that the session works in; its name is unique in the session. */
export const SessionRepo = Type.Object({
  url: Type.String({ minLength: 1, maxLength: 2048 }),
  branch: Type.String({ minLength: 1, maxLength: 255 }),
  name: Type.String({ minLength: 1, maxLength: 255 }),
});
export const SessionRepoCreate = Type.Object({
  url: SessionRepo.properties.url,
  branch: Type.Optional(SessionRepo.properties.branch),
  name: Type.Optional(SessionRepo.properties.name),
});
export const SessionWorkflow = Type.Object({
  git_url: Type.String({ minLength: 1, maxLength: 2048 }),
  branch: Type.String({ minLength: 1, maxLength: 255 }),
  path: Type.Optional(ShortText),
});
export const SessionWorkflowSet = Type.Object({
  git_url: SessionWorkflow.properties.git_url,
  branch: Type.Optional(SessionWorkflow.properties.branch),
  path: Type.Optional(SessionWorkflow.properties.path),
});
export const SessionModelSet = Type.Object({ model: llmFields.llm_model });
export const SessionRename = Type.Object({ name: Name });
export const SessionClone = Type.Object({ name: Type.Optional(Name) });

/** `user` from people; anything else (`assistant`, `system`, `tool_use`, …) from the runtime alone. */
export const SessionMessageCreate = Type.Object({
  event_type: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  payload: Type.String({ maxLength: 1_048_576 }),
});
export const SessionMessage = Type.Object({
  id: Type.String(),
  session_id: Ksuid,
  seq: Type.Integer({ minimum: 1 }),
  event_type: Type.String(),
  payload: Type.String(),
  created_at: Timestamp,
});

export type SessionCreate = Static<typeof SessionCreate>;
export type SessionChanges = Static<typeof SessionChanges>;
export type SessionStatus = Static<typeof SessionStatus>;
export type Session = Static<typeof Session>;
export type SessionRepo = Static<typeof SessionRepo>;
export type SessionWorkflow = Static<typeof SessionWorkflow>;
export type SessionMessage = Static<typeof SessionMessage>;
