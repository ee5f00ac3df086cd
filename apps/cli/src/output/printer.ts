/** What a command has to show, in the form that was asked for. */
import type { Output, Shape } from './shape.js';
import { toneOf, type Paint, type Tone } from './style.js';
import { details, table, type Cell } from './table.js';
import { oneLine, printable } from './text.js';
import type { Times } from './times.js';

export interface PrinterOptions {
  readonly output: Output;
  readonly times: Times;
  readonly paint: Paint;
  readonly write: (text: string) => Promise<void>;
  /** For people alone: standard error, where colours are another matter. */
  readonly note: (text: string, tone?: Tone) => void;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

export class Printer {
  constructor(private readonly options: PrinterOptions) {}

  get output(): Output {
    return this.options.output;
  }

  get times(): Times {
    return this.options.times;
  }

  get paint(): Paint {
    return this.options.paint;
  }

  /** True where a program reads, not a person. */
  get isForPrograms(): boolean {
    return this.output === 'json' || this.output === 'yaml';
  }

  write(text: string): Promise<void> {
    return this.options.write(text);
  }

  note(text: string, tone?: Tone): void {
    this.options.note(text, tone);
  }

  /** Any number of things. */
  async list<T>(shape: Shape<T>, items: AsyncIterable<T> | Iterable<T>): Promise<void> {
    const all: T[] = [];
    for await (const item of items) all.push(item);
    switch (this.output) {
      case 'json':
        return this.value(all);
      case 'yaml':
        return this.write(await yamlOf(all));
      case 'name':
        return this.write(all.map(item => `${oneLine(shape.nameOf(item))}\n`).join(''));
      case 'table':
      case 'wide':
        if (all.length === 0) return this.note(`no ${shape.noun}s`);
        return this.write(this.#table(shape, all));
      default:
        this.output satisfies never;
    }
  }

  /** One thing, with all that it has. */
  async one<T extends object>(shape: Shape<T>, item: T): Promise<void> {
    switch (this.output) {
      case 'json':
        return this.value(item);
      case 'yaml':
        return this.write(await yamlOf([item]));
      case 'name':
        return this.write(`${oneLine(shape.nameOf(item))}\n`);
      case 'table':
      case 'wide':
        return this.fields(item, shape.zoneOf?.(item));
      default:
        this.output satisfies never;
    }
  }

  /** What was done to a thing: a line for people, the thing for programs. */
  async did<T extends object>(verb: string, shape: Shape<T>, item: T): Promise<void> {
    if (this.output !== 'table' && this.output !== 'wide') return this.one(shape, item);
    await this.write(`${shape.noun} ${oneLine(shape.nameOf(item))} ${verb}\n`);
  }

  /** A value that is no resource: as it is for programs, by its members for people. */
  async value(value: unknown): Promise<void> {
    if (this.output === 'yaml') return this.write(await yamlOf([value]));
    await this.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** The members of an object, one a line; times in a zone. */
  async fields(item: object, zone?: string): Promise<void> {
    const pairs = Object.entries(item).map(([name, value]) => [name, this.#cell(value, zone)] as const);
    await this.write(details(pairs, printable, this.paint));
  }

  #table<T>({ columns, zoneOf: _ }: Shape<T>, items: readonly T[]): string {
    const shown = columns.filter(({ wide }) => !wide || this.output === 'wide');
    const rows = items.map(item => shown.map(({ of }) => asCell(of(item, this.times))));
    return table(
      shown.map(({ title }) => title),
      rows,
      this.paint,
    );
  }

  #cell(value: unknown, zone: string | undefined): Cell {
    if (typeof value === 'string') return INSTANT.test(value) ? { text: this.times.show(value, zone) } : asCell(value);
    return { text: JSON.stringify(value) };
  }
}

function asCell(value: string | Cell | undefined): Cell {
  if (typeof value === 'object') return value;
  const text = value ?? '';
  return { text, tone: toneOf(text) };
}

/** One document each, so that a list can be applied as it is. */
async function yamlOf(values: readonly unknown[]): Promise<string> {
  const { stringify } = await import('yaml');
  return values.map(value => stringify(value, { lineWidth: 0 })).join('---\n');
}
