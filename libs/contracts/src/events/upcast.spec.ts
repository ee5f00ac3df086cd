import { describe, expect, it } from '@jest/globals';
import { UnknownEvent, upcast, type Upcasters } from './upcast.js';

const catalog = { Painted: { version: 3 }, Washed: { version: 1 } };
const upcasters: Upcasters = {
  Painted: [
    // 1 → 2: the colour became a list.
    ({ colour, ...rest }) => ({ ...rest, colours: [colour] }),
    // 2 → 3: coats are counted.
    payload => ({ ...payload, coats: 1 }),
  ],
};
const lift = (type: string, version: number, payload: Record<string, unknown>) =>
  upcast(type, version, payload, upcasters, catalog);

describe('upcasting', () => {
  it('lifts a payload step by step from the version it was written with', () => {
    expect(lift('Painted', 1, { by: 'ada', colour: 'blue' })).toEqual({
      type: 'Painted',
      payload: { by: 'ada', colours: ['blue'], coats: 1 },
    });
    expect(lift('Painted', 2, { colours: ['red', 'blue'] })).toEqual({
      type: 'Painted',
      payload: { colours: ['red', 'blue'], coats: 1 },
    });
  });

  it('leaves a payload of today as it is', () => {
    const payload = { colours: ['red'], coats: 2 };
    expect(lift('Painted', 3, payload).payload).toBe(payload);
    expect(lift('Washed', 1, { by: 'ada' })).toEqual({ type: 'Washed', payload: { by: 'ada' } });
  });

  it('does not change what was stored', () => {
    const stored = Object.freeze({ colour: 'blue' });
    lift('Painted', 1, stored);
    expect(stored).toEqual({ colour: 'blue' });
  });

  it('refuses a type that this program does not know, names of Object included', () => {
    expect(() => lift('Burnt', 1, {})).toThrow(new UnknownEvent("no event type Burnt in this program's catalog"));
    expect(() => lift('toString', 1, {})).toThrow(UnknownEvent);
    expect(() => upcast('Burnt', 1, {})).toThrow(UnknownEvent);
  });

  it('refuses a version newer than this program', () => {
    expect(() => lift('Painted', 4, {})).toThrow(new UnknownEvent('Painted has schema version 4, this program reads up to 3'));
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %s: versions count from 1', version => {
    expect(() => lift('Painted', version, {})).toThrow(UnknownEvent);
  });

  it('refuses a version from which no upcaster leads to today', () => {
    expect(() => upcast('Painted', 1, {}, {}, catalog)).toThrow(/Painted.*version 1/);
  });
});
