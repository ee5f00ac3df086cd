/** Suites of services as separate processes, on servers that this machine may lack. */
import { describe, expect, it } from '@jest/globals';
import { ON_SERVERS } from './engines.js';

const HINT =
  'needs servers of its own: set KURRENTDB_TEST_COMMAND to a program that runs EventStoreDB or KurrentDB in the foreground, given a port and ' +
  'a data folder, and MONGODB_TEST_URL=mongodb://…';

/** The suite runs where those servers can be had; else it is skipped and says how, or fails where `REQUIRE_ENGINES` names them. */
export function describeOnServers(title: string, suite: () => void): void {
  if (ON_SERVERS) return describe(title, suite);
  const required = (process.env['REQUIRE_ENGINES'] ?? '').split(',');
  if (!['kurrentdb', 'mongodb'].some(name => required.includes(name))) return describe.skip(`${title} (skipped, ${HINT})`, suite);
  it(`${title} (${HINT})`, () => expect('kurrentdb and mongodb are required and missing').toBe('there'));
}
