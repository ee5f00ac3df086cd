import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, requireVariables, corsOriginsOf, loadEnvironment } from './config.js';

describe('the environment', () => {
  it('has a value for everything that a start needs', () => {
    expect(loadEnvironment({})).toMatchObject({
      PORT: 8000,
      COMMAND_API_PORT: 8001,
      QUERY_API_PORT: 8002,
      SCHEDULER_PORT: 8003,
      HOST: '127.0.0.1',
      AMBIENT_DATA_DIR: './data',
      TRUST_FORWARDED_TOKEN: false,
      LOG_LEVEL: 'info',
    });
  });

  it('takes values as they are meant, and blanks for unset', () => {
    const environment = loadEnvironment({
      PORT: ' 0 ',
      TRUST_FORWARDED_TOKEN: 'true',
      LOG_LEVEL: 'silent',
      HOST: '  ',
      CORS_ORIGINS: '',
    });
    expect(environment).toMatchObject({ PORT: 0, TRUST_FORWARDED_TOKEN: true, LOG_LEVEL: 'silent', HOST: '127.0.0.1' });
    expect(environment).not.toHaveProperty('CORS_ORIGINS');
  });

  it.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['COMMAND_API_PORT', 'x'],
    ['QUERY_API_PORT', '1e9'],
    ['SCHEDULER_PORT', '70000'],
    ['SCHEDULER_SHARDS', '0'],
    ['SCHEDULER_SHARDS', 'many'],
    ['COMMAND_API_URL', 'localhost:8001'],
    ['QUERY_API_URL', 'ftp://x'],
    ['AUTH_JWKS_URL', 'file:///keys'],
    ['TRUST_FORWARDED_TOKEN', 'yes'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s by name', (name, value) => {
    expect(() => loadEnvironment({ [name]: value })).toThrow(ConfigurationError);
    expect(() => loadEnvironment({ [name]: value })).toThrow(new RegExp(name));
  });

  it('names every bad value at once, in one line', () => {
    expect(() => loadEnvironment({ PORT: 'x', LOG_LEVEL: 'loud' })).toThrow(/^(?=.*PORT)(?=.*LOG_LEVEL).*$/);
  });

  it.each([
    ['EVENT_STORE_URL', 'nats://broker:4222', 'kurrentdb+discover://user:secret@cluster.example:2113'],
    ['READ_STORE_URL', 'postgres://db', 'mongodb+srv://cluster.example/ambient'],
    ['NATS_URL', 'http://broker', 'tls://one:4222,tls://two:4222'],
  ])('takes %s of its own kind alone', (name, wrong, right) => {
    expect(() => loadEnvironment({ [name]: wrong })).toThrow(new RegExp(`^${name} `));
    expect(loadEnvironment({ [name]: right })).toMatchObject({ [name]: right });
  });

  it('shows no password of a bad URL', () => {
    expect(() => loadEnvironment({ READ_STORE_URL: 'postgres://ann:hunter2@db' })).toThrow(/^(?!.*hunter2)/);
  });

  it('names all that a service needs which is started alone', () => {
    const environment = loadEnvironment({ NATS_URL: 'nats://broker' });
    expect(() => requireVariables(environment, ['NATS_URL', 'EVENT_STORE_URL', 'AMBIENT_SECRET_KEY'])).toThrow(
      'EVENT_STORE_URL, AMBIENT_SECRET_KEY must be set for a service that is started alone',
    );
  });

  it('needs issuer and audience with a key set', () => {
    const jwks = { AUTH_JWKS_URL: 'https://idp.example/keys' };
    expect(() => loadEnvironment({ ...jwks, AUTH_ISSUER: 'idp' })).toThrow(/AUTH_ISSUER and AUTH_AUDIENCE/);
    expect(loadEnvironment({ ...jwks, AUTH_ISSUER: 'idp', AUTH_AUDIENCE: 'ambient' })).toMatchObject({
      AUTH_AUDIENCE: 'ambient',
    });
  });

  it('lists its CORS origins', () => {
    expect(corsOriginsOf(loadEnvironment({}))).toEqual([]);
    expect(corsOriginsOf(loadEnvironment({ CORS_ORIGINS: 'https://a.example, https://b.example,' }))).toEqual([
      'https://a.example',
      'https://b.example',
    ]);
  });
});
