/** Held against the client's generated messages, which the engine's makers keep. */
import { describe, expect, it } from '@jest/globals';
import statuses from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import { decodeAnswer, encodeAppend } from './append-messages.js';

const ID = '0b5cbb0e-1f0d-4c1e-9d5e-0a4ad1a1a0f1';
const event = { id: ID, type: 'SessionCreated', data: '{"name":"Zoë 🚀"}', metadata: '{"hash":"é"}' };
const read = (bytes: Buffer) => streams.BatchAppendReq.deserializeBinary(bytes);
const utf8 = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

describe('an append', () => {
  it('is what the client would send', () => {
    const bytes = encodeAppend({ number: 7, to: { stream: 'session-é', expected: 'none' }, events: [event], isFinal: true });
    expect(Buffer.isBuffer(bytes)).toBe(true);
    const request = read(bytes);
    expect(request.getCorrelationId()?.getStructured()?.getLeastSignificantBits()).toBe('7');
    expect(request.getIsFinal()).toBe(true);
    expect(utf8(request.getOptions()!.getStreamIdentifier()!.getStreamName_asU8())).toBe('session-é');
    expect(request.getOptions()!.hasNoStream()).toBe(true);
    const [message] = request.getProposedMessagesList();
    expect(message!.getId()?.getString()).toBe(ID);
    expect(Object.fromEntries(message!.getMetadataMap().getEntryList())).toEqual({
      type: 'SessionCreated',
      'content-type': 'application/json',
    });
    expect([utf8(message!.getData_asU8()), utf8(message!.getCustomMetadata_asU8())]).toEqual([event.data, event.metadata]);
  });

  it.each([0, 1, 4_294_967_296, Number.MAX_SAFE_INTEGER])('may expect revision %d', expected => {
    const options = read(
      encodeAppend({ number: 1, to: { stream: 's', expected }, events: [event], isFinal: true }),
    ).getOptions()!;
    expect([options.hasStreamPosition(), options.getStreamPosition()]).toEqual([true, String(expected)]);
  });

  it('in a later piece says no more where it goes; what is no JSON is marked as bytes', () => {
    const request = read(encodeAppend({ number: 1, events: [{ ...event, data: 'no JSON' }], isFinal: false }));
    expect([request.hasOptions(), request.getIsFinal()]).toEqual([false, false]);
    expect(request.getProposedMessagesList()[0]!.getMetadataMap().get('content-type')).toBe('application/octet-stream');
  });
});

describe('an answer', () => {
  const answer = () => {
    const correlation = new shared.UUID();
    correlation.setStructured(new shared.UUID.Structured().setMostSignificantBits('0').setLeastSignificantBits('7'));
    return new streams.BatchAppendResp().setCorrelationId(correlation);
  };

  it('tells where the last event is', () => {
    const position = new shared.AllStreamPosition()
      .setCommitPosition('18446744073709551615')
      .setPreparePosition('9007199254740993');
    const success = new streams.BatchAppendResp.Success().setCurrentRevision('0').setPosition(position);
    expect(decodeAnswer(answer().setSuccess(success).serializeBinary())).toEqual({
      number: 7,
      failure: undefined,
      revision: 0,
      position: { commit: '18446744073709551615', prepare: '9007199254740993' },
    });
  });

  it('may not know the position', () => {
    const success = new streams.BatchAppendResp.Success().setCurrentRevision('4294967296').setNoPosition(new shared.Empty());
    expect(decodeAnswer(answer().setSuccess(success).serializeBinary())).toMatchObject({
      revision: 4_294_967_296,
      position: undefined,
    });
  });

  it('has the failure as the client knows it', () => {
    const status = new statuses.Status().setMessage('no');
    const { number, failure } = decodeAnswer(answer().setError(status).serializeBinary());
    expect([number, failure?.getMessage()]).toEqual([7, 'no']);
  });
});
