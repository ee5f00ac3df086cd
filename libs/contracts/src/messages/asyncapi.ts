/** The AsyncAPI 3 document, made from the event catalog and the schemas that validate the messages. */
import type { TSchema } from 'typebox';
import { EVENTS } from '../events/catalog.js';
import { reference, sharedSchemas, toJsonSchema, type Json } from '../http/openapi-schemas.js';
import { cloudEventType, EVENT_FEED, EventHeaders, INTERNAL_CATEGORIES, NO_PROJECT, TriggerHeaders } from './event-feed.js';
import { TRIGGER_REQUESTED, TriggerRequested } from './trigger-requested.js';

interface Message {
  readonly name: string;
  readonly category: string;
  readonly type: string;
  readonly payload: TSchema;
  /** Name of the schema that all messages of the channel share. */
  readonly headers: 'EventHeaders' | 'TriggerHeaders';
}

const TRIGGER: Message = {
  name: 'TriggerRequested',
  category: 'trigger',
  type: `${TRIGGER_REQUESTED}.v1`,
  payload: TriggerRequested,
  headers: 'TriggerHeaders',
};

const FEED: readonly Message[] = Object.entries(EVENTS).map(([name, { category, version, payload }]) => ({
  name,
  category,
  type: cloudEventType(category, name, version),
  payload,
  headers: 'EventHeaders',
}));

const MESSAGES = [TRIGGER, ...FEED];

/**
 * The whole document, ready to be sent as JSON.
 * @param version of the service
 */
export function asyncApiDocument(version: string): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Ambient Sessions',
      description: 'Messages over NATS JetStream, each a CloudEvent 1.0 in binary mode.',
      version,
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: CHANNELS,
    operations: OPERATIONS,
    components: {
      schemas: schemas(),
      messages: Object.fromEntries(MESSAGES.map(message => [message.name, messageObject(message)])),
    },
  };
}

const SERVERS: Json = {
  nats: {
    host: '{host}:{port}',
    protocol: 'nats',
    description: 'The NATS server of the installation, version 2.9 or later with JetStream.',
    variables: { host: { default: 'localhost' }, port: { default: '4222' } },
  },
};

const to = (...path: string[]): Json => ({ $ref: `#/${path.join('/')}` });

const channel = (address: string, description: string, parameters: Json, messages: readonly Message[]): Json => ({
  address,
  description,
  servers: [to('servers', 'nats')],
  parameters,
  messages: Object.fromEntries(messages.map(({ name }) => [name, to('components', 'messages', name)])),
});

const CHANNELS: Json = {
  triggers: channel(
    `${TRIGGER_REQUESTED}.{project_id}.{scheduled_session_id}`,
    'Requests of the scheduler to decide on due ticks: work queue AMBIENT_TRIGGERS. Only Ambient Sessions itself takes from it.',
    {
      project_id: { description: 'The project.', location: '$message.payload#/project_id' },
      scheduled_session_id: { description: 'The schedule.', location: '$message.payload#/scheduled_session_id' },
    },
    [TRIGGER],
  ),
  events: channel(
    `${EVENT_FEED}.{project_id}.{category}.{event_type}`,
    'Every event of the log, at least once, in commit order: stream AMBIENT_EVENTS. Drop what comes again by `ce-id`.',
    {
      project_id: { description: `The project; \`${NO_PROJECT}\` where the event belongs to none.` },
      category: { description: 'Category of the stream.', enum: [...new Set(FEED.map(({ category }) => category))] },
      event_type: { description: 'Type of the event.', enum: FEED.map(({ name }) => name) },
    },
    FEED,
  ),
};

const OPERATIONS: Json = {
  requestTrigger: {
    action: 'send',
    channel: to('channels', 'triggers'),
    summary: 'The scheduler asks for the decision on a due tick.',
  },
  decideTrigger: {
    action: 'receive',
    channel: to('channels', 'triggers'),
    summary: 'The command API decides what becomes of the tick.',
  },
  publishEvent: {
    action: 'send',
    channel: to('channels', 'events'),
    summary: 'The relay publishes every event of the event store.',
  },
};

function messageObject({ name, category, type, headers }: Message): Json {
  return {
    name,
    title: name,
    contentType: 'application/json',
    tags: [{ name: category }],
    ...(INTERNAL_CATEGORIES.includes(category) ? { description: 'Bookkeeping of our own: it may change with any release.' } : {}),
    headers: { type: 'object', allOf: [reference('schemas', headers), { properties: { 'ce-type': { const: type } } }] },
    payload: reference('schemas', name),
  };
}

/** The schemas of the messages, and of those that are shared the ones that they refer to. */
function schemas(): Json {
  const own: Record<string, Json> = {
    EventHeaders: toJsonSchema(EventHeaders),
    TriggerHeaders: toJsonSchema(TriggerHeaders),
    ...Object.fromEntries(MESSAGES.map(({ name, payload }) => [name, toJsonSchema(payload)])),
  };
  const shared = sharedSchemas();
  const wanted = new Map(Object.entries(own));
  // A Map is walked through to its end, those that are added on the way included.
  for (const schema of wanted.values()) {
    for (const name of referredTo(schema)) if (!wanted.has(name)) wanted.set(name, shared[name] as Json);
  }
  return Object.fromEntries(wanted);
}

const referredTo = (schema: Json): string[] =>
  [...JSON.stringify(schema).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '');
