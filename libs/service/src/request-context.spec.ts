import { describe, expect, it } from '@jest/globals';
import type { RoleId } from '#contracts';
import { Problem } from './problem.js';
import { Caller, causeOf, parseIfMatch, randomIds, repeatableIds } from './request-context.js';

const NOW = Date.parse('2026-03-01T09:00:00Z');
const caller = (...roles: RoleId[]) => new Caller({ id: 'ann', kind: 'user', roles: [] }, roles);

describe('If-Match', () => {
  it.each([
    [undefined, undefined],
    ['*', undefined],
    ['"0"', 0],
    [' "17" ', 17],
    ['W/"7"', 7],
  ])('%s names revision %s', (header, revision) => {
    expect(parseIfMatch(header)).toBe(revision);
  });

  it.each(['7', '"x"', '"-1"', '"1", "2"', '', '"1234567890123456"'])('%s is a bad request', header => {
    expect(() => parseIfMatch(header)).toThrow(
      expect.objectContaining({ number: 21, reason: expect.stringContaining('If-Match') }),
    );
  });
});

describe('ids', () => {
  const event = { type: 'AgentDeleted', payload: { project_id: 'blue' } } as const;

  it('of a repeated request are the same, and differ by label, stream, index and seed', () => {
    const [one, same, other] = [repeatableIds(NOW, 'seed'), repeatableIds(NOW, 'seed'), repeatableIds(NOW, 'other')];
    expect(one.ksuid('agent')).toBe(same.ksuid('agent'));
    expect(one.event('agent-1', event, 0)).toBe(same.event('agent-1', event, 0));
    const ksuids = [one.ksuid('agent'), one.ksuid('session'), other.ksuid('agent')];
    const uuids = [
      one.event('agent-1', event, 0),
      one.event('agent-1', event, 1),
      one.event('agent-2', event, 0),
      other.event('agent-1', event, 0),
    ];
    expect(new Set(ksuids).size).toBe(3);
    expect(new Set(uuids).size).toBe(4);
    for (const id of ksuids) expect(id).toMatch(/^[0-9A-Za-z]{27}$/);
  });

  it('of any other request are random', () => {
    const ids = randomIds(NOW);
    expect(ids.ksuid('agent')).not.toBe(ids.ksuid('agent'));
    expect(ids.event('agent-1', event, 0)).not.toBe(ids.event('agent-1', event, 0));
  });
});

describe('a caller', () => {
  it('may what the roles allow', () => {
    expect(caller('project:editor').may('editor')).toBe(true);
    expect(caller('project:viewer').may('editor')).toBe(false);
    expect(() => caller('project:editor').demand('editor', 'agent')).not.toThrow();
  });

  it('is forbidden what may be seen, and told of nothing else', () => {
    expect(() => caller('project:viewer').demand('editor', 'agent')).toThrow(expect.objectContaining({ status: 403 }));
    expect(() => caller().demand('editor', 'agent')).toThrow(
      expect.objectContaining({ status: 404, reason: 'there is no such agent' }),
    );
    expect(() => caller().demand('editor', 'agent')).toThrow(Problem);
  });
});

describe('the cause of events', () => {
  it('is the caller, by this operation, at the time of its acceptance', () => {
    const context = { caller: caller(), operationId: 'op', traceparent: 'tp', now: NOW, ids: randomIds(NOW) };
    expect(causeOf(context)).toEqual({
      actor: { id: 'ann', kind: 'user' },
      occurred_at: '2026-03-01T09:00:00.000Z',
      correlation_id: 'op',
      causation_id: 'op',
      operation_id: 'op',
      traceparent: 'tp',
    });
  });
});
