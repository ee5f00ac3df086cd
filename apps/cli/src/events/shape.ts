import type { LogEvent } from '#client';
import type { Shape } from '../output/shape.js';

/** Events of the log, in a zone. */
export const eventShape = (zone?: string): Shape<LogEvent> => ({
  noun: 'event',
  nameOf: ({ stream, revision }) => `${stream}@${revision}`,
  columns: [
    { title: 'REVISION', of: ({ revision }) => String(revision) },
    { title: 'TIME', of: ({ occurred_at }, times) => times.show(occurred_at, zone) },
    { title: 'TYPE', of: ({ type }) => type },
    { title: 'ACTOR', of: ({ actor }) => `${actor.id} (${actor.kind})` },
    { title: 'HASH', of: ({ hash }) => hash, wide: true },
    { title: 'PAYLOAD', of: ({ payload }) => JSON.stringify(payload), wide: true },
  ],
});
