import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { categoryOf, EVENTS, idOf, upcast, type EventMetadata, type EventType } from '#contracts';
import type { RecordedEvent } from '#event-store';
import { decodeHeader, encodeHeader, feedMessageOf } from './message.js';

const FOLDER = 'libs/contracts/fixtures/events';

interface Fixture {
  readonly stream: string;
  readonly revision: number;
  readonly type: EventType;
  readonly payload: Record<string, unknown>;
  readonly metadata: EventMetadata;
}

const fixture = (file: string): Fixture => JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as Fixture;

const POSITION = '00000000000000000042';

function recorded(changes: Partial<Fixture> = {}, file = 'SessionStarted.v1.json'): RecordedEvent {
  const { stream, revision, type, payload, metadata } = { ...fixture(file), ...changes };
  return {
    stream,
    revision,
    type,
    position: POSITION,
    id: metadata.event_id,
    data: JSON.stringify(payload),
    metadata: JSON.stringify(metadata),
  };
}

describe('the message of an event', () => {
  it('is a CloudEvent in binary mode', () => {
    const event = recorded();
    expect(feedMessageOf(event)).toEqual({
      subject: 'ambient.events.blue.session.SessionStarted',
      id: event.id,
      position: POSITION,
      headers: {
        'ce-specversion': '1.0',
        'ce-id': event.id,
        'ce-source': '/ambient/events',
        'ce-type': 'ambient.session.SessionStarted.v1',
        'ce-time': '2026-01-31T09:00:00.000Z',
        'ce-subject': idOf(event.stream),
        'ce-sequence': POSITION,
        'content-type': 'application/json',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
      data: event.data,
    });
  });

  it.each(readdirSync(FOLDER))('can be made of %s', file => {
    const event = recorded({}, file);
    const { subject, data, headers } = feedMessageOf(event);
    const { project_id } = JSON.parse(event.data) as { project_id?: string };
    expect(subject).toBe(`ambient.events.${project_id ?? '_'}.${categoryOf(event.stream)}.${event.type}`);
    expect(headers['ce-type']).toBe(
      `ambient.${categoryOf(event.stream)}.${event.type}.v${EVENTS[event.type as EventType].version}`,
    );
    // At its latest schema version, whatever version is stored.
    const { schema_version } = JSON.parse(event.metadata) as { schema_version: number };
    const payload = JSON.parse(event.data) as Record<string, unknown>;
    expect(JSON.parse(data)).toEqual(upcast(event.type, schema_version, payload).payload);
  });

  it('has `_` in place of a project when the event belongs to none', () => {
    const { project_id: _, ...payload } = fixture('SessionStarted.v1.json').payload;
    expect(feedMessageOf(recorded({ payload })).subject).toBe('ambient.events._.session.SessionStarted');
  });

  it.each(['00-a-b-01', 'x\r\nce-id: other', ''])('leaves out the traceparent %j, which is none', traceparent => {
    const { metadata } = fixture('SessionStarted.v1.json');
    expect(feedMessageOf(recorded({ metadata: { ...metadata, traceparent } })).headers).not.toHaveProperty('traceparent');
  });

  it('goes out as it was written when the event is newer than this program', () => {
    const { metadata } = fixture('SessionStarted.v1.json');
    const newer = feedMessageOf(
      recorded({ metadata: { ...metadata, schema_version: 7 }, payload: { project_id: 'blue', a: 1 } }),
    );
    expect([newer.subject, newer.headers['ce-type'], newer.data]).toEqual([
      'ambient.events.blue.session.SessionStarted',
      'ambient.session.SessionStarted.v7',
      '{"project_id":"blue","a":1}',
    ]);
    const unknown = feedMessageOf(recorded({ type: 'SessionPraised' as EventType, payload: { project_id: 'a.*.b' } }));
    expect([unknown.subject, unknown.headers['ce-type']]).toEqual([
      'ambient.events._.session.SessionPraised',
      'ambient.session.SessionPraised.v1',
    ]);
  });

  it.each([
    ['metadata that are no JSON', { ...recorded(), metadata: '{' }, 'JSON'],
    ['metadata that lack something', { ...recorded(), metadata: '{}' }, 'its metadata lack'],
    ['a payload that is no JSON', { ...recorded(), data: '{broken' }, 'JSON'],
    ['a payload that is no object', { ...recorded(), data: '[]' }, 'no JSON object'],
    ['a payload that its schema refuses', { ...recorded(), data: '{"project_id":"a.b"}' }, 'the schema of its type'],
    ['a type that is no part of a subject', { ...recorded(), type: 'Session.>' }, "can't stand in a subject"],
  ])('can not be made of %s', (_, event, reason) => {
    expect(() => feedMessageOf(event)).toThrow(reason);
  });
});

describe('a header', () => {
  it.each([
    ['plain-_.~!#$&', 'plain-_.~!#$&'],
    ['50 % "off"', '50%20%25%20%22off%22'],
    ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
    ['a\r\nb\u007f', 'a%0D%0Ab%7F'],
  ])('holds %j as %j', (text, encoded) => {
    expect(encodeHeader(text)).toBe(encoded);
    expect(decodeHeader(encoded)).toBe(text);
  });

  it('that is not encoded is read as it is', () => {
    expect(decodeHeader('50% off')).toBe('50% off');
  });
});
