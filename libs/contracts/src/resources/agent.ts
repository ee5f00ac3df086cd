import Type, { type Static } from 'typebox';
import {
  changesOf,
  createBodyOf,
  JsonObjectText,
  Ksuid,
  Name,
  ProjectName,
  resourceOf,
  SecretsText,
  ShortText,
  Text,
} from '../fields.js';

/** The settings of a language model, shared by agents and sessions. */
export const llmFields = {
  llm_model: Type.String({ minLength: 1, maxLength: 255 }),
  llm_temperature: Type.Number({ minimum: 0, maximum: 2 }),
  llm_max_tokens: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
};

/** An Agent does its work in sessions. Its name is unique in its project. */
export const agentFields = {
  required: { name: Name },
  defaulted: {},
  nullable: {
    display_name: ShortText,
    description: Text,
    prompt: Text,
    repo_url: ShortText,
    workflow_id: Text,
    ...llmFields,
    environment_variables: SecretsText,
    resource_overrides: JsonObjectText,
    labels: JsonObjectText,
    annotations: JsonObjectText,
    parent_agent_id: ShortText,
    bot_account_name: ShortText,
  },
  readOnly: {
    project_id: ProjectName,
    owner_user_id: Type.String(),
    current_session_id: Type.Optional(Ksuid),
  },
};

export const AgentCreate = createBodyOf(agentFields);
export const AgentChanges = changesOf(agentFields);
export const Agent = resourceOf(agentFields);

/** Optional body of a start: the task. */
export const AgentStart = Type.Object({ prompt: Type.Optional(Text) });

export type AgentCreate = Static<typeof AgentCreate>;
export type AgentChanges = Static<typeof AgentChanges>;
export type Agent = Static<typeof Agent>;
