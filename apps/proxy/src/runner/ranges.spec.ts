import type { LookupAddress, LookupOptions } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { AddressRanges, guardedLookup } from './ranges.js';

const PRIVATE = ['10.0.0.0/8', 'fd00::/8'];

describe('allowed addresses', () => {
  it.each(['10.0.0.1', '10.255.255.255', 'fd12::1', 'FD12::1', '::ffff:10.1.2.3', '::ffff:a01:203', '0:0:0:0:0:ffff:0a01:0203'])(
    'are those in a range: %s',
    address => {
      expect(new AddressRanges(PRIVATE).allows(address)).toBe(true);
    },
  );

  it.each([
    '11.0.0.1',
    '127.0.0.1',
    '::1',
    'fe00::1',
    '::ffff:11.0.0.1',
    '2001:db8::1',
    '::ffff:0:10.0.0.1',
    '64:ff9b::10.0.0.1',
  ])('are no others: %s', address => {
    expect(new AddressRanges(PRIVATE).allows(address)).toBe(false);
  });

  it.each(['127.0.0.1', '::1', '10.0.0.1', '203.0.113.7', '2001:db8::1'])('are all without a range: %s', address => {
    expect(new AddressRanges([]).allows(address)).toBe(true);
  });

  it.each([
    '169.254.169.254',
    '169.254.0.0',
    '169.254.255.255',
    'fe80::1',
    'febf:ffff::1',
    'fe80::1%eth0',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::169.254.169.254',
    '2002:a9fe:a9fe::1',
  ])('are never link-local, however written and whatever is allowed: %s', address => {
    expect(new AddressRanges([]).allows(address)).toBe(false);
    expect(new AddressRanges(['0.0.0.0/0', '::/0']).allows(address)).toBe(false);
  });

  it.each(['', 'localhost', '10.0.0', '10.0.0.1 ', '010.0.0.1', '0x0a000001', '167772161', '[::1]'])(
    'are not what is no address: %j',
    address => {
      expect(new AddressRanges([]).allows(address)).toBe(false);
    },
  );

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '/8', 'fd00::/129', 'cluster/8', '10.0.0/8', '10.0.0.0/8/8', '*'])(
    'can not be given as %j',
    cidr => {
      expect(() => new AddressRanges([cidr])).toThrow(`RUNNER_ALLOWED_CIDRS: ${cidr} is no range`);
    },
  );
});

describe('a guarded lookup', () => {
  const answers =
    (...addresses: string[]): any =>
    (_: string, __: LookupOptions, callback: (error: null, found: LookupAddress[]) => void) =>
      callback(
        null,
        addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  const look = (resolve: any, all: boolean): Promise<unknown> =>
    new Promise((done, fail) => {
      guardedLookup(new AddressRanges(PRIVATE), resolve)('runner.example', { all }, (error, address, family) =>
        error ? fail(error) : done(all ? address : { address, family }),
      );
    });

  it('gives addresses that are allowed, and no others', async () => {
    const mixed = answers('169.254.169.254', '10.0.0.1', '203.0.113.1', 'fd00::1');
    expect(await look(mixed, true)).toEqual([
      { address: '10.0.0.1', family: 4 },
      { address: 'fd00::1', family: 6 },
    ]);
    expect(await look(mixed, false)).toEqual({ address: '10.0.0.1', family: 4 });
  });

  it('fails where none is', async () => {
    for (const all of [true, false]) {
      await expect(look(answers('127.0.0.1', '::ffff:169.254.169.254'), all)).rejects.toThrow('no address that is allowed');
      await expect(look(answers(), all)).rejects.toThrow('no address that is allowed');
    }
  });

  it('fails as the resolver does', async () => {
    const broken = (_: string, __: LookupOptions, callback: (error: Error) => void) => callback(new Error('ENOTFOUND'));
    await expect(look(broken, true)).rejects.toThrow('ENOTFOUND');
  });
});
