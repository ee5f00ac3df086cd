import { describe, expect, it } from '@jest/globals';
import Type from 'typebox';
import { changesOf, createBodyOf, createdOf, isInstant, Ksuid, listOf, ProjectName, resourceOf, Timestamp } from './fields.js';
import { matches } from './validation.js';

describe('an instant', () => {
  it.each([
    '2026-01-31T09:00:00Z',
    '2026-01-31t09:00:00z',
    '2026-01-31T09:00:00.1Z',
    '2026-01-31T09:00:00.123456789Z',
    '2026-01-31T23:59:59+14:00',
    '2026-01-31T00:00:00-00:30',
    '2024-02-29T00:00:00Z',
    '2000-02-29T00:00:00Z',
    '2026-04-30T00:00:00Z',
  ])('is %s', text => {
    expect(isInstant(text)).toBe(true);
    expect(Number.isNaN(Date.parse(text))).toBe(false);
  });

  it.each([
    '',
    'now',
    '2026-01-31',
    '2026-01-31T09:00:00',
    '2026-01-31 09:00:00Z',
    '2026-01-31T09:00Z',
    '2026-1-31T09:00:00Z',
    '2026-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T09:60:00Z',
    '2026-01-31T09:00:60Z',
    '2026-01-31T09:00:00.Z',
    '2026-01-31T09:00:00+24:00',
    '2026-01-31T09:00:00+0200',
    '+002026-01-31T09:00:00Z',
    ' 2026-01-31T09:00:00Z',
    '2026-01-31T09:00:00Z\n',
  ])('is not %j', text => {
    expect(isInstant(text)).toBe(false);
  });
});

describe('the building blocks', () => {
  it.each(['a', '0', 'a-b', 'blue2', 'a'.repeat(63)])('a project may be named %s', name => {
    expect(matches(ProjectName, name)).toBe(true);
  });

  it.each(['', '-a', 'a-', 'A', 'a_b', 'a.b', 'ä', 'a b', 'a\n', 'a'.repeat(64), '_platform'])(
    'a project may not be named %j',
    name => {
      expect(matches(ProjectName, name)).toBe(false);
    },
  );

  it('a timestamp has exactly 3 fractional digits, in UTC', () => {
    expect(matches(Timestamp, new Date(0).toISOString())).toBe(true);
    for (const text of ['2026-01-31T09:00:00Z', '2026-01-31T09:00:00.12Z', '2026-01-31T09:00:00.123+00:00']) {
      expect(matches(Timestamp, text)).toBe(false);
    }
  });

  it('a KSUID has 27 characters of base 62', () => {
    expect(matches(Ksuid, '0ujtsYcgvSTl8PAuAdqWYSMnLOv')).toBe(true);
    expect(matches(Ksuid, '0ujtsYcgvSTl8PAuAdqWYSMnLO')).toBe(false);
    expect(matches(Ksuid, '0ujtsYcgvSTl8PAuAdqWYSMnLO-')).toBe(false);
  });
});

describe('a table of fields', () => {
  const table = {
    required: { name: Type.String() },
    defaulted: { enabled: Type.Boolean() },
    nullable: { note: Type.String() },
    readOnly: { count: Type.Integer() },
  };
  const common = {
    id: 'i',
    kind: 'Thing',
    href: '/',
    created_at: '2026-01-31T09:00:00.000Z',
    updated_at: '2026-01-31T09:00:00.000Z',
  };

  it('gives a create body: what is required must be there, nothing is null', () => {
    const body = createBodyOf(table);
    expect(matches(body, { name: 'n' })).toBe(true);
    expect(matches(body, {})).toBe(false);
    expect(matches(body, { name: 'n', note: null })).toBe(false);
    expect(Object.keys(body.properties)).toEqual(['name', 'enabled', 'note']);
  });

  it('gives changes: everything may be left out, only a nullable field be null', () => {
    const changes = changesOf(table);
    expect(matches(changes, {})).toBe(true);
    expect(matches(changes, { note: null })).toBe(true);
    expect(matches(changes, { name: null })).toBe(false);
    expect(matches(changes, { enabled: null })).toBe(false);
  });

  it('gives what was created: defaults are filled in', () => {
    const created = Type.Object(createdOf(table));
    expect(matches(created, { name: 'n', enabled: true })).toBe(true);
    expect(matches(created, { name: 'n' })).toBe(false);
  });

  it('gives a resource and its list', () => {
    const thing = { ...common, name: 'n', enabled: true, count: 1 };
    expect(matches(resourceOf(table), thing)).toBe(true);
    expect(matches(resourceOf(table), { ...thing, count: undefined })).toBe(false);
    const list = listOf('ThingList', resourceOf(table));
    expect(matches(list, { kind: 'ThingList', page: 1, size: 1, total: 1, items: [thing] })).toBe(true);
    expect(matches(list, { kind: 'OtherList', page: 1, size: 0, total: 0, items: [] })).toBe(false);
  });
});
