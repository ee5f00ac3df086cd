import type { Paint, Tone } from './style.js';
import { oneLine, widthOf } from './text.js';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone | undefined;
}

const GAP = '  ';

/** Columns as wide as they need to be, under their titles. */
export function table(titles: readonly string[], rows: readonly (readonly Cell[])[], paint: Paint): string {
  const clean = rows.map(row => row.map(({ text, tone }) => ({ text: oneLine(text), tone })));
  const widths = titles.map((title, at) => Math.max(widthOf(title), ...clean.map(row => widthOf(row[at]?.text ?? ''))));
  const line = (cells: readonly Cell[]): string =>
    cells
      .map(({ text, tone }, at) => {
        const padding = at === cells.length - 1 ? '' : ' '.repeat((widths[at] ?? 0) - widthOf(text));
        return (tone ? paint(tone, text) : text) + padding;
      })
      .join(GAP)
      .trimEnd();
  const head = line(titles.map(text => ({ text, tone: 'bold' })));
  return [head, ...clean.map(line)].map(text => `${text}\n`).join('');
}

/** Names and values, one pair a line; the lines of a long value stand under each other. */
export function details(
  pairs: readonly (readonly [name: string, value: Cell])[],
  printable: (text: string) => string,
  paint: Paint,
): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length)) + GAP.length;
  return pairs
    .map(([name, { text, tone }]) => {
      const value = printable(text).replaceAll('\n', `\n${' '.repeat(width)}`);
      return `${paint('bold', name)}${' '.repeat(width - name.length)}${tone ? paint(tone, value) : value}\n`;
    })
    .join('');
}
