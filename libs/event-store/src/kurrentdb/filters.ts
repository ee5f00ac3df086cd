import { streamNameFilter, type Filter } from '@kurrent/kurrentdb-client';

/** Records that a subscription passes over before it says how far it is. */
const CHECKPOINT_EVERY = 200;
/** The engine's own streams begin with a dollar sign. */
const NO_SYSTEM_STREAMS = '^[^$]';
const NOTHING = '^$';

const byPrefixes = (prefixes: string[]): Filter => streamNameFilter({ prefixes, maxSearchWindow: CHECKPOINT_EVERY });
const byRegex = (regex: string): Filter => streamNameFilter({ regex, maxSearchWindow: CHECKPOINT_EVERY });

/** Streams of these categories; all but the engine's own when none are named. */
export function categoryFilter(categories: readonly string[] | undefined): Filter {
  if (categories === undefined) return byRegex(NO_SYSTEM_STREAMS);
  return categories.length === 0 ? byRegex(NOTHING) : byPrefixes(categories.map(category => `${category}-`));
}

/** A stream, and whatever streams begin with its name: the engine has no filter for one alone. */
export function streamFilter(stream: string): Filter {
  return byPrefixes([stream]);
}
