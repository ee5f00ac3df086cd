import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readdirSync, readFileSync } from 'node:fs';
import { EVENTS } from '../events/catalog.js';
import { asyncApiDocument } from './asyncapi.js';
import { cloudEventType, eventSubject, NO_PROJECT } from './event-feed.js';
import { triggerSubject } from './trigger-requested.js';

interface Reference {
  readonly $ref: string;
}

interface Message {
  readonly name: string;
  readonly contentType: string;
  readonly headers: object;
  readonly payload: Reference;
}

interface Channel {
  readonly address: string;
  readonly servers: readonly Reference[];
  readonly parameters: Record<string, { readonly enum?: readonly string[]; readonly location?: string }>;
  readonly messages: Record<string, Reference>;
}

interface Document {
  readonly asyncapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly channels: Record<'triggers' | 'events', Channel>;
  readonly operations: Record<string, { readonly action: string; readonly channel: Reference }>;
  readonly components: { readonly schemas: Record<string, object>; readonly messages: Record<string, Message> };
}

const document = JSON.parse(JSON.stringify(asyncApiDocument('1.2.3'))) as Document;
const { channels, operations, components } = document;
const ajv = new Ajv2020({ strict: false, validateFormats: false });
const validator = (schema: object) => ajv.compile({ ...schema, components });

const resolve = (pointer: string): unknown =>
  pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);

/** Every reference of the document. */
function* references(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, child] of Object.entries(node)) {
    if (key === '$ref' && typeof child === 'string') yield child;
    else yield* references(child);
  }
}

const fixture = (type: string): Record<string, unknown> => {
  const [newest] = readdirSync('libs/contracts/fixtures/events')
    .filter(file => file.startsWith(`${type}.v`))
    .toSorted()
    .toReversed();
  return (JSON.parse(readFileSync(`libs/contracts/fixtures/events/${newest}`, 'utf8')) as { payload: Record<string, unknown> })
    .payload;
};

