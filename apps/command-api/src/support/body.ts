import type { Static, TObject } from 'typebox';
import { checkChanges, checkCreate, type Checked, type FieldError } from '#contracts';
import { EMPTY_BODY, invalidProblem, Problem } from '#service';

/**
 * A create body.
 * @param further what is wrong beyond the schema
 * @throws {Problem} 400 that names each bad field
 */
export const createBody = <S extends TObject>(schema: S, body: unknown, further: readonly FieldError[] = []): Static<S> =>
  accepted(checkCreate(schema, present(body)), further);

/** A patch body: null clears a field. @throws {Problem} 400 that names each bad field */
export const changesBody = <S extends TObject>(schema: S, body: unknown, further: readonly FieldError[] = []): Static<S> =>
  accepted(checkChanges(schema, present(body)), further);

/** The body of an action, which may be left out. @throws {Problem} 400 that names each bad field */
export const actionBody = <S extends TObject>(schema: S, body: unknown): Static<S> =>
  accepted(checkCreate(schema, body === undefined || body === EMPTY_BODY || body === null ? {} : body));

function present(body: unknown): unknown {
  if (body === undefined || body === EMPTY_BODY) throw new Problem(17, 'a JSON body is required');
  return body;
}

/** What is wrong by the schema, and beyond it; one entry a field. */
export function errorsOf(checked: Checked<unknown>, further: readonly FieldError[] = []): FieldError[] {
  const errors = checked.ok ? [] : checked.errors;
  const seen = new Set(errors.map(({ path }) => path));
  return [...errors, ...further.filter(({ path }) => !seen.has(path))];
}

function accepted<T>(checked: Checked<T>, further: readonly FieldError[] = []): T {
  const errors = errorsOf(checked, further);
  if (!checked.ok || errors.length > 0) throw invalidProblem(errors);
  return checked.value;
}
