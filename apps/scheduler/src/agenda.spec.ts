import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Agenda } from './agenda.js';

describe('an agenda', () => {
  it('has nothing at first', () => {
    const agenda = new Agenda<string>();
    expect(agenda.next()).toBe(Number.POSITIVE_INFINITY);
    expect(agenda.take(Number.POSITIVE_INFINITY)).toEqual([]);
  });

  it('gives out what is due, soonest first, once a second', () => {
    const agenda = new Agenda<string>();
    for (const [second, item] of [
      [30, 'c'],
      [10, 'a'],
      [20, 'b'],
      [10, 'a'],
      [10, 'z'],
    ] as const)
      agenda.add(second, item);
    expect(agenda.next()).toBe(10);
    expect(agenda.take(20)).toEqual(['a', 'z', 'b']);
    expect(agenda.next()).toBe(30);
  });

  it('forgets what was removed, and a second that is empty', () => {
    const agenda = new Agenda<string>();
    agenda.add(10, 'a');
    agenda.add(20, 'b');
    agenda.remove(10, 'a');
    agenda.remove(10, 'never there');
    expect(agenda.next()).toBe(20);
    agenda.add(10, 'a');
    expect(agenda.take(10)).toEqual(['a']);
  });

  it('never comes to what is due never', () => {
    const agenda = new Agenda<string>();
    agenda.add(Number.POSITIVE_INFINITY, 'a');
    expect(agenda.take(Number.POSITIVE_INFINITY)).toEqual([]);
  });

  it('is sorted, whatever was added, removed and taken before', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('add' as const, 'remove' as const, 'take' as const), fc.nat(50)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, history => {
        const agenda = new Agenda<number>();
        const model = new Set<number>();
        for (const [step, second] of history) {
          if (step === 'add') {
            agenda.add(second, second);
            model.add(second);
          } else if (step === 'remove') {
            agenda.remove(second, second);
            model.delete(second);
          } else {
            const due = [...model].filter(each => each <= second).sort((a, b) => a - b);
            expect(agenda.take(second)).toEqual(due);
            for (const each of due) model.delete(each);
          }
          expect(agenda.next()).toBe(Math.min(...model));
        }
      }),
    );
  });
});
