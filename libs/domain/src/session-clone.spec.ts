import { describe, expect, it } from '@jest/globals';
import { cloneFields, type SessionValue } from './session.js';

const ID = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const required = { name: 'Review', llm_model: 'm', llm_temperature: 0, llm_max_tokens: 3 };
const source: SessionValue = {
  id: ID,
  kind: 'Session',
  href: `/api/ambient/v1/sessions/${ID}`,
  project_id: 'blue',
  created_by_user_id: 'ada',
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  phase: '',
  kube_cr_name: ID,
  ...required,
};

describe('cloning a session', () => {
  it('takes over the configuration; not the prompt, not the state', () => {
    const configuration = {
      repo_url: 'https://host/a.git',
      repos: '[]',
      workflow_id: '{}',
      timeout: 1,
      inactivity_timeout: 2,
      stop_on_run_finished: false,
      runner_type: 'r',
      assigned_user_id: 'grace',
      bot_account_name: 'bot',
      resource_overrides: '{"cpu":"1"}',
      environment_variables: '{"TOKEN":"sealed"}',
      labels: '{"a":"b"}',
      annotations: '{"c":"d"}',
    };
    const state = {
      prompt: 'Look.',
      phase: 'Running',
      sdk_session_id: 'sdk',
      conditions: '[]',
      parent_session_id: 'older',
    } as const;
    expect(cloneFields({ ...source, ...configuration, ...state }, undefined)).toEqual({
      ...required,
      ...configuration,
      name: 'Review-clone',
      parent_session_id: ID,
    });
  });

  it('takes the name it is given', () => {
    expect(cloneFields(source, 'Again')).toMatchObject({ name: 'Again' });
  });

  it('leaves out what the source does not have', () => {
    expect(cloneFields(source, undefined)).toEqual({ ...required, name: 'Review-clone', parent_session_id: ID });
  });
});
