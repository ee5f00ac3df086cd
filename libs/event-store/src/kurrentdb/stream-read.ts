/**
 * Reads of one stream over the connection that appends go over. The client's own reads go through a native bridge, whose socket holds
 * small requests back for an answer that the server delays (Nagle's algorithm beside delayed acknowledgement): 40 ms a read, where an
 * append takes 4. Every command reads before it appends.
 */
import type { Readable } from 'node:stream';
import { convertToCommandError, type KurrentDBClient } from '@kurrent/kurrentdb-client';
import streamsClient from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import streams, { type ReadReq, type ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type { RecordedEvent } from '../event-store.js';
import { recordedBy } from './feed.js';

type Direction = 'forwards' | 'backwards';
type Call = Readable & { cancel(): void };

/** What the client itself makes its calls with. It is not declared for others. */
interface Caller {
  GRPCStreamCreator(client: unknown, name: string, call: (client: Reader) => Call): () => Promise<Call>;
  callArguments(options: { readonly requiresLeader: boolean }, call: { readonly deadline: number }): [unknown, unknown];
}

interface Reader {
  read(request: ReadReq, ...parameters: [unknown, unknown]): Call;
}

const encoder = new TextEncoder();
/** Events read at a time. */
const PAGE = 1000;

/** The events of a stream, page by page; none when there is no such stream. @param from the first to read, absent: an end of the stream */
export async function* readStream(
  client: KurrentDBClient,
  stream: string,
  direction: Direction,
  from: number | undefined,
  limit: number,
): AsyncGenerator<RecordedEvent[], void> {
  const caller = client as unknown as Caller;
  const request = requestFor(stream, direction, from, limit);
  // A page has a deadline, a stream has none: it may be long.
  const begin = caller.GRPCStreamCreator(streamsClient.StreamsClient, 'readStream', client =>
    client.read(request, ...caller.callArguments({ requiresLeader: true }, { deadline: Infinity })),
  );
  const responses = await begin();
  try {
    let page: RecordedEvent[] = [];
    for await (const response of responses as AsyncIterable<ReadResp>) {
      if (response.hasStreamNotFound()) return;
      const record = response.getEvent()?.getEvent();
      if (record) page.push(recordedBy(record));
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  } catch (error) {
    throw convertToCommandError(error as Error);
  } finally {
    responses.cancel();
  }
}

function requestFor(stream: string, direction: Direction, from: number | undefined, limit: number) {
  const { Options } = streams.ReadReq;
  const name = new shared.StreamIdentifier();
  name.setStreamName(encoder.encode(stream));
  const place = new Options.StreamOptions();
  place.setStreamIdentifier(name);
  if (from !== undefined) place.setRevision(String(from));
  else if (direction === 'forwards') place.setStart(new shared.Empty());
  else place.setEnd(new shared.Empty());
  const ids = new Options.UUIDOption();
  ids.setString(new shared.Empty());
  const options = new Options();
  options.setStream(place);
  options.setReadDirection(direction === 'forwards' ? Options.ReadDirection.FORWARDS : Options.ReadDirection.BACKWARDS);
  options.setCount(String(Math.min(limit, Number.MAX_SAFE_INTEGER)));
  options.setResolveLinks(false);
  options.setUuidOption(ids);
  options.setNoFilter(new shared.Empty());
  const request = new streams.ReadReq();
  request.setOptions(options);
  return request;
}
