/** The error envelope: the older one and RFC 9457 in one object. Numbers and codes are public. */
import Type, { type Static } from 'typebox';

/** By error number: HTTP status and title. */
export const ERRORS = {
  4: { status: 403, title: 'Forbidden' },
  6: { status: 409, title: 'Conflict' },
  7: { status: 404, title: 'Not found' },
  8: { status: 400, title: 'Validation failed' },
  9: { status: 500, title: 'Unexpected error' },
  15: { status: 401, title: 'Unauthenticated' },
  17: { status: 400, title: 'Malformed request' },
  21: { status: 400, title: 'Bad request' },
  23: { status: 400, title: 'Bad search' },
  405: { status: 405, title: 'Method not allowed' },
  412: { status: 412, title: 'Precondition failed' },
  413: { status: 413, title: 'Content too large' },
  422: { status: 422, title: 'Idempotency key reused' },
  429: { status: 429, title: 'Too many requests' },
  501: { status: 501, title: 'Not implemented' },
  502: { status: 502, title: 'Upstream unreachable' },
  503: { status: 503, title: 'Not available' },
  504: { status: 504, title: 'Upstream too slow' },
} as const;

export type ErrorNumber = keyof typeof ERRORS;

export const ErrorEnvelope = Type.Object({
  kind: Type.Literal('Error'),
  id: Type.String(),
  href: Type.String(),
  code: Type.String(),
  reason: Type.String(),
  operation_id: Type.String(),
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
});
export type ErrorEnvelope = Static<typeof ErrorEnvelope>;

/** The body of an error answer. `reason` says what was wrong, where, and what would be right. */
export function errorEnvelope(
  number: ErrorNumber,
  reason: string,
  operationId: string,
  errors?: readonly { path: string; message: string }[],
): ErrorEnvelope {
  const href = `/api/ambient/v1/errors/${number}`;
  return {
    kind: 'Error',
    id: String(number),
    href,
    code: `ambient-api-server-${number}`,
    reason,
    operation_id: operationId,
    type: href,
    title: ERRORS[number].title,
    status: ERRORS[number].status,
    detail: reason,
    ...(errors?.length ? { errors: [...errors] } : {}),
  };
}
