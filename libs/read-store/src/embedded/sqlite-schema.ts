import type { Collection } from '../read-store.js';
import { ReadStoreUnavailable } from '../read-store.js';
import type { SqliteConnection } from './sqlite-connection.js';
import type { SetName, SqliteDocumentSet } from './sqlite-document-set.js';

/** Goes up whenever the tables are laid out in another way. */
const LAYOUT = 1;

/** What the tables look like, as text to compare. */
const definitionOf = (collections: readonly Collection[]): string => JSON.stringify({ layout: LAYOUT, collections });

/**
 * Makes the live set of a file that has none, or one for other collections: its documents don't fit, and the projector builds them
 * again because the checkpoint is gone with them.
 */
export function establish(connection: SqliteConnection, live: SqliteDocumentSet, collections: readonly Collection[]): void {
  const definition = definitionOf(collections);
  if (connection.guard(() => storedDefinition(connection)) === definition) return;
  connection.write(() => {
    // Another connection may have been faster.
    const stored = storedDefinition(connection);
    if (stored === definition) return;
    connection.execute(`
      CREATE TABLE IF NOT EXISTS definition (text TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS checkpoints (set_name TEXT NOT NULL PRIMARY KEY, position TEXT NOT NULL) STRICT;
      DELETE FROM definition`);
    for (const set of ['live', 'rebuild', 'verify'] as const) dropSet(connection, set);
    live.create();
    connection.change('INSERT INTO definition (text) VALUES (?)', definition);
  });
}

/** @throws {ReadStoreUnavailable} when the file was not made for these collections, which a reader can't put right. */
export function requireEstablished(connection: SqliteConnection, collections: readonly Collection[]): void {
  if (connection.guard(() => storedDefinition(connection)) === definitionOf(collections)) return;
  throw new ReadStoreUnavailable(
    `the read store ${connection.path} was built by another version; start this version's services to rebuild it`,
  );
}

/** Drops the tables and the checkpoint of a set, whatever collections it was made for. */
export function dropSet(connection: SqliteConnection, set: SetName): void {
  for (const table of tablesOf(connection, set)) connection.execute(`DROP TABLE "${table}"`);
  connection.change('DELETE FROM checkpoints WHERE set_name = ?', set);
}

/** Gives the tables and the checkpoint of a set to the live set in place of its own. */
export function promoteSet(connection: SqliteConnection, set: SetName): void {
  const tables = tablesOf(connection, set);
  if (tables.length === 0) throw new Error(`there is no document set '${set}' to swap in`);
  dropSet(connection, 'live');
  for (const table of tables) connection.execute(`ALTER TABLE "${table}" RENAME TO "live${table.slice(set.length)}"`);
  connection.change("UPDATE checkpoints SET set_name = 'live' WHERE set_name = ?", set);
}

function tablesOf(connection: SqliteConnection, set: SetName): string[] {
  return connection
    .rows(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ?`, `${set}_*`)
    .map(([name]) => String(name));
}

function storedDefinition(connection: SqliteConnection): string | undefined {
  const tables = connection.rows("SELECT name FROM sqlite_schema WHERE type = 'table'").flat();
  if (tables.length === 0) return undefined;
  if (!tables.includes('definition'))
    throw new Error(`${connection.path} is a database, but no read store: another path is needed`);
  const [[text] = []] = connection.rows('SELECT text FROM definition');
  return String(text);
}
