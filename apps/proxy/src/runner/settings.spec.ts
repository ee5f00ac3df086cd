import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, loadEnvironment } from '#service';
import { localRunners, runnersOf, stagedFilesOf } from './settings.js';

const KEY = 'k'.repeat(32);
const of = (env: Record<string, string>) => runnersOf(loadEnvironment(env));

describe('the settings of runners', () => {
  it('are none without a template', () => {
    expect(of({})).toBeUndefined();
    expect(stagedFilesOf(loadEnvironment({}))).toBeUndefined();
    expect(localRunners(undefined, KEY)).toBeUndefined();
  });

  it('are a template, ranges and a key', () => {
    const runners = of({
      RUNNER_URL_TEMPLATE: 'http://{session_id}.runners',
      RUNNER_ALLOWED_CIDRS: ' 10.0.0.0/8 , fd00::/8,',
      RUNNER_TOKEN_KEY: KEY,
    });
    expect(runners?.ranges.allows('10.1.1.1')).toBe(true);
    expect(runners?.ranges.allows('11.1.1.1')).toBe(false);
  });

  it.each([
    [{ RUNNER_URL_TEMPLATE: 'http://runner/{session_id}' }, 'RUNNER_TOKEN_KEY is required'],
    [{ RUNNER_URL_TEMPLATE: 'http://{session_id}', RUNNER_TOKEN_KEY: KEY }, 'RUNNER_ALLOWED_CIDRS is required'],
    [{ RUNNER_URL_TEMPLATE: 'nonsense', RUNNER_TOKEN_KEY: KEY }, 'RUNNER_URL_TEMPLATE'],
    [{ RUNNER_URL_TEMPLATE: 'http://r', RUNNER_TOKEN_KEY: KEY, RUNNER_ALLOWED_CIDRS: '10.0.0.0' }, 'RUNNER_ALLOWED_CIDRS'],
    [{ RUNNER_TOKEN_KEY: 'short' }, 'RUNNER_TOKEN_KEY'],
    [{ AMBIENT_RUNTIME_INPUT: 'closed' }, 'AMBIENT_RUNTIME_INPUT'],
    [{ RUNNER_PORT: '70000' }, 'RUNNER_PORT'],
  ])('stop the start in one line: %j', (env, reason) => {
    expect(() => of(env as Record<string, string>)).toThrow(ConfigurationError);
    expect(() => of(env as Record<string, string>)).toThrow(reason);
  });
});
