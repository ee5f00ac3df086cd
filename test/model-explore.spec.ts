import { it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { ModelWorld } from './support/model/model-world.js';
import { histories } from './support/model/steps.js';
Logger.overrideLogger(false);
const N = Number(process.env['N'] ?? 500);
const SEED = Number(process.env['TEST_SEED'] ?? 1);
const MATCH = process.env['MATCH'];
const kindOf = (text: string) => text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'R').replaceAll(/\b[0-9A-Za-z]{27}\b/g, 'K').replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'T').replaceAll(/\n[\s\S]*/g, '');
it('explores', async () => {
  const out: string[] = [];
  if (MATCH) {
    let best: any;
    const result = await fc.check(
      fc.asyncProperty(histories, async history => {
        const { wrong, log } = await ModelWorld.live(history);
        if (wrong.some(text => new RegExp(MATCH).test(text))) { best = { history, wrong, log }; throw new Error(wrong.join('\n')); }
      }),
      { numRuns: N, seed: SEED, ...(process.env['AT'] ? { path: process.env['AT'] } : {}), interruptAfterTimeLimit: Number(process.env['LIMIT'] ?? 60000) },
    );
    out.push(`runs ${result.numRuns} shrinks ${result.numShrinks}`);
    if (best) {
      out.push(JSON.stringify(best.history.isAtomic), ...best.history.schedules.map((s: any) => JSON.stringify(s)), ...best.history.steps.map((s: any) => JSON.stringify(s)), ...best.wrong);
      for (const e of best.log) { const m = JSON.parse(e.metadata); out.push(`${m.occurred_at} ${m.actor.kind} ${e.stream}@${e.revision} ${e.type} ${e.data.slice(0, 420)}`); }
    }
  } else {
    const counts = new Map<string, { n: number; first: number }>();
    let events = 0; let types: Record<string, number> = {};
    const all = fc.sample(histories, { numRuns: N, seed: SEED });
    const t = performance.now(); const cpu = process.cpuUsage();
    for (const [i, history] of all.entries()) {
      const { wrong, log } = await ModelWorld.live(history);
      events += log.length;
      for (const e of log) { const k = e.type + (/^Run(Sk|Mi|Dr)/.test(e.type) ? ' ' + JSON.parse(e.data).reason : ''); types[k] = (types[k] ?? 0) + 1; }
      for (const k of new Set(wrong.map(kindOf))) { const c = counts.get(k) ?? { n: 0, first: i }; c.n++; counts.set(k, c); }
    }
    out.push(`${N} histories ${((performance.now() - t) / N).toFixed(2)} ms each (cpu ${(process.cpuUsage(cpu).user / 1000 / N).toFixed(2)}), ${(events / N).toFixed(1)} events each`, JSON.stringify(types));
    for (const [k, c] of [...counts].sort((a, b) => b[1].n - a[1].n)) out.push(`${c.n} (first ${c.first}) ${k}`);
  }
  writeFileSync(process.env['OUT'] ?? '/tmp/model-explore.txt', out.join('\n') + '\n');
}, 600_000);
