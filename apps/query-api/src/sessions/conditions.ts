/** The conditions of a session, oldest first where all of them say when they came about, else in the order they were reported. */
export function oldestFirst(conditions: readonly unknown[]): unknown[] {
  const times = conditions.map(timeOf);
  if (times.some(Number.isNaN)) return [...conditions];
  return conditions
    .map((condition, index) => ({ condition, time: times[index] ?? 0 }))
    .sort((a, b) => a.time - b.time)
    .map(({ condition }) => condition);
}

/** `lastTransitionTime` of a Kubernetes condition; NaN without one. */
const timeOf = (condition: unknown): number =>
  Date.parse(String((condition as { readonly lastTransitionTime?: unknown } | null)?.lastTransitionTime));
