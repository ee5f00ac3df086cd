/** `ambientctl scheduled-session …`: what starts sessions, and what tells when. The real binary against a running system. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Shell } from '../apps/cli/testing/command.js';
import { TestBed, type System } from './support/system.js';

const PATIENCE_MS = 120_000;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** An agent that shouts, and fails or takes its time when it is told to. */
const AGENT = 'read -r line; case "$line" in *fail*) exit 3;; *slow*) sleep 3;; esac; echo "$line" | tr a-z A-Z';

const bed = new TestBed();
let system: System;
let shell: Shell;

beforeAll(async () => {
  system = await bed.start(await bed.dataDir(), { AMBIENT_RUNTIME_COMMAND: AGENT });
  shell = await Shell.open({ AMBIENT_API_URL: system.url, AMBIENT_TOKEN: system.token, AMBIENT_PROJECT: 'garden' });
  await shell.ok('project', 'create', 'garden');
  await shell.ok('agent', 'create', 'gardener');
}, 180_000);
afterAll(async () => {
  await shell.close();
  await bed.clear();
});

const YEARLY = ['--schedule', '30 9 1 1 *', '--timezone', 'Europe/Berlin'];

describe('a trigger', () => {
  beforeAll(async () => {
    await shell.ok('ss', 'create', 'weeding', ...YEARLY, '--agent', 'gardener', '--prompt', 'pull the weeds');
  }, PATIENCE_MS);

  it(
    'that is watched shows messages and phases until the session has ended, and ends with its result',
    async () => {
      const watched = await shell.run('ss', 'trigger', 'weeding', '--watch');
      expect(watched).toMatchObject({ code: 0, stdout: expect.stringMatching(/^user> pull the weeds\n[^]*assistant> .*\n/) });
      expect(watched.stderr).toMatch(/^scheduled session weeding triggered\nsession \w{27}\n([A-Z][a-z]+\n)*Completed\n$/);

      const failed = await shell.run('ss', 'trigger', 'weeding', '--watch', '--prompt', 'fail', '-o', 'json');
      expect(failed.code).toBe(1);
      const lines = failed.stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
      expect(lines[0]).toMatchObject({
        type: 'run',
        status: 'triggered',
        run: { trigger: 'manual', outcome: 'started', prompt: 'fail' },
      });
      expect(lines.find(({ type }) => type === 'message')).toMatchObject({
        message: { seq: 1, event_type: 'user', payload: 'fail' },
      });
      expect(lines.at(-1)).toEqual({ type: 'phase', session_id: lines[0].run.session_id, phase: 'Failed' });
    },
    PATIENCE_MS,
  );

  it(
    'that has to wait for its turn is followed once it has it, and one that is skipped is a failure',
    async () => {
      await shell.ok('ss', 'trigger', 'weeding', '--prompt', 'slow');
      expect(await shell.run('ss', 'trigger', 'weeding', '--watch')).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^scheduled session weeding skipped: active_session\n$/),
      });
      expect(await shell.run('ss', 'trigger', 'weeding', '--overlap', 'queue', '--watch')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^user> pull the weeds\n/),
        stderr: expect.stringMatching(/^scheduled session weeding queued[^]*Completed\n$/),
      });
    },
    PATIENCE_MS,
  );

  it(
    'that is not watched says what became of it',
    async () => {
      const triggered = await shell.json('ss', 'trigger', 'weeding', '--overlap', 'allow');
      expect(triggered).toMatchObject({
        status: 'triggered',
        run: { outcome: 'started' },
        session: { name: expect.any(String) },
      });
      expect(await shell.ok('ss', 'trigger', 'weeding', '--overlap', 'allow', '-o', 'name')).toMatch(/^\w{27}\n$/);
      expect(await shell.ok('ss', 'trigger', 'weeding', '--overlap', 'allow')).toMatch(
        /^scheduled session weeding triggered, session \w{27}\n$/,
      );
      expect(await shell.run('ss', 'trigger', 'weeding', '--overlap', 'maybe')).toMatchObject({ code: 2 });
    },
    PATIENCE_MS,
  );

  it(
    'is among the runs, newest first',
    async () => {
      const runs = await shell.json('ss', 'runs', 'weeding');
      expect(runs.length).toBeGreaterThanOrEqual(5);
      expect(runs[0].run).toMatchObject({ trigger: 'manual', scheduled_for: expect.stringMatching(INSTANT) });
      expect(await shell.json('ss', 'runs', 'weeding', '--limit', '2')).toHaveLength(2);
      const table = await shell.ok('ss', 'runs', 'weeding', '--search', "prompt = 'fail'");
      expect(table).toMatch(
        /^SCHEDULED FOR +TRIGGER +OUTCOME +REASON +PHASE +SESSION\n.* \+0[12]:00 +manual +started +Failed +\w{27}\n$/,
      );
    },
    PATIENCE_MS,
  );
});

