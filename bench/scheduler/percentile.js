/** The value that so many percent of the values do not exceed; throws when there is none. @param {number[]} values */
export function percentile(values, percent) {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)];
}
