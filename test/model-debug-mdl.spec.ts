import { it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { readFileSync, writeFileSync } from 'node:fs';
import { ModelWorld } from './support/model/model-world.js';
import { brokenChains } from './support/model/invariants.js';
it('x', async () => {
  Logger.overrideLogger(false);
  const f = process.env['HIST'] ?? '';
  const h = JSON.parse(readFileSync(f, 'utf8'));
  const { wrong, log } = await ModelWorld.live(h);
  const lines = log.map((e, i) => {
    const m = JSON.parse(e.metadata as never);
    return `${i} ${m.occurred_at} ${e.stream} ${e.type} ${e.data} by ${JSON.stringify(m.actor)}`;
  });
  writeFileSync(f + '.log', [...wrong, ...brokenChains(log), '', ...lines].join('\n'));
});
