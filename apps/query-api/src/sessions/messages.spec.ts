import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SessionMessage } from '#contracts';
import { until } from '#bus/testing';
import { EventSourceClient } from '../../testing/event-source.js';
import { World } from '../../testing/world.js';

let world: World;
const clients: EventSourceClient[] = [];

beforeAll(async () => {
  world = await World.open();
});
afterEach(() => clients.splice(0).forEach(client => client.close()));
afterAll(() => world.close());

async function follow(path: string, headers: Record<string, string> = {}): Promise<EventSourceClient> {
  const client = await EventSourceClient.open(`${world.url}/api/ambient/v1/sessions/${path}`, {
    authorization: 'Bearer token-admin',
    accept: 'text/event-stream',
    ...headers,
  });
  clients.push(client);
  return client;
}

describe('messages as JSON', () => {
  it('are a bare array, from the start or after one', async () => {
    const id = await world.makeSession();
    expect((await world.get(`/sessions/${id}/messages`)).json).toEqual([]);
    await world.say(id, 'one');
    await world.say(id, 'two');
    const all = (await world.get(`/sessions/${id}/messages`)).json;
    expect(all).toMatchObject([
      { session_id: id, seq: 1, event_type: 'user', payload: 'one' },
      { seq: 2, payload: 'two' },
    ]);
    expect((await world.get(`/sessions/${id}/messages?after_seq=1`)).json).toEqual([all[1]]);
    expect((await world.get(`/sessions/${id}/messages?after_seq=9`)).json).toEqual([]);
    const bad = await world.get(`/sessions/${id}/messages?after_seq=one`);
    expect([bad.status, bad.json.reason]).toEqual([400, expect.stringContaining('after_seq')]);
  });

  it('are JSON for whoever prefers that', async () => {
    const id = await world.makeSession();
    for (const accept of ['*/*', 'application/json, text/event-stream', 'text/event-stream;q=0.5, application/json']) {
      expect((await world.get(`/sessions/${id}/messages`, 'admin', { accept })).json).toEqual([]);
    }
  });
});

describe('messages as a stream', () => {
  it('replays, then goes on live, without loss or repetition over a reconnect', async () => {
    const id = await world.makeSession();
    await world.say(id, 'one');
    await world.say(id, 'two\nlines');
    const first = await follow(`${id}/messages`);
    expect(first.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-operation-id': expect.any(String),
    });
    await until(() => first.ids.length === 2);
    await world.say(id, 'three');
    await until(() => first.ids.length === 3);
    const all = JSON.parse((await world.get(`/sessions/${id}/messages`)).body) as SessionMessage[];
    expect(first.text).toBe(
      all.map((message: { seq: number }) => `id: ${message.seq}\ndata: ${JSON.stringify(message)}\n\n`).join(''),
    );
    first.close();
    await world.say(id, 'four');
    const second = await follow(`${id}/messages?after_seq=1`, { 'last-event-id': '3' });
    await world.say(id, 'five');
    await until(() => second.ids.length === 2);
    expect([...first.ids, ...second.ids]).toEqual([1, 2, 3, 4, 5]);
  });

  it('starts after after_seq, and waits for messages that are still to come', async () => {
    const id = await world.makeSession();
    await world.say(id, 'one');
    const client = await follow(`${id}/messages?after_seq=2`);
    await world.say(id, 'two');
    await world.say(id, 'three');
    await until(() => client.ids.length === 1);
    expect(client.ids).toEqual([3]);
  });

  it('sends a heartbeat every 30 seconds', async () => {
    const id = await world.makeSession();
    const client = await follow(`${id}/messages`);
    world.clock.advance(30_000);
    await until(() => client.text === ': ping\n\n');
    world.clock.advance(30_000);
    await until(() => client.text === ': ping\n\n: ping\n\n');
  });

  it('ends when the session is deleted, after its last message', async () => {
    const id = await world.makeSession();
    const client = await follow(`${id}/messages`);
    await world.say(id, 'last words');
    await world.change(id, { type: 'DeleteSession', deleted_at: '2026-03-02T12:00:00.000Z' });
    await until(() => client.ended);
    expect(client.ids).toEqual([1]);
  });

  it('leaves no timer behind when the client goes', async () => {
    const before = world.clock.pending.length;
    const client = await follow(`${await world.makeSession()}/messages`);
    expect(world.clock.pending.length).toBe(before + 1);
    client.close();
    await until(() => world.clock.pending.length === before);
  });

  it('answers errors as errors', async () => {
    const headers = { accept: 'text/event-stream' };
    expect((await world.get(`/sessions/${world.id()}/messages`, 'admin', headers)).status).toBe(404);
    const bad = await world.get(`/sessions/${await world.makeSession()}/messages`, 'admin', { ...headers, 'last-event-id': 'x' });
    expect([bad.status, bad.json.reason]).toEqual([400, expect.stringContaining('Last-Event-ID')]);
  });

  it('ends at shutdown, so that the service can close', async () => {
    const other = await World.open();
    const id = await other.makeSession();
    const headers = { authorization: 'Bearer token-admin', accept: 'text/event-stream' };
    const client = await EventSourceClient.open(`${other.url}/api/ambient/v1/sessions/${id}/messages`, headers);
    await other.close();
    await until(() => client.ended);
  });
});
