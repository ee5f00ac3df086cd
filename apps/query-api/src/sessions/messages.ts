import type { SessionMessage } from '#contracts';
import { messageOf, type MessageEvent } from '#domain';
import type { RecordedEvent } from '#event-store';
import { decode } from '#journal';

/** The message that an event of a `sessionMessages` stream tells. */
export const messageIn = (recorded: RecordedEvent): SessionMessage =>
  messageOf(decode(recorded) as ReturnType<typeof decode> & MessageEvent);
