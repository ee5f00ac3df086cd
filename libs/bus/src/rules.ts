/** What may travel, and who may consume it: the same for every adapter, so that what one takes no other refuses. */
import { type ConsumeOptions, InvalidMessage, MAX_MESSAGE_BYTES, type Message } from './bus.js';
import { encodeHeader } from './header-text.js';
import { assertPattern, assertSubject, contains } from './subjects.js';

/** The subjects that a bus carries unless told otherwise. */
export const DEFAULT_SUBJECTS: readonly string[] = ['ambient.trigger.>'];

/** What nearly every id is, and quickly seen. */
const PLAIN_ID = /^[\w-]{1,256}$/;

/** Throws {@link InvalidMessage} when the message can't be carried. */
export function assertMessage(message: Message, subjects: readonly string[]): void {
  const { subject, id, data, headers = {} } = message;
  assertSubject(subject);
  assertCarried(subject, subjects);
  if (!PLAIN_ID.test(id) && !(/^\P{Cc}{1,256}$/u.test(id) && id.isWellFormed()))
    throw new InvalidMessage(`${JSON.stringify(id)} is no id of a message: it is 1 to 256 characters, none of them a control`);
  for (const [name, value] of Object.entries(headers)) assertHeader(name, value);
  if (!data.isWellFormed())
    throw new InvalidMessage(`the data of message ${id} is not well-formed Unicode: it holds half a surrogate pair`);
  if (lengthOf(message) * MOST_BYTES_PER_CHARACTER <= MAX_MESSAGE_BYTES) return;
  const bytes = bytesOf(message);
  if (bytes > MAX_MESSAGE_BYTES)
    throw new InvalidMessage(`message ${id} has ${bytes} bytes; ${MAX_MESSAGE_BYTES} are the most that is carried`);
}

/** Throws {@link InvalidMessage} when the options are none. */
export function assertConsumeOptions(
  { durable, subject, concurrency, backoffMs, maxDeliveries }: ConsumeOptions,
  subjects: readonly string[],
): void {
  if (!/^[\w-]{1,64}$/.test(durable))
    throw new InvalidMessage(`"${durable}" is no name of a durable: it is 1 to 64 letters, digits, "_" and "-"`);
  assertPattern(subject);
  assertCarried(subject, subjects);
  const counts = [concurrency, maxDeliveries].every(count => Number.isSafeInteger(count) && count > 0);
  if (!counts || !backoffMs.every(wait => wait >= 0))
    throw new InvalidMessage(`${durable}: concurrency and maxDeliveries are whole numbers from 1, waits are milliseconds from 0`);
}

/** Throws when the name of a lease is none. */
export function assertLeaseName(name: string): void {
  if (!/^[\w-]{1,64}$/.test(name)) throw new Error(`"${name}" is no name of a lease: it is 1 to 64 letters, digits, "_" and "-"`);
}

function assertCarried(subject: string, subjects: readonly string[]): void {
  if (!subjects.some(pattern => contains(pattern, subject)))
    throw new InvalidMessage(`"${subject}" is no subject of this bus: it carries ${subjects.join(', ')}`);
}

/** Names of headers that were found in order: few, and the same in every message. */
const knownNames = new Set<string>();
const NAMES_KEPT = 1000;

function assertHeader(name: string, value: string): void {
  if (!knownNames.has(name)) assertHeaderName(name);
  if (!value.isWellFormed())
    throw new InvalidMessage(`the header "${name}" is not well-formed Unicode: it holds half a surrogate pair`);
}

function assertHeaderName(name: string): void {
  if (!/^[!-9;-~]+$/.test(name) || /^(nats|ambient)-/i.test(name))
    throw new InvalidMessage(
      `"${name}" is no name of a header: it is printable ASCII without ":", and does not begin with "Nats-" or "Ambient-"`,
    );
  if (knownNames.size < NAMES_KEPT) knownNames.add(name);
}

/** UTF-8 takes 3 for a UTF-16 unit, and in a header each of these may be written as 3 again. */
const MOST_BYTES_PER_CHARACTER = 9;

function lengthOf({ subject, id, data, headers = {} }: Message): number {
  let length = subject.length + id.length + data.length;
  for (const name in headers) length += name.length + (headers[name]?.length ?? 0);
  return length;
}

function bytesOf({ subject, id, data, headers = {} }: Message): number {
  const texts = [subject, data, ...[id, ...Object.values(headers)].map(encodeHeader), ...Object.keys(headers)];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
