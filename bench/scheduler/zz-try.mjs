import { Child } from './child.js';
import { rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const P='/tmp/sched/m-62OwrT/';
if (process.argv[2]==='fresh') rmSync(P+'snapshot/scheduler.snapshot',{force:true});
for (let i=0;i<2;i++){
const t=performance.now();
const c=new Child('process.js',[P+'million.db',P+'snapshot'], process.argv[3]?['--cpu-prof','--cpu-prof-dir=/tmp/sched/prof2']:[]);
await c.live();
const t1=performance.now()-t;
console.log('ready',t1, await c.ask('memory'), await c.ask('cpu'));
await sleep(8000);
const a=await c.ask('cpu'); await sleep(10000); const b=await c.ask('cpu');
console.log('idle %', (b.user+b.system-a.user-a.system)/1e5, await c.ask('memory'));
const s=performance.now(); await c.stop(); console.log('stop',performance.now()-s, statSync(P+'snapshot/scheduler.snapshot').size);
}
process.exit(0)
