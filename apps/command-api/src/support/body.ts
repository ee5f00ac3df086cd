import type { Static, TObject } from 'typebox';
import { checkChanges, checkCreate, type Checked, type FieldError } from '#contracts';
import { EMPTY_BODY, invalidProblem, Problem } from '#service';

/** What a schema can't say of a body. */
export type FurtherCheck = (body: Readonly<Record<string, unknown>>) => readonly FieldError[];

/** A create body. @throws {Problem} 400 that names each bad field */
export const createBody = <S extends TObject>(schema: S, body: unknown, further?: FurtherCheck): Static<S> =>
  accepted(checkCreate(schema, present(body)), furtherErrors(body, further));

/** A patch body: null clears a field. @throws {Problem} 400 that names each bad field */
export const changesBody = <S extends TObject>(schema: S, body: unknown, further?: FurtherCheck): Static<S> =>
  accepted(checkChanges(schema, present(body)), furtherErrors(body, further));

/** The body of an action, which may be left out. @throws {Problem} 400 that names each bad field */
export const actionBody = <S extends TObject>(schema: S, body: unknown): Static<S> =>
  accepted(checkCreate(schema, body === undefined || body === EMPTY_BODY || body === null ? {} : body));

function present(body: unknown): unknown {
  if (body === undefined || body === EMPTY_BODY) throw new Problem(17, 'a JSON body is required');
  return body;
}

const furtherErrors = (body: unknown, further: FurtherCheck | undefined): readonly FieldError[] =>
  further && typeof body === 'object' && body !== null ? further(body as Record<string, unknown>) : [];

function accepted<T>(checked: Checked<T>, further: readonly FieldError[] = []): T {
  const seen = new Set(checked.ok ? [] : checked.errors.map(({ path }) => path));
  const errors = [...(checked.ok ? [] : checked.errors), ...further.filter(({ path }) => !seen.has(path))];
  if (!checked.ok || errors.length > 0) throw invalidProblem(errors);
  return checked.value;
}
