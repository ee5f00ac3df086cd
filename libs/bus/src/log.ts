/** Where the bus says what went wrong. Nest's `Logger` and `console` are such logs. */
export interface Log {
  warn(message: string): void;
  error(message: string): void;
}
