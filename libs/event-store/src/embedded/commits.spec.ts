import { describe, expect, it } from '@jest/globals';
import { BroadcastChannel } from 'node:worker_threads';
import { Commits, watchCommits } from './commits.js';

describe('Commits', () => {
  const { signal } = new AbortController();

  it('wakes all who wait', async () => {
    const commits = new Commits();
    const waiting = [commits.after(0, signal), commits.after(0, signal)];
    commits.announce();
    await expect(Promise.all(waiting)).resolves.toHaveLength(2);
  });

  it('does not let anyone wait for a commit that was announced after they last looked', async () => {
    const commits = new Commits();
    const seen = commits.count;
    commits.announce();
    await expect(commits.after(seen, signal)).resolves.toBeUndefined();
  });

  it('ends the wait when the signal aborts, before or meanwhile', async () => {
    const commits = new Commits();
    const ending = new AbortController();
    const waiting = commits.after(0, ending.signal);
    ending.abort();
    await expect(waiting).resolves.toBeUndefined();
    await expect(commits.after(0, ending.signal)).resolves.toBeUndefined();
  });

  it('hears of the commits of another thread by the channel', async () => {
    const commits = new Commits();
    const stop = watchCommits(commits, 'commits.spec', 3_600_000);
    const writer = new BroadcastChannel('commits.spec');
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has none
    writer.postMessage(undefined);
    await commits.after(0, signal);
    expect(commits.count).toBe(1);
    writer.close();
    stop();
  });

  it('looks again by itself, for the commits of another process', async () => {
    const commits = new Commits();
    const stop = watchCommits(commits, 'commits.spec', 5);
    await commits.after(0, signal);
    await commits.after(1, signal);
    expect(commits.count).toBe(2);
    stop();
  });
});
