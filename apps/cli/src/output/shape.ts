/** How the things of one kind are shown. */
import type { Cell } from './table.js';
import type { Times } from './times.js';

export interface Column<T> {
  readonly title: string;
  readonly of: (item: T, times: Times) => string | Cell | undefined;
  /** With `-o wide` only. */
  readonly wide?: boolean;
}

export interface Shape<T> {
  /** What one is called, in lower case. */
  readonly noun: string;
  /** What commands find it by: its name, or its id where names are not unique. */
  readonly nameOf: (item: T) => string;
  readonly columns: readonly Column<T>[];
  /** The zone in which its times are meant. */
  readonly zoneOf?: (item: T) => string | undefined;
}

export const OUTPUTS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Output = (typeof OUTPUTS)[number];
