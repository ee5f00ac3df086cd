import { describe, expect, it } from '@jest/globals';
import { matches } from '../validation.js';
import { ErrorEnvelope, errorEnvelope, ERRORS, type ErrorNumber } from './errors.js';

const numbers = Object.keys(ERRORS).map(Number) as ErrorNumber[];

describe('the error envelope', () => {
  it('is the older envelope and RFC 9457 in one object', () => {
    expect(errorEnvelope(7, 'there is no such agent', 'op-1')).toEqual({
      kind: 'Error',
      id: '7',
      href: '/api/ambient/v1/errors/7',
      code: 'ambient-api-server-7',
      reason: 'there is no such agent',
      operation_id: 'op-1',
      type: '/api/ambient/v1/errors/7',
      title: 'Not found',
      status: 404,
      detail: 'there is no such agent',
    });
  });

  it('lists what is wrong with each field, and leaves the list out when there is none', () => {
    const errors = [{ path: 'name', message: 'name is required' }];
    expect(errorEnvelope(8, 'name is required', 'op', errors).errors).toEqual(errors);
    expect(errorEnvelope(8, 'x', 'op', [])).not.toHaveProperty('errors');
  });

  it.each(numbers)('of number %i has its own schema’s shape', number => {
    expect(matches(ErrorEnvelope, errorEnvelope(number, 'reason', 'op', [{ path: 'a', message: 'b' }]))).toBe(true);
  });
});

it.each([
  [4, 403],
  [6, 409],
  [7, 404],
  [8, 400],
  [9, 500],
  [15, 401],
  [17, 400],
  [21, 400],
  [23, 400],
  [412, 412],
  [413, 413],
  [422, 422],
  [429, 429],
  [502, 502],
  [503, 503],
] as const)('error number %i has the public status %i', (number, status) => {
  expect(ERRORS[number].status).toBe(status);
});
