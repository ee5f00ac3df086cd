import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { until } from '#bus/testing';
import { openMessaging } from '#engines';
import { describeWithEngine } from '#testing';
import { ensureBuilt } from '../../../test/support/build.js';
import { bury } from '../testing/burial.js';
import { deadLetters } from '../testing/command.js';

/** Each process loads every engine's client first. */
const PATIENCE_MS = 120_000;
const quiet = { warn: () => {}, error: () => {} };

beforeAll(ensureBuilt, 180_000);

describe('npm run dead', () => {
  it(
    'ends with code 2 and one line when it is called wrongly',
    async () => {
      const ended = await deadLetters({}, 'bury');
      expect(ended).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^dead: "bury" is nothing .*; usage: .*\n$/),
      });
    },
    PATIENCE_MS,
  );

  it(
    'says that without NATS there are no dead letters to get at',
    async () => {
      const ended = await deadLetters({}, 'list');
      expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^dead: NATS_URL is not set: .*\n$/) });
    },
    PATIENCE_MS,
  );
});

describeWithEngine('nats', 'npm run dead over a real NATS', url => {
  it(
    'lists, retries and discards the dead letters of the system while it runs',
    async () => {
      const env = { NATS_URL: url() };
      const messaging = await openMessaging({ url: url() }, { log: quiet, name: 'test' });
      const [one, two] = [randomUUID(), randomUUID()];
      const { mend, seen } = await bury(messaging.bus, `ambient.trigger.requested.${randomUUID()}`, [one, two]);
      const listed = await deadLetters(env, 'list');
      expect(listed).toMatchObject({ code: 0, stderr: '' });
      const ids = listed.stdout
        .trim()
        .split('\n')
        .map(line => (JSON.parse(line) as { id: string }).id);
      expect(ids).toEqual(expect.arrayContaining([one, two]));
      expect(await deadLetters(env, 'discard', one)).toEqual({ code: 0, stdout: '{"discarded":1}\n', stderr: '' });
      mend();
      expect(await deadLetters(env, 'retry', two)).toEqual({ code: 0, stdout: '{"retried":1}\n', stderr: '' });
      await until(() => seen.length === 1);
      expect(seen).toEqual([two]);
      await messaging.close();
    },
    PATIENCE_MS,
  );
});
