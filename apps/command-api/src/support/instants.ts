/** The named fields, instants of any offset, as the events write them: UTC, 3 fractional digits. Null stays null. */
export function inUtc<T extends object>(fields: T, names: readonly (keyof T & string)[]): T {
  const copy = { ...fields } as Record<string, unknown>;
  for (const name of names) {
    const text = copy[name];
    if (typeof text === 'string') copy[name] = new Date(text).toISOString();
  }
  return copy as T;
}
