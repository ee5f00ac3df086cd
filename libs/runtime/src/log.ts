/** Where the runtime says what it does. Nest's `Logger` and `console` are such logs. */
export interface Log {
  log(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** An error as text for a log or a condition. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
