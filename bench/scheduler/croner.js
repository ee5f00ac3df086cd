/** Jobs of croner, each publishing the request that a scheduler would: `node croner.js at-once|steady <count> <per second>`, by fork. */
import { Cron } from 'croner';
import { InProcessBus } from '#bus';
import { runIdOf, triggerSubject } from '#contracts';
import { dueTimes, expressionOf, report } from './due-times.js';
import { PROJECT, scheduleId } from './log.js';

const [what, count, perSecond] = process.argv.slice(2);
const due = dueTimes(what, Number(count), Number(perSecond));
const lateness = [];

const bus = new InProcessBus({ log: console });
const options = { durable: 'bench', subject: 'ambient.trigger.>', concurrency: 64, backoffMs: [1000], maxDeliveries: 1 };
await bus.consume(options, () => Promise.resolve());

async function publish(id, at) {
  const scheduled_for = new Date(at).toISOString();
  const requested_at = new Date().toISOString();
  const request = { scheduled_session_id: id, project_id: PROJECT, scheduled_for, trigger: 'schedule', requested_at };
  await bus.publish({ subject: triggerSubject(request), id: runIdOf(id, scheduled_for), data: JSON.stringify(request) });
  lateness.push(Date.now() - at);
}

const jobs = due.map((at, number) => {
  const id = scheduleId(number);
  return new Cron(expressionOf(at), { timezone: 'UTC' }, () => publish(id, at));
});
if (Date.now() > due[0] - 1000) throw new Error('the jobs were not made in time');
await report(lateness, jobs.length, due.at(-1));
