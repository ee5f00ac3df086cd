import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { check, matches } from '../validation.js';
import { EVENTS, type EventType } from './catalog.js';
import { hashOf, verifyChain } from './chain.js';
import { EventMetadata } from './metadata.js';
import { categoryOf } from './streams.js';
import { upcast } from './upcast.js';

const FOLDER = 'libs/contracts/fixtures/events';

interface Fixture {
  readonly stream: string;
  readonly revision: number;
  readonly type: EventType;
  readonly payload: Record<string, unknown>;
  readonly metadata: EventMetadata;
}

const files = readdirSync(FOLDER);
const read = (file: string): Fixture => JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as Fixture;

const versionsOf = (version: number): number[] => Array.from({ length: version }, (_, index) => index + 1);
const wanted = Object.entries(EVENTS).flatMap(([type, { version }]) =>
  versionsOf(version).map(number => `${type}.v${number}.json`),
);

it('there is a golden fixture of every version of every event type, and no other file', () => {
  expect(files.sort()).toEqual(wanted.sort());
});

describe.each(wanted)('%s', file => {
  const fixture = read(file);
  const { type, payload, metadata, stream } = fixture;
  const today = EVENTS[type];

  it('is what its name says, in a stream of the category of its type', () => {
    expect(file).toBe(`${type}.v${metadata.schema_version}.json`);
    expect(categoryOf(stream)).toBe(today.category);
    expect(check(EventMetadata, metadata)).toMatchObject({ ok: true });
  });

  it('is read as what the catalog says today', () => {
    const event = upcast(type, metadata.schema_version, payload);
    expect(event.type).toBe(type);
    expect(check(today.payload, event.payload)).toEqual({ ok: true, value: event.payload });
  });

  it('fills every field of the newest version', () => {
    const schema = today.payload as { properties: Record<string, { properties?: object }> };
    const lifted = upcast(type, metadata.schema_version, payload).payload as Record<string, object>;
    const isNewest = metadata.schema_version === today.version;
    for (const [name, { properties }] of Object.entries({ '': schema, ...schema.properties })) {
      const value = name === '' ? lifted : lifted[name];
      const filled = properties === undefined || Object.keys(properties).every(field => Object.hasOwn(value ?? {}, field));
      expect(filled || !isNewest).toBe(true);
    }
  });

  it('still has the hash it was stored with', () => {
    expect(hashOf(fixture)).toBe(metadata.hash);
    expect(verifyChain([fixture])).toEqual({ valid: true, events: 1 });
  });

  it('has the hash that anyone computes from the specification alone', () => {
    const { hash, ...rest } = metadata;
    const text = canonicalize({ stream, revision: fixture.revision, type, payload, metadata: rest });
    expect(createHash('sha256').update(String(text)).digest('hex')).toBe(hash);
  });
});

it('a fixture of which a field is missing is not what the catalog says', () => {
  const { name: _, ...payload } = read('AgentCreated.v1.json').payload;
  expect(matches(EVENTS.AgentCreated.payload, payload)).toBe(false);
});
