/** So many daily jobs of croner in one process, for their memory: `node croner-jobs.js <count>`, started with fork. */
import { readFileSync } from 'node:fs';
import { Cron } from 'croner';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Asia/Tokyo',
  'Africa/Lagos',
];
const jobs = [];
for (let number = 0; number < Number(process.argv[2]); number += 1) {
  const minute = (number * 7919) % 1440;
  const job = new Cron(`${minute % 60} ${Math.floor(minute / 60)} * * *`, { timezone: ZONES[number % ZONES.length] }, () => {});
  jobs.push(job);
}
process.send({ live: true });

const rss = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
process.on('message', ({ ask }) =>
  process.send({ answer: ask === 'cpu' ? process.cpuUsage() : { rss: rss(), jobs: jobs.length } }),
);
