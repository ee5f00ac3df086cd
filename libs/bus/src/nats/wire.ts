/** Messages of the port as messages of NATS, and back. */
import { headers, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import { type Message } from '../bus.js';
import { decodeHeader, encodeHeader } from '../header-text.js';

const MESSAGE_ID = 'Nats-Msg-Id';
/** The id of a message that was published under another, to get past the duplicate window. */
const ORIGINAL_ID = 'Ambient-Message-Id';
const OWN = /^(nats|ambient)-/i;

/** @param natsId what the server takes for its duplicate window: the id, unless told otherwise */
export function headersOf({ id, headers: given = {} }: Message, natsId = id): MsgHdrs {
  const wire = headers();
  for (const [name, value] of Object.entries(given)) wire.set(name, encodeHeader(value));
  wire.set(MESSAGE_ID, encodeHeader(natsId));
  if (natsId !== id) wire.set(ORIGINAL_ID, encodeHeader(id));
  return wire;
}

/** @param fallbackId for a message that a foreign publisher gave no id */
export function messageOf(subject: string, data: Uint8Array, wire: MsgHdrs | undefined, fallbackId: string): Message {
  const id = textOf(wire, ORIGINAL_ID) || textOf(wire, MESSAGE_ID) || fallbackId;
  const given = (wire?.keys() ?? []).filter(name => !OWN.test(name)).map(name => [name, textOf(wire, name)] as const);
  return {
    subject,
    id,
    data: new TextDecoder('utf-8', { ignoreBOM: true }).decode(data),
    ...(given.length > 0 ? { headers: Object.fromEntries(given) } : {}),
  };
}

export const textOf = (wire: MsgHdrs | undefined, name: string): string => decodeHeader(wire?.get(name) ?? '');

/**
 * One delivery of a message by a pull consumer. Where it stands is in the subject of its answer (ADR-15 of nats-architecture-and-design):
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<nanoseconds>.<pending>`, in later servers with
 * `<domain>.<account hash>` after `ACK` and a random part at the end.
 */
export class Pulled {
  /** 1 at the first delivery. */
  readonly deliveries: number;
  /** The same for every delivery of one message, and for no other message, also of a stream that was made anew. */
  readonly key: string;

  constructor(private readonly msg: Msg) {
    const parts = (msg.reply ?? '').split('.');
    const [deliveries, sequence, , nanoseconds] = parts.slice(parts.length === 9 ? 4 : 6);
    this.deliveries = Number(deliveries);
    this.key = `${nanoseconds}.${sequence}`;
  }

  get message(): Message {
    return messageOf(this.msg.subject, this.msg.data, this.msg.headers, this.key);
  }

  /** The message is done: it leaves the work queue. */
  ack(): void {
    this.msg.respond('+ACK');
  }

  /** The message is to be delivered again, `waitMs` milliseconds from now. */
  retry(waitMs: number): void {
    this.msg.respond(waitMs > 0 ? `-NAK ${JSON.stringify({ delay: Math.ceil(waitMs) * 1_000_000 })}` : '-NAK');
  }

  /** The handling goes on: the wait for the answer begins anew. */
  working(): void {
    this.msg.respond('+WPI');
  }

  /** The message leaves the work queue, not handled. */
  terminate(): void {
    this.msg.respond('+TERM');
  }
}