describe('the AsyncAPI document', () => {
  it('is valid by the schema of AsyncAPI 3', () => {
    const schema = JSON.parse(readFileSync('node_modules/@asyncapi/specs/schemas/3.0.0.json', 'utf8')) as object;
    const validate = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false }).compile(schema);
    expect(validate(document)).toBe(true);
    const wrong = { ...document, operations: { send: { action: 'shout', channel: { $ref: '#/channels/events' } } } };
    expect(validate(wrong)).toBe(false);
  });

  it('is of version 3.0.0 and carries the version of the service', () => {
    expect(document).toMatchObject({ asyncapi: '3.0.0', info: { title: 'Ambient Sessions', version: '1.2.3' } });
  });

  it('has no reference that leads nowhere, and no schema or message that nothing refers to', () => {
    const all = new Set(references(document));
    expect([...all].filter(pointer => resolve(pointer) === undefined)).toEqual([]);
    const parts = Object.entries(components).flatMap(([kind, named]) =>
      Object.keys(named).map(name => `#/components/${kind}/${name}`),
    );
    expect(parts.filter(pointer => !all.has(pointer))).toEqual([]);
  });

  it('has what AsyncAPI 3 asks of channels, operations and messages', () => {
    for (const { address, parameters, messages, servers } of Object.values(channels)) {
      expect([...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).toEqual(Object.keys(parameters));
      for (const { $ref } of Object.values(messages)) expect($ref).toMatch(/^#\/components\/messages\/\w+$/);
      expect(servers).toEqual([{ $ref: '#/servers/nats' }]);
    }
    for (const { action, channel } of Object.values(operations)) {
      expect(['send', 'receive']).toContain(action);
      expect(channel.$ref).toMatch(/^#\/channels\/\w+$/);
    }
    for (const { headers, contentType } of Object.values(components.messages)) {
      expect(headers).toMatchObject({ type: 'object' });
      expect(contentType).toBe('application/json');
    }
  });

  it('tells every event type once, on the channel of the feed, and the request of a tick on its own', () => {
    expect(Object.keys(channels.events.messages).sort()).toEqual(Object.keys(EVENTS).sort());
    expect(Object.keys(channels.triggers.messages)).toEqual(['TriggerRequested']);
    expect(channels.events.parameters['event_type']?.enum).toEqual(Object.keys(EVENTS));
  });

  it('has an address that the subjects of messages fit', () => {
    const fits = (address: string, subject: string) => new RegExp(`^${address.replaceAll(/\{\w+\}/g, '[^.]+')}$`).test(subject);
    const { address } = channels.events;
    for (const [type, { category }] of Object.entries(EVENTS)) {
      expect(fits(address, eventSubject('acme', category, type))).toBe(true);
    }
    expect(eventSubject(undefined, 'session', 'SessionStarted')).toBe(`ambient.events.${NO_PROJECT}.session.SessionStarted`);
    const request = { project_id: 'acme', scheduled_session_id: 'x' } as Parameters<typeof triggerSubject>[0];
    expect(fits(channels.triggers.address, triggerSubject(request))).toBe(true);
  });
});

describe.each(Object.values(components.messages))('the message $name', ({ name, headers, payload }) => {
  it('has schemas that compile', () => {
    expect(ajv.validateSchema({ ...(resolve(payload.$ref) as object) })).toBe(true);
    expect(validator(headers)({})).toBe(false);
    expect(validator(payload)('text')).toBe(false);
  });

  if (name === 'TriggerRequested') return;

  it('takes the golden fixture of its type, and nothing that lacks a required field', () => {
    const accepts = validator(payload);
    const example = fixture(name);
    expect([accepts(example), accepts.errors]).toEqual([true, null]);
    const { required = [] } = resolve(payload.$ref) as { required?: readonly string[] };
    for (const field of required) {
      const { [field]: _, ...rest } = example;
      expect([field, accepts(rest)]).toEqual([field, false]);
    }
  });

  it('takes the headers of its own type alone', () => {
    const accepts = validator(headers);
    const { category, version } = EVENTS[name as keyof typeof EVENTS];
    const example = {
      'Nats-Msg-Id': '5c1f7d0e-8a55-5e0a-9a53-0b6f3f1f8f11',
      'ce-specversion': '1.0',
      'ce-id': '5c1f7d0e-8a55-5e0a-9a53-0b6f3f1f8f11',
      'ce-source': '/ambient/events',
      'ce-type': cloudEventType(category, name, version),
      'ce-time': '2026-01-31T09:00:00.000Z',
      'ce-subject': 'x',
      'ce-sequence': '00000000000000000001',
      'content-type': 'application/json',
    };
    expect([accepts(example), accepts.errors]).toEqual([true, null]);
    expect(accepts({ ...example, 'ce-type': cloudEventType(category, name, version + 1) })).toBe(false);
    expect(accepts({ ...example, traceparent: 'nonsense' })).toBe(false);
  });
});

it('takes the request of a tick as the scheduler makes it', () => {
  const { headers, payload } = components.messages['TriggerRequested']!;
  const run = '5c1f7d0e-8a55-5e0a-9a53-0b6f3f1f8f11';
  const schedule = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
  const [acceptsHeaders, acceptsPayload] = [validator(headers), validator(payload)];
  const request = {
    scheduled_session_id: schedule,
    project_id: 'blue',
    scheduled_for: '2026-01-31T09:00:00.000Z',
    trigger: 'schedule',
    requested_at: '2026-01-31T09:00:00.012Z',
  };
  const cloudEvent = {
    'Nats-Msg-Id': run,
    'ce-specversion': '1.0',
    'ce-id': run,
    'ce-source': '/ambient/scheduler',
    'ce-type': 'ambient.trigger.requested.v1',
    'ce-time': request.requested_at,
    'ce-subject': schedule,
    'content-type': 'application/json',
  };
  expect([acceptsHeaders(cloudEvent), acceptsPayload(request)]).toEqual([true, true]);
  expect([acceptsHeaders({ ...cloudEvent, 'ce-type': 'other' }), acceptsPayload({ ...request, trigger: 'manual' })]).toEqual([
    false,
    false,
  ]);
});
