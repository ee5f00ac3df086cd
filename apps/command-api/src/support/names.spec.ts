/** Names on an engine that can't append to several streams at once: what a command leaves behind that died between two of them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CommandWorld } from '../../testing/command-world.js';

describe.each([
  ['scheduled-sessions', { name: 'nightly', schedule: '@daily' }, 'ScheduledSession'],
  ['agents', { name: 'nightly' }, 'Agent'],
] as const)('a name among %s', (collection, fields, kind) => {
  let world: CommandWorld;
  let path: string;
  beforeAll(async () => {
    world = await CommandWorld.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    path = `/projects/${await world.project()}/${collection}`;
  });

  const pending = (seconds: number) => ({
    status: 409,
    body: { detail: expect.stringContaining(`free in ${seconds} s`) },
    headers: { 'retry-after': String(seconds) },
  });

  it('whose holder was never made is free after a minute, and until then says when', async () => {
    world.store.dieAfter('NameClaimed');
    expect(await world.post(path, fields)).toMatchObject({ status: 503 });
    world.pass(20);
    expect(await world.post(path, fields)).toMatchObject(pending(40));
    world.pass(40);
    expect(await world.post(path, fields)).toMatchObject({ status: 201 });
    expect(await world.post(path, fields)).toMatchObject({ status: 409, body: { detail: expect.stringContaining('is taken') } });
  });

  it('is made good by the same request, made again', async () => {
    world.store.dieAfter('NameClaimed');
    const key = { 'idempotency-key': `key-${path}` };
    expect(await world.post(path, fields, key)).toMatchObject({ status: 503 });
    world.pass(31);
    expect(await world.post(path, fields, key)).toMatchObject({ status: 201, body: { name: 'nightly' } });
  });

  it('of something deleted is free after a minute, where the deletion died before it let go', async () => {
    const { id } = await world.made(path, fields);
    world.pass(3600);
    world.store.dieAfter(`${kind}Deleted`);
    expect(await world.delete(`${path}/${id}`)).toMatchObject({ status: 503 });
    expect(await world.post(path, fields)).toMatchObject(pending(60));
    world.pass(60);
    expect(await world.post(path, fields)).toMatchObject({ status: 201 });
  });

  it('given up for another is free at once, where the change died before it let go; one that was not taken in the end, after a minute', async () => {
    const { id } = await world.made(path, fields);
    world.pass(3600);
    world.store.dieAfter(`${kind}Updated`);
    expect(await world.patch(`${path}/${id}`, { name: 'renamed' })).toMatchObject({ status: 503 });
    expect(await world.post(path, fields)).toMatchObject({ status: 201 });

    world.store.dieAfter('NameClaimed');
    expect(await world.patch(`${path}/${id}`, { name: 'third' })).toMatchObject({ status: 503 });
    expect(await world.post(path, { ...fields, name: 'third' })).toMatchObject(pending(60));
    world.pass(60);
    expect(await world.post(path, { ...fields, name: 'third' })).toMatchObject({ status: 201 });
  });
});
