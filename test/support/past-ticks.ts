/** Ticks by the hundred in a short time: schedules that were made in the past, whose ticks are all caught up, and that have none after now. */
import { createAuthenticator, createSealer, loadSecretKey } from '#access';
import { InProcessBus, systemClock } from '#bus';
import type { OverlapPolicy } from '#contracts';
import { openStores } from '#engines';
import { createLog } from '#service';
import { createCommandApi } from '../../apps/command-api/src/command-api.module.js';
import { addressesFor } from './engines.js';
import { Client } from './http.js';
import { TOKEN } from './system.js';

export const MINUTE = 60_000;
/** Of the ticks: far longer than any test takes. */
const WINDOW_S = 86_400;

export interface PastTicks {
  readonly project: string;
  readonly schedules: number;
  /** Ticks of each schedule: one a minute, the newest at the last full minute. */
  readonly ticks: number;
  /** Of the first schedule, the second, and so on, then from the beginning; default `allow`. */
  readonly overlap?: readonly OverlapPolicy[];
}

/**
 * Makes a project, and in it schedules that owe ticks.
 * On embedded stores no system may run meanwhile.
 */
export async function owePastTicks(
  dataDir: string,
  { project, schedules, ticks, overlap = ['allow'] }: PastTicks,
): Promise<void> {
  const newest = Math.floor(Date.now() / MINUTE) * MINUTE;
  const schedule = {
    schedule: '* * * * *',
    catch_up_policy: 'all',
    catch_up_window: WINDOW_S,
    session_prompt: 'what time is it?',
    end_at: new Date(newest).toISOString(),
  };
  await inThePast(dataDir, newest - ticks * MINUTE, async api => {
    await api.post('/projects', { name: project });
    for (let n = 0; n < schedules; n++) {
      const own = { name: `${project}-${n}`, overlap_policy: overlap[n % overlap.length] };
      await api.post(`/projects/${project}/scheduled-sessions`, { ...schedule, ...own });
    }
  });
}

/** A command API of this process whose clock stands at an instant (milliseconds since 1970), and that takes no requests for ticks. */
async function inThePast(dataDir: string, at: number, work: (api: Client) => Promise<void>): Promise<void> {
  const { eventStore, readStore, barrier, close } = await openStores(await addressesFor(dataDir), { log: console });
  const admin = { token: TOKEN, principal: { id: 'admin', kind: 'user', roles: ['platform:admin'] } } as const;
  const bus = new InProcessBus({ clock: systemClock, log: console });
  const app = await createCommandApi({
    eventStore,
    readStore,
    barrier,
    bus,
    authenticator: createAuthenticator({ staticTokens: [admin], trustForwardedToken: false, now: Date.now }),
    sealer: createSealer((await loadSecretKey(dataDir, {})).key),
    clock: { now: () => at },
    log: createLog('error'),
    readiness: [],
  });
  try {
    await app.listen(0, '127.0.0.1');
    await work(new Client(await app.getUrl(), TOKEN));
  } finally {
    await app.close();
    await bus.close();
    await close();
  }
}
