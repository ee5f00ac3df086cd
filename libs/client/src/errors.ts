/** What can go wrong with a request: the server's answer, one class for each kind of status, or no answer at all. */
import type { components } from './generated/api.js';

/** The body of every error answer: an older envelope and RFC 9457 in one object. */
export type ErrorEnvelope = components['schemas']['ErrorEnvelope'];
/** One field that was wrong. */
export type FieldError = NonNullable<ErrorEnvelope['errors']>[number];

/** Everything that this client throws by itself. (What an aborted signal gives as its reason is thrown as it is.) */
export class AmbientError extends Error {
  override readonly name: string = 'AmbientError';
}

/** There was no answer: nobody listens, the connection broke, or it took too long. Whether the request took effect is not known. */
export class ConnectionError extends AmbientError {
  override readonly name = 'ConnectionError';
}

/** What an answer said that was an error. */
interface Answered {
  readonly status: number;
  /** Of the server, or made from the status line where something between client and server answered. */
  readonly envelope: Partial<ErrorEnvelope>;
  readonly retryAfterMs?: number | undefined;
}

/** An answer that is an error. `message` is its reason: what was wrong, where, and what would be right. */
export class ApiError extends AmbientError {
  override readonly name: string = 'ApiError';
  /** HTTP status. */
  readonly status: number;
  /** For programs: `ambient-api-server-7` and so on; empty when the answer is not the server's own. */
  readonly code: string;
  /** What kind of error it is, in a few words. */
  readonly title: string;
  /** Finds the request in the server's log; empty when the answer is not the server's own. */
  readonly operationId: string;
  /** Fields of the body, or parameters, that were wrong. */
  readonly errors: readonly FieldError[];
  /** Milliseconds after which the server asks to try again. */
  readonly retryAfterMs: number | undefined;

  constructor({ status, envelope, retryAfterMs }: Answered) {
    super(envelope.reason ?? envelope.detail ?? envelope.title ?? `status ${status}`);
    this.status = status;
    this.code = envelope.code ?? '';
    this.title = envelope.title ?? '';
    this.operationId = envelope.operation_id ?? '';
    this.errors = envelope.errors ?? [];
    this.retryAfterMs = retryAfterMs;
  }
}

/** 400: a field, a parameter, or a search is wrong; `errors` names fields. */
export class BadRequestError extends ApiError {
  override readonly name = 'BadRequestError';
}
/** 401: no token, or not a valid one. */
export class UnauthenticatedError extends ApiError {
  override readonly name = 'UnauthenticatedError';
}
/** 403: the caller may not. */
export class ForbiddenError extends ApiError {
  override readonly name = 'ForbiddenError';
}
/** 404: it is not there, or the caller may not know that it is. */
export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';
}
/** 409: it does not go with the present state. */
export class ConflictError extends ApiError {
  override readonly name = 'ConflictError';
}
/** 412: it has changed since the ETag in `ifMatch`. */
export class PreconditionFailedError extends ApiError {
  override readonly name = 'PreconditionFailedError';
}
/** 413: the body is too large. */
export class TooLargeError extends ApiError {
  override readonly name = 'TooLargeError';
}
/** 422: the idempotency key belongs to another request. */
export class IdempotencyKeyReusedError extends ApiError {
  override readonly name = 'IdempotencyKeyReusedError';
}
/** 429: too many requests. */
export class TooManyRequestsError extends ApiError {
  override readonly name = 'TooManyRequestsError';
}
/** 502, 503, 504: the service, or what it stands on, is away at the moment. */
export class UnavailableError extends ApiError {
  override readonly name = 'UnavailableError';
}
/** Any other 5xx: a defect of the server. */
export class ServerError extends ApiError {
  override readonly name = 'ServerError';
}

const CLASSES: Readonly<Record<number, new (answered: Answered) => ApiError>> = {
  400: BadRequestError,
  401: UnauthenticatedError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  412: PreconditionFailedError,
  413: TooLargeError,
  422: IdempotencyKeyReusedError,
  429: TooManyRequestsError,
  502: UnavailableError,
  503: UnavailableError,
  504: UnavailableError,
};

const LONGEST_TEXT = 200;

/** The error that an answer tells. Reads its body. */
export async function apiErrorOf(response: Response): Promise<ApiError> {
  const { status, statusText } = response;
  const Class = CLASSES[status] ?? (status >= 500 ? ServerError : ApiError);
  const text = await response.text().catch(() => '');
  const envelope = envelopeIn(text) ?? { reason: `${status} ${statusText} ${text.slice(0, LONGEST_TEXT)}`.trim() };
  return new Class({ status, envelope, retryAfterMs: retryAfterMs(response) });
}

function envelopeIn(text: string): Partial<ErrorEnvelope> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isEnvelope = typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Error';
    return isEnvelope ? (value as Partial<ErrorEnvelope>) : undefined;
  } catch {
    return undefined;
  }
}

/** Retry-After (RFC 9110, 10.2.3) in seconds; a date is not looked at. */
export function retryAfterMs({ headers }: Response): number | undefined {
  const text = headers.get('retry-after');
  return text !== null && /^\d+$/.test(text) ? Number(text) * 1000 : undefined;
}
