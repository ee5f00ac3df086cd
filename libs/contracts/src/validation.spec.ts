import { describe, expect, it } from '@jest/globals';
import Type from 'typebox';
import {
  AgentChanges,
  AgentCreate,
  ProjectChanges,
  ProjectCreate,
  RoleBindingCreate,
  ScheduledSessionChanges,
  ScheduledSessionCreate,
  SessionCreate,
  SessionMessageCreate,
  SessionStatus,
} from './resources/index.js';
import { check, checkChanges, checkCreate, matches, type Checked } from './validation.js';

const KSUID = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const schedule = { name: 'Nightly', schedule: '0 3 * * *' };

/** The messages by field; an accepted body has none. */
const saysOf = (checked: Checked<unknown>): Record<string, string> =>
  checked.ok ? {} : Object.fromEntries(checked.errors.map(({ path, message }) => [path, message]));

const valueOf = (checked: Checked<unknown>): unknown => {
  if (!checked.ok) throw new Error(JSON.stringify(checked.errors));
  return checked.value;
};

describe('a body that is not an object', () => {
  it.each([[undefined], [null], ['text'], [1], [[]]])('%p is refused', body => {
    const refused = { ok: false, errors: [{ path: '', message: 'the body must be a JSON object' }] };
    expect(checkCreate(AgentCreate, body)).toEqual(refused);
    expect(checkChanges(AgentChanges, body)).toEqual(refused);
  });
});

describe('a create body', () => {
  it('is taken with nothing but what is required', () => {
    expect(checkCreate(ScheduledSessionCreate, schedule)).toEqual({ ok: true, value: schedule });
  });

  it('is refused with one message for each field that is wrong', () => {
    expect(
      saysOf(checkCreate(ScheduledSessionCreate, { enabled: 'yes', overlap_policy: 'never', timeout: 1.5, max_runs: 0 })),
    ).toEqual({
      name: 'name is required',
      schedule: 'schedule is required',
      enabled: 'enabled must be a boolean',
      overlap_policy: 'overlap_policy must be one of "skip", "queue", "replace", "allow"',
      timeout: 'timeout must be an integer',
      max_runs: 'max_runs must be >= 1',
    });
  });

  it.each([
    ['a required field that is null', { name: null }, { name: 'name is required' }],
    ['a number for a text', { name: 7 }, { name: 'name must be a string' }],
    ['an empty name', { name: '' }, { name: 'name must not be empty' }],
    ['a blank name', { name: ' \t' }, { name: 'name must be a name of 1 to 255 characters that are not all blanks' }],
    ['a name that is too long', { name: 'n'.repeat(256) }, { name: 'name must have at most 255 characters' }],
    ['a list for a text', { name: 'a', prompt: ['x'] }, { prompt: 'prompt must be a string' }],
    ['a temperature out of range', { name: 'a', llm_temperature: 2.1 }, { llm_temperature: 'llm_temperature must be <= 2' }],
    ['a temperature below 0', { name: 'a', llm_temperature: -0.1 }, { llm_temperature: 'llm_temperature must be >= 0' }],
    ['tokens that are no integer', { name: 'a', llm_max_tokens: 1.5 }, { llm_max_tokens: 'llm_max_tokens must be an integer' }],
    ['labels that are an object', { name: 'a', labels: { team: 'blue' } }, { labels: 'labels must be a string' }],
    [
      'labels that hold no object',
      { name: 'a', labels: '[1]' },
      { labels: 'labels must be a JSON object as text, for example {"team":"blue"}' },
    ],
    [
      'labels that are no JSON',
      { name: 'a', labels: '{' },
      { labels: 'labels must be a JSON object as text, for example {"team":"blue"}' },
    ],
    [
      'variables that are no strings',
      { name: 'a', environment_variables: '{"PORT":80}' },
      {
        environment_variables:
          'environment_variables must be a JSON object of strings as text, for example {"LOG_LEVEL":"debug"}',
      },
    ],
    [
      'half of a surrogate pair',
      { name: 'a', prompt: 'x\ud800' },
      { prompt: 'prompt must be well-formed Unicode: it holds half of a surrogate pair' },
    ],
  ])('is refused with %s', (_, body, says) => {
    expect(saysOf(checkCreate(AgentCreate, body))).toEqual(says);
  });

  it.each([
    [ProjectCreate, { name: 'Blue' }, { name: expect.stringMatching(/^name must be a DNS-1123 label: lower case letters/) }],
    [ProjectCreate, { name: '-blue' }, { name: expect.stringContaining('DNS-1123') }],
    [ProjectCreate, { name: 'b'.repeat(64) }, { name: 'name must have at most 63 characters' }],
    [SessionCreate, { name: 'a', repos: '{}' }, { repos: 'repos must be a JSON array as text' }],
    [SessionCreate, { name: 'a', agent_id: 'x' }, { agent_id: expect.stringContaining('agent_id must be text that matches') }],
    [
      ScheduledSessionCreate,
      { ...schedule, start_at: '2026-02-30T00:00:00Z' },
      { start_at: expect.stringContaining('start_at must be an RFC 3339 instant') },
    ],
    [ScheduledSessionCreate, { ...schedule, jitter: 3601 }, { jitter: 'jitter must be <= 3600' }],
    [
      ScheduledSessionCreate,
      { ...schedule, pause_on_failure: 'yes' },
      { pause_on_failure: 'pause_on_failure must be a boolean' },
    ],
    [
      RoleBindingCreate,
      { scope: 'galaxy' },
      { role_id: 'role_id is required', user_id: 'user_id is required', scope: 'scope must be one of "global", "project"' },
    ],
    [SessionMessageCreate, {}, { payload: 'payload is required' }],
  ])('of another kind says it in the same way: %# %j', (schema, body, says) => {
    expect(saysOf(checkCreate(schema, body))).toEqual(says);
  });

  it('counts null as absent', () => {
    expect(valueOf(checkCreate(AgentCreate, { name: 'a', prompt: null, llm_temperature: null }))).toEqual({ name: 'a' });
    expect(valueOf(checkCreate(ScheduledSessionCreate, { ...schedule, enabled: null }))).toEqual(schedule);
  });

  it('keeps false, 0 and the empty text', () => {
    const body = { name: 'a', llm_temperature: 0, prompt: '' };
    expect(valueOf(checkCreate(AgentCreate, body))).toEqual(body);
    expect(valueOf(checkCreate(ScheduledSessionCreate, { ...schedule, enabled: false }))).toEqual({
      ...schedule,
      enabled: false,
    });
  });

  it('is refused with an id: ids are the server’s to give; null is none', () => {
    const says = { id: 'id is set by the server and must not be in the body' };
    expect(saysOf(checkCreate(AgentCreate, { id: KSUID, name: 'a' }))).toEqual(says);
    expect(saysOf(checkCreate(AgentCreate, { id: '', name: 'a' }))).toEqual(says);
    expect(valueOf(checkCreate(AgentCreate, { id: null, name: 'a' }))).toEqual({ name: 'a' });
  });

  it('is rid of unknown and read-only fields, whatever they hold', () => {
    const noise = {
      colour: 'blue',
      created_at: 7,
      href: [],
      owner_user_id: 'mallory',
      project_id: 'other',
      ['__proto__']: { x: 1 },
    };
    expect(valueOf(checkCreate(AgentCreate, { ...noise, name: 'a' }))).toEqual({ name: 'a' });
    expect(
      valueOf(checkCreate(ScheduledSessionCreate, { ...schedule, project_id: 7, runs_count: 'x', next_run_at: 'never' })),
    ).toEqual(schedule);
    expect(valueOf(checkCreate(SessionCreate, { name: 'a', phase: 'Running', created_by_user_id: 'mallory' }))).toEqual({
      name: 'a',
    });
  });
});