describe('times', () => {
  beforeAll(async () => {
    await shell.ok('ss', 'create', 'pruning', '--schedule', '0 2 * * *', '--timezone', 'America/New_York', '--catch-up', 'none');
  }, PATIENCE_MS);

  it(
    'to come are listed in the zone of the schedule',
    async () => {
      const upcoming = ['ss', 'upcoming', 'pruning', '--count', '2', '--after', '2026-03-07T12:00:00Z'];
      expect(await shell.run(...upcoming)).toEqual({
        code: 0,
        stdout: 'TIME\n2026-03-08 03:00:00 -04:00\n2026-03-09 02:00:00 -04:00\n',
        stderr: expect.stringMatching(/^At 02:00.*, America\/New_York\n$/),
      });
      expect((await shell.json(...upcoming)).items).toHaveLength(2);
    },
    PATIENCE_MS,
  );

  it(
    'are explained',
    async () => {
      const explained = await shell.json('ss', 'explain', 'pruning', '--at', '2026-03-08T12:00:00Z');
      expect(explained).toMatchObject({ kind: 'Explanation', due: false, because: expect.any(String) });
      expect(await shell.ok('ss', 'explain', 'pruning', '--at', '2026-03-08T12:00:00Z')).toContain(explained.because);
    },
    PATIENCE_MS,
  );

  it(
    'of the past are filled',
    async () => {
      const range = [
        'ss',
        'backfill',
        'pruning',
        '--from',
        '2026-01-01T00:00:00Z',
        '--to',
        '2026-01-02T23:00:00Z',
        '--overlap',
        'allow',
      ];
      expect(await shell.ok(...range, '--dry-run')).toBe('TIME\n2026-01-01 02:00:00 -05:00\n2026-01-02 02:00:00 -05:00\n');
      expect(await shell.json('ss', 'runs', 'pruning')).toEqual([]);
      const filled = await shell.json(...range);
      expect(filled.runs.map(({ trigger }: any) => trigger)).toEqual(['backfill', 'backfill']);
      expect(await shell.run('ss', 'backfill', 'pruning', '--from', '2026-01-01T00:00:00Z')).toMatchObject({ code: 2 });
    },
    PATIENCE_MS,
  );

  it(
    'of an expression are shown before it is used',
    async () => {
      const right = await shell.run('ss', 'validate', '0 9 * * MON-FRI', '--timezone', 'Europe/Berlin', '--count', '1');
      expect(right).toMatchObject({ code: 0, stdout: expect.stringMatching(/^TIME\n.* 09:00:00 \+0[12]:00\n$/) });
      const wrong = await shell.run('ss', 'validate', '0 9 * *', '-o', 'json');
      expect(wrong.code).toBe(1);
      expect(JSON.parse(wrong.stdout)).toMatchObject({ valid: false, errors: [{ path: 'schedule' }] });
      expect(await shell.run('ss', 'validate', '@reboot')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('schedule'),
      });
    },
    PATIENCE_MS,
  );
});
