/** When the jobs of a peer are due: all at once, or so many a second, from a while after now on. */

/** From the first job that is made to the first that is due: as long as making them may take. */
const LEAD_MS = 20_000;

/** @returns {number[]} whole seconds, as milliseconds since 1970, one a job */
export function dueTimes(what, count, perSecond) {
  const first = Math.ceil((Date.now() + LEAD_MS) / 1000) * 1000;
  return Array.from({ length: count }, (_, n) => first + (what === 'steady' ? Math.floor(n / perSecond) * 1000 : 0));
}

/** A cron expression with seconds that is due then, and a day later again. UTC. */
export function expressionOf(due) {
  const at = new Date(due);
  return `${at.getUTCSeconds()} ${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
}

/** Tells the parent when all are measured, and answers it. @param {number[]} lateness @param {number} count */
export async function report(lateness, count, last) {
  while (lateness.length < count) {
    if (Date.now() > last + 30_000) throw new Error(`${lateness.length} of ${count} jobs ran`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  process.on('message', () => process.send({ answer: lateness }));
  process.send({ live: true });
}