describe('a patch body', () => {
  it('may be empty', () => {
    expect(checkChanges(AgentChanges, {})).toEqual({ ok: true, value: {} });
  });

  it('clears a nullable field by null', () => {
    const body = { prompt: null, labels: null, llm_temperature: null };
    expect(checkChanges(AgentChanges, body)).toEqual({ ok: true, value: body });
  });

  it('is refused with null for a field that always has a value', () => {
    expect(saysOf(checkChanges(AgentChanges, { name: null }))).toEqual({ name: 'name must be a string' });
    expect(saysOf(checkChanges(ScheduledSessionChanges, { enabled: null, overlap_policy: null }))).toEqual({
      enabled: 'enabled must be a boolean',
      overlap_policy: 'overlap_policy must be one of "skip", "queue", "replace", "allow"',
    });
  });

  it('says of a nullable field what it wants to hold', () => {
    expect(saysOf(checkChanges(AgentChanges, { prompt: 7, labels: '[]', llm_max_tokens: 0, name: '' }))).toEqual({
      prompt: 'prompt must be a string',
      labels: 'labels must be a JSON object as text, for example {"team":"blue"}',
      llm_max_tokens: 'llm_max_tokens must be >= 1',
      name: 'name must not be empty',
    });
  });

  it('is refused with one message for each field, even if every one is wrong', () => {
    const fields = Object.keys(ScheduledSessionChanges.properties);
    const wrong = Object.fromEntries(fields.map(name => [name, [{}]]));
    expect(Object.keys(saysOf(checkChanges(ScheduledSessionChanges, wrong))).sort()).toEqual(fields.sort());
  });

  it('is rid of unknown and read-only fields, the id and an immutable name included', () => {
    expect(valueOf(checkChanges(AgentChanges, { id: KSUID, colour: 1, owner_user_id: 'm', prompt: 'x' }))).toEqual({
      prompt: 'x',
    });
    expect(valueOf(checkChanges(ProjectChanges, { name: 'other', description: 'x' }))).toEqual({ description: 'x' });
  });
});

describe('a value as a whole', () => {
  it('is checked strictly where it is not a body', () => {
    expect(saysOf(check(SessionStatus, { phase: 'Gone', sdk_restart_count: -1 }))).toEqual({
      phase: expect.stringMatching(/^phase must be one of "Pending", "Creating", .*"Failed"$/),
      sdk_restart_count: 'sdk_restart_count must be >= 0',
    });
  });

  it('names a nested field with dots, and unescapes what a pointer escapes', () => {
    const nested = Type.Object({ 'a/b~c': Type.Object({ list: Type.Array(Type.Object({ n: Type.Integer() })) }) });
    expect(saysOf(check(nested, { 'a/b~c': { list: [{ n: 1 }, { n: 'x' }, {}] } }))).toEqual({
      'a/b~c.list.1.n': 'a/b~c.list.1.n must be an integer',
      'a/b~c.list.2.n': 'a/b~c.list.2.n is required',
    });
    expect(saysOf(check(nested, { 'a/b~c': { list: 7 } }))).toEqual({ 'a/b~c.list': 'a/b~c.list must be an array' });
    expect(saysOf(check(nested, 7))).toEqual({ '': 'the body must be an object' });
  });

  it('matches or does not', () => {
    expect(matches(ProjectCreate, { name: 'blue' })).toBe(true);
    expect(matches(ProjectCreate, { name: 'Blue' })).toBe(false);
  });
});
