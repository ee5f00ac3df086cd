/** Server-sent events (WHATWG HTML, 9.2): frames, heartbeats, the consumer's pace, and an end that is orderly on both sides. */
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Clock } from '#bus';
import { TIMERS } from './tokens.js';

/** A heartbeat keeps proxies from taking a quiet stream for a dead one. */
const PING_MS = 30_000;
const PING = ': ping\n\n';

/** What waits is told when, by these. */
export type Timers = Pick<Clock, 'setTimer'>;

/** What is sent: its id is what the client comes back with in `Last-Event-ID`. */
export interface StreamedEvent {
  readonly id: number;
  readonly data: unknown;
}

@Injectable()
export class EventStreams implements OnModuleDestroy {
  readonly #closing = new AbortController();

  constructor(@Inject(TIMERS) private readonly timers: Timers) {}

  /** The service goes down: streams end, and clients come back to another one with the last id they saw. */
  onModuleDestroy(): void {
    this.#closing.abort();
  }

  /**
   * Answers with what `open` yields until it ends, the client leaves, or the service goes down; the last two abort the signal.
   * What `open` itself rejects with is still an ordinary error answer.
   */
  async send(
    reply: FastifyReply,
    open: (signal: AbortSignal) => Promise<AsyncIterable<readonly StreamedEvent[]>>,
  ): Promise<void> {
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, this.#closing.signal]);
    reply.raw.once('close', () => gone.abort());
    const batches = await open(signal);
    reply.hijack();
    start(reply);
    const stopPings = this.#ping(reply.raw);
    try {
      for await (const batch of batches) await write(reply.raw, batch.map(frame).join(''), signal);
    } catch (error) {
      if (!signal.aborted) reply.log.error({ err: error }, 'an event stream broke off');
    } finally {
      stopPings();
      reply.raw.end();
    }
  }

  #ping(raw: ServerResponse): () => void {
    const ping = (): void => {
      if (!raw.writableNeedDrain) raw.write(PING);
      stop = this.timers.setTimer(PING_MS, ping);
    };
    let stop = this.timers.setTimer(PING_MS, ping);
    return () => stop();
  }
}

const frame = ({ id, data }: StreamedEvent): string => `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`;

function start(reply: FastifyReply): void {
  const { raw } = reply;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  raw.flushHeaders();
}

/** Resolves when the client has taken in enough to go on. */
async function write(raw: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (text !== '' && !raw.write(text)) await once(raw, 'drain', { signal });
}

const EVENT_STREAM = 'text/event-stream';

export const prefersEventStream = (accept: string | undefined): boolean => prefers(EVENT_STREAM, accept);

/** Whether an Accept header (RFC 9110, 12.5.1) prefers a media type to JSON: by quality, then by what it names first. */
export function prefers(mediaType: string, accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').map(qualityOf);
  const best = ranges.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
  return best.find(({ type }) => type === mediaType || JSON_RANGES.has(type))?.type === mediaType;
}

const JSON_RANGES: ReadonlySet<string> = new Set(['application/json', 'application/*', '*/*']);

function qualityOf(range: string): { type: string; quality: number } {
  const [type = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase());
  const weight = parameters.find(parameter => parameter.startsWith('q='))?.slice(2);
  return { type, quality: weight === undefined ? 1 : Number(weight) || 0 };
}
