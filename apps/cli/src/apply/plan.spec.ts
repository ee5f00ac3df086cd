import { describe, expect, it } from '@jest/globals';
import { isSame } from './kinds.js';
import { manifestOf } from './manifest.js';
import { planOf, type Existing } from './plan.js';

const wanted = (...values: object[]) =>
  manifestOf(
    values.map((value, at) => ({ where: `document ${at + 1}`, value })),
    'acme',
  );
const agent = (name: string, more: object = {}): Existing => existing('Agent', name, more);
const existing = (kind: Existing['kind'], name: string, more: object = {}): Existing => ({
  kind,
  id: `id-of-${name}`,
  project: 'acme',
  name,
  resource: { id: `id-of-${name}`, name, ...more },
});
const plan = (documents: object[], things: Existing[], prune = false) => planOf(wanted(...documents), { things }, { prune });

describe('given what is there', () => {
  it('what is missing is made, what differs is changed, the rest is kept', () => {
    const steps = plan(
      [
        { kind: 'Agent', name: 'new' },
        { kind: 'Agent', name: 'other', prompt: 'b', description: null },
        { kind: 'Agent', name: 'same', prompt: 'a', labels: { x: '1', y: '2' } },
      ],
      [
        agent('other', { prompt: 'a', description: 'd' }),
        agent('same', { prompt: 'a', labels: '{"y":"2","x":"1"}', llm_model: 'm' }),
      ],
    );
    expect(steps.map(({ action }) => action)).toEqual(['create', 'update', 'keep']);
    expect(steps[1]).toMatchObject({ changes: { prompt: 'b', description: null } });
  });

  it('what is masked is not wanted', () => {
    expect(plan([{ kind: 'Agent', name: 'a', environment_variables: '{"A":"***"}' }], [agent('a')])).toMatchObject([
      { action: 'keep' },
    ]);
  });

  it('a schedule follows an agent that is to be made, and one that is there, by its name', () => {
    const schedule = { kind: 'ScheduledSession', name: 's', schedule: '@daily', agent: 'a' };
    const there = existing('ScheduledSession', 's', { schedule: '@daily', agent_id: 'id-of-a' });
    expect(plan([schedule], [there, agent('a')])).toMatchObject([{ action: 'keep' }]);
    expect(plan([schedule, { kind: 'Agent', name: 'a' }], [there])).toMatchObject([{ action: 'create' }, { action: 'update' }]);
  });

  it('pruning deletes schedules before agents, of kinds and projects that are named, and never a project', () => {
    const things = [
      existing('Project', 'acme'),
      agent('a'),
      agent('b'),
      existing('ScheduledSession', 's'),
      existing('ScheduledSession', 't'),
    ];
    const deleted = (documents: object[]) =>
      plan(documents, things, true).flatMap(step => (step.action === 'delete' ? [step.existing.name] : []));
    expect(deleted([{ kind: 'Agent', name: 'a' }])).toEqual(['b']);
    expect(
      deleted([
        { kind: 'Agent', name: 'a' },
        { kind: 'ScheduledSession', name: 's', schedule: '@daily' },
      ]),
    ).toEqual(['t', 'b']);
    expect(deleted([{ kind: 'Project', name: 'acme' }])).toEqual([]);
    expect(deleted([{ kind: 'Agent', name: 'a', project: 'beta' }])).toEqual([]);
  });
});

describe('two values of a field', () => {
  it.each([
    ['plain', 'a', 'a', true],
    ['plain', 'a', 'A', false],
    ['plain', null, undefined, true],
    ['plain', 0, undefined, false],
    ['json', '{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3,"c":2},"a":1}', true],
    ['json', '[1,2]', '[2,1]', false],
    ['json', '{', '{', true],
    ['instant', '2026-01-01T01:00:00+01:00', '2026-01-01T00:00:00.000Z', true],
    ['zone', 'europe/berlin', 'Europe/Berlin', true],
    ['zone', 'Europe/Paris', 'Europe/Berlin', false],
  ] as const)('(%s) %j and %j', (form, one, other, expected) => {
    expect(isSame(form, one, other)).toBe(expected);
    expect(isSame(form, other, one)).toBe(expected);
  });
});
