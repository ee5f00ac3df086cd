import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { assert, property, string } from 'fast-check';
import { createSealer, isSealed, maskEnvironment, SealBroken } from './sealing.js';

const key = randomBytes(32);
const sealer = createSealer(key);

describe('a sealer', () => {
  it('opens what it sealed, whatever it is', () => {
    assert(
      property(string({ unit: 'grapheme' }), plain => {
        const sealed = sealer.seal(plain);
        expect(isSealed(sealed)).toBe(true);
        expect(sealer.open(sealed)).toBe(plain);
      }),
    );
  });

  it('seals equal values equally, also after a restart, and different ones differently', () => {
    expect(createSealer(key).seal('secret')).toBe(sealer.seal('secret'));
    expect(sealer.seal('secret')).not.toBe(sealer.seal('Secret'));
    expect(createSealer(randomBytes(32)).seal('secret')).not.toBe(sealer.seal('secret'));
  });

  it('seals again what a user made look sealed', () => {
    const forged = sealer.seal('inner');
    expect(sealer.open(sealer.seal(forged))).toBe(forged);
    const environment = JSON.stringify({ A: forged });
    expect(sealer.openEnvironment(sealer.sealEnvironment(environment))).toBe(environment);
  });

  it('refuses every changed byte and any other key, and says nothing of the content', () => {
    const sealed = sealer.seal('the secret');
    const bytes = Buffer.from(sealed.slice('sealed:v1:'.length), 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      expect(() => sealer.open(`sealed:v1:${changed.toString('base64url')}`)).toThrow(SealBroken);
    }
    expect(() => createSealer(randomBytes(32)).open(sealed)).toThrow(/under another AMBIENT_SECRET_KEY$/);
  });

  it.each(['', 'plain', 'sealed:v1:', 'sealed:v1:AAAA', 'sealed:v2:' + 'A'.repeat(60), `sealed:v1:${'A'.repeat(50)}\n`])(
    'does not take %j as sealed',
    text => {
      expect(isSealed(text)).toBe(false);
      expect(() => sealer.open(text)).toThrow(SealBroken);
    },
  );

  it('wants a key of 32 bytes', () => {
    expect(() => createSealer(randomBytes(16))).toThrow('32 bytes, not 16');
  });
});

describe('environment variables', () => {
  const environment = '{"TOKEN":"abc","__proto__":"x","EMPTY":""}';

  it('are sealed value by value and opened again', () => {
    const sealed = sealer.sealEnvironment(environment);
    expect(Object.keys(JSON.parse(sealed))).toEqual(['TOKEN', '__proto__', 'EMPTY']);
    expect(sealed).not.toContain('abc');
    expect(sealer.openEnvironment(sealed)).toBe(environment);
  });

  it('are masked, names readable', () => {
    expect(maskEnvironment(sealer.sealEnvironment(environment))).toBe('{"TOKEN":"***","__proto__":"***","EMPTY":"***"}');
  });

  it.each(['[]', 'null', '"text"', '{"A":1}', '{"A":{}}', 'secret{'])('refuse %s without repeating it', text => {
    expect(() => sealer.sealEnvironment(text)).toThrow(/^environment variables must be a JSON object of strings, as text$/);
  });
});
