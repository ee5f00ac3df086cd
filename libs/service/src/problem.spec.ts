import { describe, expect, it } from '@jest/globals';
import { AuthenticationUnavailable, Unauthenticated } from '#access';
import { ERRORS, type ErrorNumber } from '#contracts';
import { EventStoreUnavailable, WrongExpectedRevision } from '#event-store';
import { PreconditionFailed, Rejected } from '#journal';
import { ReadStoreUnavailable, SearchSyntaxError } from '#read-store';
import { badRequest, invalidProblem, notFoundProblem, Problem, problemOf, unexpectedProblem } from './problem.js';

const invalid = { rejected: 'invalid', errors: [{ path: 'name', message: 'name is required' }] } as const;
const fastify = (code: string): Error => Object.assign(new Error('of Fastify'), { code });

describe('what went wrong', () => {
  it.each<[string, unknown, ErrorNumber, number]>([
    ['a refused field', new Rejected(invalid), 8, 400],
    ['a thing that is not there', new Rejected({ rejected: 'not_found', message: 'm' }), 7, 404],
    ['a conflict', new Rejected({ rejected: 'conflict', message: 'm' }), 6, 409],
    ['a forbidden command', new Rejected({ rejected: 'forbidden', message: 'm' }), 4, 403],
    ['a moved revision', new PreconditionFailed(1, 2), 412, 412],
    ['a bad search', new SearchSyntaxError('m', 3), 23, 400],
    ['an unknown caller', new Unauthenticated('no token'), 15, 401],
    ['keys that can not be had', new AuthenticationUnavailable('m'), 503, 503],
    ['writers in each other’s way', new WrongExpectedRevision('s-1', 0, 1, 0), 6, 409],
    ['a lost event store', new EventStoreUnavailable('disk /secret'), 503, 503],
    ['a lost read store', new ReadStoreUnavailable('disk /secret'), 503, 503],
    ['a body that is too large', fastify('FST_ERR_CTP_BODY_TOO_LARGE'), 413, 413],
    ['a body of another length', fastify('FST_ERR_CTP_INVALID_CONTENT_LENGTH'), 17, 400],
    ['a bad path', fastify('FST_ERR_BAD_URL'), 21, 400],
    ['a thing not found by a handler', notFoundProblem('agent'), 7, 404],
    ['a bad parameter', badRequest('m'), 21, 400],
  ])('%s has its number and status', (_, error, number, status) => {
    expect(problemOf(error)).toMatchObject({ number, status });
  });

  it('is unexpected otherwise, and tells nothing', () => {
    for (const error of [new Error('/etc/passwd'), fastify('ENOENT'), 'text', undefined])
      expect(problemOf(error)).toBeUndefined();
    expect(unexpectedProblem).toMatchObject({ number: 9, status: 500 });
  });

  it('tells nothing of a store’s inner life', () => {
    for (const error of [new EventStoreUnavailable('disk /secret'), new ReadStoreUnavailable('disk /secret')])
      expect(problemOf(error)?.reason).not.toContain('secret');
  });

  it('tells when to try again where that helps', () => {
    for (const error of [new WrongExpectedRevision('s-1', 0, 1, 0), new EventStoreUnavailable('m')])
      expect(problemOf(error)?.headers).toEqual({ 'Retry-After': '1' });
    expect(problemOf(new Unauthenticated('no token'))?.headers).toHaveProperty('WWW-Authenticate');
  });

  it('is told in both envelopes at once', () => {
    expect(invalidProblem(invalid.errors).envelope('op')).toEqual({
      kind: 'Error',
      id: '8',
      href: '/api/ambient/v1/errors/8',
      code: 'ambient-api-server-8',
      reason: 'name is required',
      operation_id: 'op',
      type: '/api/ambient/v1/errors/8',
      title: 'Validation failed',
      status: 400,
      detail: 'name is required',
      errors: invalid.errors,
    });
    for (const number of Object.keys(ERRORS).map(Number) as ErrorNumber[])
      expect(new Problem(number, 'm').envelope('op')).toMatchObject({ status: ERRORS[number].status });
  });
});
