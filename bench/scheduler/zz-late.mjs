import { run } from './lateness.js';
import { mkdtemp } from 'node:fs/promises';
console.table(await run(await mkdtemp('/tmp/sched/l-')));
process.exit(0)
