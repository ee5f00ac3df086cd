import { expect } from '@jest/globals';
import { BASE_PATH, ERRORS, type ErrorNumber } from '#contracts';
import type { Answer, Json } from './http.js';

/** An answer is this error, in the whole envelope: the older one and RFC 9457 in one. */
export function expectProblem(answer: Answer<Json>, number: ErrorNumber): Json {
  const { status, title } = ERRORS[number];
  const { body, headers } = answer;
  expect([answer.status, body]).toEqual([status, body]);
  const href = `${BASE_PATH}/errors/${number}`;
  expect(body).toMatchObject({
    kind: 'Error',
    id: String(number),
    href,
    code: `ambient-api-server-${number}`,
    type: href,
    title,
    status,
  });
  expect(body['detail']).toBe(body['reason']);
  expect(body['reason']).toEqual(expect.any(String));
  expect(body['operation_id']).toBe(headers.get('x-operation-id'));
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(JSON.stringify(body)).not.toMatch(/node_modules|\.js:\d|\/work\/|SELECT|stack/);
  return body;
}
