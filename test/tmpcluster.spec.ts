import { it } from '@jest/globals';
import { TestBed } from './support/system.js';
import { Cluster } from './support/cluster.js';
it('starts', async () => {
  const bed = new TestBed();
  try {
    const started = performance.now();
    const cluster = await Cluster.start(await bed.dataDir());
    console.log(performance.now() - started);
    await cluster.stop();
  } finally { await bed.clear(); }
}, 120_000);
