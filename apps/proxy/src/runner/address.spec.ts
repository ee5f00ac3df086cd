import { describe, expect, it } from '@jest/globals';
import { NoAddress, RunnerAddresses } from './address.js';
import { AddressRanges } from './ranges.js';

const CLUSTER = 'http://session-{session_id}.{namespace}.svc.cluster.local:8001';
const ranges = new AddressRanges(['10.0.0.0/8']);
const none = new AddressRanges([]);
const session = (over: object = {}) => ({ id: '2xKpQ7aBcD', phase: 'Running', namespace: 'team-a', ...over }) as const;

describe('the address of a runner', () => {
  it('follows from the template', () => {
    expect(RunnerAddresses.of(CLUSTER, ranges).of(session())).toEqual({
      origin: 'http://session-2xkpq7abcd.team-a.svc.cluster.local:8001',
      basePath: '',
    });
    expect(RunnerAddresses.of('https://runners.example/base/{session_id}/', none).of(session())).toEqual({
      origin: 'https://runners.example',
      basePath: '/base/2xKpQ7aBcD',
    });
  });

  it.each([
    'evil.example/',
    'evil.example#',
    'evil.example:80',
    'a.b',
    'a@evil.example',
    '..',
    '-a',
    'a-',
    '',
    'A',
    'a b',
    'a\n',
    'ä',
    'a'.repeat(64),
    '%2e',
    undefined,
  ])('is none for a namespace that is no DNS label: %j', namespace => {
    expect(() => RunnerAddresses.of(CLUSTER, ranges).of(session({ namespace }))).toThrow(NoAddress);
  });

  it('does not need a namespace that is not in the template', () => {
    expect(RunnerAddresses.of('http://127.0.0.1:1/{session_id}', none).of(session({ namespace: '../..' })).basePath).toBe(
      '/2xKpQ7aBcD',
    );
  });

  it.each(['a/b', 'a.b', '../x', 'a@b', ''])('is none for an id that is none of ours: %j', id => {
    expect(() => RunnerAddresses.of(CLUSTER, ranges).of(session({ id }))).toThrow(NoAddress);
  });

  it.each([
    ['http://{namespace}:80', '2130706433'],
    ['http://127.0.0.{namespace}', '1'],
    ['http://169.254.169.25{namespace}', '4'],
    ['http://{namespace}', '0xa9fea9fe'],
  ])('is none where the host becomes an address that is not allowed: %s', (template, namespace) => {
    expect(() => RunnerAddresses.of(template, ranges).of(session({ namespace }))).toThrow(NoAddress);
  });

  it('is no link-local one, not even a fixed one', () => {
    for (const host of ['169.254.169.254', '[::ffff:169.254.169.254]', '[fe80::1]', '0xa9fea9fe', '2852039166']) {
      expect(() => RunnerAddresses.of(`http://${host}/{session_id}`, none).of(session())).toThrow(NoAddress);
    }
  });

  it.each([
    ['ftp://host/{session_id}', 'http or https'],
    ['host:8001', 'http or https'],
    ['not a url', 'must be a URL'],
    ['http://', 'must be a URL'],
    ['http://{pod}.local', '{pod} is unknown'],
    ['http://user:secret@host', 'credentials'],
    ['http://host/?{session_id}', 'query'],
    ['http://host/#{session_id}', 'fragment'],
    ['http://host:{namespace}', 'must be a URL'],
    ['http://host/{session_id', 'must be a URL'],
  ])('can not come from the template %s', (template, reason) => {
    expect(() => RunnerAddresses.of(template, ranges)).toThrow(reason);
  });

  it('needs ranges where the host depends on the session', () => {
    expect(() => RunnerAddresses.of(CLUSTER, none)).toThrow('RUNNER_ALLOWED_CIDRS is required');
    expect(RunnerAddresses.of('http://runners/{session_id}/{namespace}', none).isFixed).toBe(true);
  });
});
