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

function accepted<T>(checked: Checked<T>, further: readonly FieldError[] = []): T {
  const seen = new Set(checked.ok ? [] : checked.errors.map(({ path }) => path));
  const errors = [...(checked.ok ? [] : checked.errors), ...further.filter(({ path }) => !seen.has(path))];
  if (!checked.ok || errors.length > 0) throw invalidProblem(errors);
  return checked.value;
}
