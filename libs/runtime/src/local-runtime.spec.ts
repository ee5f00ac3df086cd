import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, until } from '#bus/testing';
import { FakeSystem } from '../testing/fake-session-api.js';
import { type Clock, systemClock } from './clock.js';
import { NO_PROMPT } from './echo-agent.js';
import { LocalRuntime, type LocalRuntimeOptions } from './local-runtime.js';
import { SessionApiRefused } from './session-api.js';

const id = 'session-1';

describe('LocalRuntime', () => {
  let system: FakeSystem;
  let dataDir: string;
  let lines: string[];
  let runtimes: LocalRuntime[];

  beforeEach(async () => {
    system = new FakeSystem();
    dataDir = await mkdtemp(join(tmpdir(), 'ambient-runtime-'));
    lines = [];
    runtimes = [];
  });
  afterEach(async () => {
    system.before = () => {};
    await Promise.all(runtimes.map(runtime => runtime.stop()));
    await rm(dataDir, { recursive: true, force: true });
  });

  const write = (line: string): number => lines.push(line);
  const start = async (over: Partial<LocalRuntimeOptions> = {}): Promise<LocalRuntime> => {
    const log = { log: write, warn: write, error: write };
    const runtime = new LocalRuntime({ feed: system, api: system, dataDir, log, graceMs: 2000, stopDeadlineMs: 5000, ...over });
    runtimes.push(runtime);
    await runtime.start();
    return runtime;
  };
  const ended = (session = id) => until(() => ['Stopped', 'Completed', 'Failed'].includes(system.phase(session)));
  const payloads = (session = id) => system.messages(session).map(({ payload }) => payload);
  /** A process that has ended but is not reaped yet is not alive. */
  const isAlive = (pid: number): boolean =>
    /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout);

  describe('with a command', () => {
    it('gives it the prompt, and takes its output as messages, through every phase', async () => {
      await start({ command: 'cat' });
      system.start(id, 'Say this:\nhello\n');
      await ended();
      expect(system.said(id)).toEqual(['Creating', 'Running', 'assistant: Say this:', 'assistant: hello', 'Completed']);
      const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(system.session(id)).toMatchObject({ start_time: instant, completion_time: instant });
      expect(system.session(id).conditions).toBeUndefined();
    });

    it('takes standard error as system messages, and an exit code other than 0 as failure', async () => {
      await start({ command: 'echo a; echo b >&2; exit 3' });
      system.start(id);
      await ended();
      expect(system.messages(id)).toEqual(
        expect.arrayContaining([
          { eventType: 'assistant', payload: 'a' },
          { eventType: 'system', payload: 'b' },
        ]),
      );
      expect(system.said(id).at(-1)).toBe('Failed');
      expect(system.condition(id)).toEqual({ type: 'Exited', reason: 'exit_code', message: 'exit code 3' });
    });

    it('says by which signal the command died', async () => {
      await start({ command: 'kill -KILL $$' });
      system.start(id);
      await ended();
      expect(system.condition(id)).toEqual({ type: 'Exited', reason: 'signal', message: 'killed by SIGKILL' });
    });

    it('does not mind a command that leaves its prompt unread', async () => {
      await start({ command: 'exit 0' });
      system.start(id, 'x'.repeat(1_000_000));
      await ended();
      expect(system.phase(id)).toBe('Completed');
    });

    it('puts characters together that came in parts, and a last line without its end counts', async () => {
      await start({ command: String.raw`printf 'gr\303'; sleep 0.05; printf '\274n\n\377 no UTF-8'` });
      system.start(id);
      await ended();
      expect(payloads()).toEqual(['grün', '\uFFFD no UTF-8']);
    });

    it('keeps 10,000 lines in order, and all of them before the end', async () => {
      await start({ command: 'seq 10000' });
      system.start(id);
      await ended();
      expect(payloads()).toEqual(Array.from({ length: 10_000 }, (_, at) => String(at + 1)));
      expect(system.said(id).at(-1)).toBe('Completed');
    });

    it('lets the command wait while the API is slow, and loses nothing', async () => {
      const { promise: open, resolve: release } = Promise.withResolvers<void>();
      system.before = call => (call === 'appendMessage' ? open : undefined);
      await start({ command: 'yes a | head -n 200000 && echo done >&2' });
      system.start(id);
      await until(() => system.phase(id) === 'Running');
      expect(system.messages(id)).toEqual([]);
      release();
      await ended();
      expect(system.messages(id)).toHaveLength(200_001);
    }, 60_000);

    it('gives the environment without the secrets of the server', async () => {
      const env = {
        PATH: process.env['PATH'],
        HOME: '/home/x',
        AMBIENT_TOKEN: 's',
        AMBIENT_SECRET_KEY: 's',
        GITHUB_TOKEN: 's',
        BACKEND_URL: 's',
        AUTH_ISSUER: 's',
      };
      await start({ command: 'env', env });
      system.start(id, '', { environment_variables: '{"LOG_LEVEL":"debug","MY_TOKEN":"its own"}' });
      await ended();
      const seen = payloads().filter(line => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line));
      expect(seen.toSorted()).toEqual(
        [
          `AMBIENT_PROJECT=acme`,
          `AMBIENT_SESSION_ID=${id}`,
          'HOME=/home/x',
          'LOG_LEVEL=debug',
          'MY_TOKEN=its own',
          `PATH=${env.PATH}`,
        ].toSorted(),
      );
    });

    it('reports a command that cannot be started', async () => {
      await start({ command: 'true', env: { PATH: '/nowhere' } });
      system.start(id);
      await ended();
      expect(system.condition(id)).toEqual({
        type: 'Broken',
        reason: 'runtime_error',
        message: expect.stringContaining('spawn sh ENOENT'),
      });
    });

    it('ends what a command leaves behind in its group', async () => {
      await start({ command: 'sleep 600 & echo $!' });
      system.start(id);
      await ended();
      expect(system.phase(id)).toBe('Completed');
      await until(() => !isAlive(Number(payloads()[0])));
    });

    it('does not wait for a pipe that is held by a process which left the group', async () => {
      await start({ command: 'setsid sleep 600 & echo $!', graceMs: 20 });
      system.start(id);
      await ended();
      const pid = Number(payloads()[0]);
      expect(system.phase(id)).toBe('Completed');
      process.kill(pid, 'SIGKILL');
    });
  });

  describe('ends a run', () => {
    /** A command whose shell waits for a child: both have to end. */
    const family = 'sleep 600 & echo $!; wait';

    it('when a stop is requested, with all its processes', async () => {
      await start({ command: family });
      system.start(id);
      await until(() => payloads().length === 1);
      system.requestStop(id);
      await ended();
      expect(system.phase(id)).toBe('Stopped');
      expect(system.condition(id)).toMatchObject({ type: 'Terminated', reason: 'stop_requested' });
      await until(() => !isAlive(Number(payloads()[0])));
    });

    it('lets a command that is told to stop say its last', async () => {
      await start({ command: `trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05 2>&-; done 2>/dev/null` });
      system.start(id);
      await until(() => payloads().length === 1);
      system.requestStop(id);
      await ended();
      expect(system.said(id)).toEqual(['Creating', 'Running', 'assistant: ready', 'assistant: bye', 'Stopped']);
    });

    it('by SIGKILL when it has not ended after the grace', async () => {
      const clock = new ManualClock();
      await start({ command: `trap '' TERM; echo $$; while :; do sleep 0.05; done`, clock, graceMs: 10_000 });
      system.start(id);
      await until(() => payloads().length === 1);
      const pid = Number(payloads()[0]);
      system.requestStop(id);
      await until(() => clock.pending.includes(10_000));
      clock.advance(9999);
      expect(isAlive(pid)).toBe(true);
      clock.advance(1);
      await until(() => (clock.advance(1), system.phase(id) === 'Stopped'));
      expect(isAlive(pid)).toBe(false);
    });

    const advanceToEnd = (clock: ManualClock) =>
      until(() => (clock.advance(1), ['Failed', 'Stopped'].includes(system.phase(id))));

    it('after its timeout', async () => {
      const clock = new ManualClock();
      await start({ command: 'while :; do echo tick; sleep 0.01; done', clock });
      system.start(id, '', { timeout: 60 });
      await until(() => payloads().length > 3);
      clock.advance(59_999);
      expect(clock.pending).toEqual([1]);
      clock.advance(1);
      await advanceToEnd(clock);
      expect(system.phase(id)).toBe('Failed');
      expect(system.condition(id)).toEqual({
        type: 'Terminated',
        reason: 'timeout',
        message: 'ran longer than its timeout of 60 s',
      });
    });

    it('after its inactivity timeout, which output puts off', async () => {
      const clock = new ManualClock();
      await start({ command: `printf a; read go; echo b; sleep 600`, clock });
      system.start(id, 'go\n', { inactivity_timeout: 30 });
      await until(() => payloads().length === 1);
      clock.advance(29_999);
      expect(system.phase(id)).toBe('Running');
      clock.advance(1);
      await advanceToEnd(clock);
      expect(system.condition(id)).toMatchObject({ reason: 'inactivity_timeout' });
    });

    it('but does not count the time in which the API is slow as inactivity', async () => {
      const clock = new ManualClock();
      const { promise: open, resolve: release } = Promise.withResolvers<void>();
      let asked = false;
      system.before = call => {
        if (call !== 'appendMessage') return undefined;
        asked = true;
        return open;
      };
      await start({ command: `echo a; sleep 600`, clock });
      system.start(id, '', { inactivity_timeout: 30 });
      await until(() => asked);
      clock.advance(300_000);
      expect(system.phase(id)).toBe('Running');
      release();
      await until(() => clock.pending.includes(30_000));
      clock.advance(30_000);
      await advanceToEnd(clock);
      expect(system.messages(id)).toEqual([{ eventType: 'assistant', payload: 'a' }]);
    });

    it('when its session was deleted', async () => {
      await start({ command: `echo $$; while :; do echo x; sleep 0.01; done` });
      system.start(id);
      await until(() => payloads().length > 1);
      const pid = Number(payloads()[0]);
      system.delete(id);
      await until(() => !isAlive(pid));
      await until(() => lines.length > 1);
      expect(lines[1]).toBe(`session ${id} was deleted while it ran`);
    });

    it('when the API refuses a message, and says so', async () => {
      system.before = call => {
        if (call === 'appendMessage') throw new SessionApiRefused('answered 400');
      };
      await start({ command: 'yes' });
      system.start(id);
      await ended();
      expect(system.condition(id)).toEqual({ type: 'Broken', reason: 'runtime_error', message: 'answered 400' });
    });

    it('when the runtime is stopped', async () => {
      const runtime = await start({ command: family });
      system.start(id);
      await until(() => payloads().length === 1);
      await runtime.stop();
      expect(system.phase(id)).toBe('Failed');
      expect(system.condition(id)).toMatchObject({ type: 'Terminated', reason: 'runtime_stopped' });
      await until(() => !isAlive(Number(payloads()[0])));
      expect(system.subscriptions).toBe(0);
    });

    it('and is killed when the stop of the runtime has reached its deadline', async () => {
      const clock = new ManualClock();
      const runtime = await start({ command: `trap '' TERM; echo $$; while :; do sleep 0.05; done`, clock, graceMs: 60_000 });
      system.start(id);
      await until(() => payloads().length === 1);
      const stopping = runtime.stop();
      await until(() => clock.pending.includes(5000));
      clock.advance(5000);
      await stopping;
      await until(() => !isAlive(Number(payloads()[0])));
      expect(system.phase(id)).toBe('Running');
    });
  });

  describe('a stop that comes early', () => {
    it('after the claim: nothing is run', async () => {
      const { promise: open, resolve: release } = Promise.withResolvers<void>();
      let claimed = false;
      system.before = call => {
        if (call !== 'startingPrompt') return undefined;
        claimed = true;
        return open;
      };
      await start({ command: 'echo ran' });
      system.start(id);
      await until(() => claimed);
      system.requestStop(id);
      await new Promise(setImmediate);
      release();
      await ended();
      expect(system.said(id)).toEqual(['Creating', 'Stopped']);
    });

    it('before the claim: the session is Stopped and not run', async () => {
      const { promise: open, resolve: release } = Promise.withResolvers<void>();
      system.before = (call, session) => (call === 'report Creating' && session === 'busy' ? open : undefined);
      await start({ command: 'echo ran', concurrency: 1 });
      system.start('busy');
      system.start(id);
      system.requestStop(id);
      await ended();
      release();
      await ended('busy');
      expect(system.phase(id)).toBe('Stopped');
      expect(system.messages(id)).toEqual([]);
    });

    it('as the command is running already: what it says is kept', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'runtime-'));
      const trapped = join(folder, 'trapped');
      system.before = async call => {
        if (call !== 'report Running') return;
        await until(() => existsSync(trapped));
        system.requestStop(id);
      };
      // The shell may tell of the end of its own child.
      await start({ command: `exec 2>/dev/null; trap 'echo said; exit' TERM; touch ${trapped}; while :; do sleep 0.02; done` });
      system.start(id);
      await ended();
      expect(system.said(id)).toEqual(['Creating', 'assistant: said', 'Stopped']);
      await rm(folder, { recursive: true });
    });

    it('late, of an earlier start: the new run goes on', async () => {
      await start({ command: 'echo $$; read line; sleep 600' });
      system.start(id, 'x\n');
      await until(() => payloads().length === 1);
      system.signal('SessionStopRequested', id);
      system.start('other', '');
      await until(() => system.messages('other').length === 1);
      expect(system.phase(id)).toBe('Running');
    });
  });

  describe('without a command', () => {
    it('echoes the prompt, through every phase', async () => {
      await start();
      system.start(id, '# Task\n\nhello');
      await ended();
      expect(system.said(id)).toEqual(['Creating', 'Running', 'assistant: # Task\n\nhello', 'Completed']);
      expect(lines).toContain('sessions run the built-in echo agent: no command is set');
    });

    it('says so when there was no prompt', async () => {
      await start();
      system.start(id);
      await ended();
      expect(payloads()).toEqual([NO_PROMPT]);
    });
  });

  describe('what happened while nobody listened', () => {
    it('runs what is Pending, and gives up what was under way', async () => {
      system.add('p', 'Pending', { starting_prompt: 'go' });
      for (const phase of ['Creating', 'Running', 'Stopping'] as const) system.add(phase, phase);
      system.add('c', 'Completed');
      await start();
      await ended('p');
      expect(payloads('p')).toEqual(['go']);
      for (const session of ['Creating', 'Running', 'Stopping']) {
        expect(system.said(session)).toEqual(['Failed']);
        expect(system.condition(session)).toMatchObject({ type: 'Lost', reason: 'runtime_restarted' });
      }
      expect(system.said('c')).toEqual([]);
    });

    it('runs a session once that is in the list and in the feed', async () => {
      const claims: string[] = [];
      system.before = (call, session) => {
        if (call === 'listActive') system.start(id, 'once');
        if (call === 'report Creating') claims.push(session);
      };
      await start();
      system.signal('SessionStarted', id);
      await ended();
      system.start('last', 'x');
      await ended('last');
      expect(claims).toEqual([id, 'last']);
      expect(system.said(id)).toEqual(['Creating', 'Running', 'assistant: once', 'Completed']);
    });

    it('leaves a session to somebody else who has it', async () => {
      system.before = call => {
        if (call === 'report Creating') system.add(id, 'Running');
      };
      await start();
      system.start(id, 'x');
      await until(() => lines.some(line => line.startsWith(`session ${id} is not run`)));
      expect(system.phase(id)).toBe('Running');
      expect(system.messages(id)).toEqual([]);
    });

    it('subscribes anew when the feed breaks, and takes up what it missed, but not what runs', async () => {
      const clock = new ManualClock();
      await start({ command: 'cat; test -z "$HOLD" || sleep 600', clock });
      system.start('runs', 'x\n', { environment_variables: '{"HOLD":"1"}' });
      await until(() => system.messages('runs').length === 1);
      system.breakFeed();
      system.start(id, 'missed');
      await until(() => clock.pending.includes(1000));
      clock.advance(1000);
      await until(() => (clock.advance(1), system.phase(id) === 'Completed'));
      expect(payloads()).toEqual(['missed']);
      expect(system.phase('runs')).toBe('Running');
      system.requestStop('runs');
      await until(() => (clock.advance(1), system.phase('runs') === 'Stopped'));
    });
  });

  it('runs a session again that is started again, after the run before has ended', async () => {
    await start({ command: 'cat' });
    system.start(id, 'one');
    await ended();
    system.start(id, 'two');
    await until(() => payloads().length === 2);
    await ended();
    expect(payloads()).toEqual(['one', 'two']);
  });

  it('runs as many sessions at a time as it may, the others in order', async () => {
    const order: string[] = [];
    let running = 0;
    let most = 0;
    system.before = (call, session) => {
      if (call === 'report Creating') {
        order.push(session);
        most = Math.max(most, ++running);
      }
      if (call === 'report Completed') running--;
    };
    await start({ command: 'sleep 0.02', concurrency: 2 });
    const sessions = ['a', 'b', 'c', 'd', 'e'];
    for (const session of sessions) system.start(session);
    for (const session of sessions) await ended(session);
    expect(order).toEqual(sessions);
    expect(most).toBe(2);
  });

  it('waits longer than setTimeout can: a timeout of a year does not fire at once', async () => {
    const set: number[] = [];
    const clock: Clock = { now: () => systemClock.now(), setTimer: (ms, fire) => (set.push(ms), systemClock.setTimer(ms, fire)) };
    await start({ command: 'read line; echo ok', clock });
    system.start(id, 'x\n', { timeout: 31_536_000 });
    await ended();
    expect(set).toContain(31_536_000_000);
    expect(system.phase(id)).toBe('Completed');
  });
});
