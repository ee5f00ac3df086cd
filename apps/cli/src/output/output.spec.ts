import { describe, expect, it } from '@jest/globals';
import { Progress } from './progress.js';
import { paintFor } from './style.js';
import { table } from './table.js';
import { printable, widthOf } from './text.js';
import { Times } from './times.js';

const plain = paintFor({ isTTY: false }, true, {});

describe('a table', () => {
  it('has columns as wide as they need to be, whatever the writing', () => {
    const rows = [
      [{ text: '日本' }, { text: 'x' }],
      [{ text: 'ab' }, { text: '👩‍🌾' }],
      [{ text: '' }, { text: 'two\nlines' }],
    ];
    expect(table(['A', 'B'], rows, plain)).toBe('A     B\n日本  x\nab    👩‍🌾\n      two lines\n');
  });

  it('shows what would steer the terminal as text', () => {
    expect(printable('\u001b[2Jgone\u202e\r\u0007 but\n\tthis')).toBe('\\u001b[2Jgone\\u202e\\u000d\\u0007 but\n\tthis');
    expect(table(['A'], [[{ text: '\u001b[31mred' }]], plain)).toBe('A\n\\u001b[31mred\n');
  });

  it.each([
    ['', 0],
    ['plain', 5],
    ['é', 1],
    ['e\u0301', 1],
    ['漢字', 4],
    ['한글', 4],
    ['🌹', 2],
  ])('takes "%s" for %i columns', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

describe('colours', () => {
  const coloured = (isTTY: boolean, wanted: boolean, env: NodeJS.ProcessEnv) =>
    paintFor({ isTTY }, wanted, env)('red', 'x') !== 'x';

  it('are on a terminal alone, and where no one refuses them', () => {
    expect(coloured(true, true, {})).toBe(true);
    expect(coloured(false, true, {})).toBe(false);
    expect(coloured(true, false, {})).toBe(false);
    expect(coloured(true, true, { NO_COLOR: '1' })).toBe(false);
    expect(coloured(true, true, { NO_COLOR: '' })).toBe(true);
    expect(coloured(true, true, { TERM: 'dumb' })).toBe(false);
  });
});

describe('a time', () => {
  it.each([
    ['UTC', '2026-01-01T09:00:00.000Z', '2026-01-01 09:00:00 +00:00'],
    ['Europe/Berlin', '2026-07-01T22:30:00Z', '2026-07-02 00:30:00 +02:00'],
    ['America/New_York', '2026-11-01T06:30:00Z', '2026-11-01 01:30:00 -05:00'],
    ['Asia/Kathmandu', '2026-01-01T00:00:00Z', '2026-01-01 05:45:00 +05:45'],
    ['Mars/Base', '2026-01-01T00:00:00Z', '2026-01-01 00:00:00 +00:00'],
  ])('in %s has its offset', (zone, instant, shown) => {
    expect(new Times(undefined).show(instant, zone)).toBe(shown);
  });

  it('is in the zone of the reader when they want that, and nothing where there is none', () => {
    expect(new Times('Asia/Tokyo').show('2026-01-01T00:00:00Z', 'Europe/Berlin')).toBe('2026-01-01 09:00:00 +09:00');
    expect(new Times(undefined).show(undefined)).toBe('');
    expect(new Times(undefined).show('soon')).toBe('soon');
  });
});

describe('progress', () => {
  const shown = (isTTY: boolean): string => {
    const written: string[] = [];
    const progress = new Progress('events', { isTTY, write: text => written.push(text) });
    progress.at(1000);
    progress.at(2000);
    progress.end();
    return written.join('');
  };

  it('is on a terminal alone, and leaves nothing behind', () => {
    expect(shown(false)).toBe('');
    expect(shown(true)).toBe('\r\u001b[K1,000 events\r\u001b[K');
  });
});
