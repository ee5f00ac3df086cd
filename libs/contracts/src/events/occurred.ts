import type { DomainEvent } from './catalog.js';
import type { EventMetadata } from './metadata.js';

/** An event as it stands in the log: `revision` counts from 0 in its stream, `position` orders the whole log. */
export type Occurred<E extends DomainEvent = DomainEvent> = E & {
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  readonly metadata: EventMetadata;
};
