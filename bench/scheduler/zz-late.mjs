import { parts } from './lateness.js';
import { percentile } from './percentile.js';
import { makeSchedules } from './log.js';
import { mkdtemp } from 'node:fs/promises';
const place=await mkdtemp('/tmp/sched/l-');
await makeSchedules(place+'/a.db', 10000, () => ({ schedule: '* * * * *' }));
for (const n of [undefined, place]) { const l=await parts.oursAtOnce(place+'/a.db',n); console.log(n?'nats':'in-process', [1,50,90,99,100].map(p=>percentile(l,p))); }
process.exit(0)
