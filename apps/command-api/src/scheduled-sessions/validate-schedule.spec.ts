import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandWorld } from '../../testing/command-world.js';
import { validateSchedule } from './validate-schedule.js';

const NOW = Date.parse('2026-03-01T09:00:00Z');

describe('validating a schedule', () => {
  it('tells in words and instants what a right one means', () => {
    expect(validateSchedule({ schedule: '30 8 * * MON-FRI', timezone: 'europe/paris', count: 2 }, NOW)).toEqual({
      valid: true,
      description: 'At 08:30, Monday through Friday',
      items: [
        { scheduled_for: '2026-03-02T07:30:00.000Z', local: '2026-03-02T08:30:00+01:00' },
        { scheduled_for: '2026-03-03T07:30:00.000Z', local: '2026-03-03T08:30:00+01:00' },
      ],
    });
  });

  it('takes UTC and ten ticks where nothing else is said, and a thousand where it is', () => {
    const daily = validateSchedule({ schedule: '@daily' }, NOW);
    if (!daily.valid) throw new Error('it was taken for invalid');
    expect(daily.items).toHaveLength(10);
    expect(daily.items[0]).toEqual({ scheduled_for: '2026-03-02T00:00:00.000Z', local: '2026-03-02T00:00:00+00:00' });
    expect(validateSchedule({ schedule: '0 0 29 2 *', count: 1000 }, NOW)).toMatchObject({ items: { length: 1000 } });
  });

  it.each([
    [{ schedule: '* * * *' }, ['schedule']],
    [{ schedule: '0 0 31 2 *' }, ['schedule']],
    [{ schedule: '' }, ['schedule']],
    [{ schedule: `0 0 ${'1,'.repeat(200)}1 * *` }, ['schedule']],
    [{ schedule: '@daily', timezone: 'Mars/Olympus' }, ['timezone']],
    [{ schedule: '@daily', timezone: '' }, ['timezone']],
    [{ schedule: '@reboot', timezone: 'x'.repeat(65) }, ['schedule', 'timezone']],
  ])('names what is wrong with %j, as a creation would', (asked, paths) => {
    const validation = validateSchedule(asked, NOW);
    if (validation.valid) throw new Error('it was taken for valid');
    expect(validation.errors.map(({ path }) => path).sort()).toEqual(paths);
    for (const { path, message } of validation.errors) expect(message).toContain(path);
  });

  describe('over HTTP', () => {
    let world: CommandWorld;
    beforeAll(async () => {
      world = await CommandWorld.open();
    });
    afterAll(() => world.close());
    const validate = (body: unknown) => world.post('/schedules/validate', body, {}, 'eve');

    it('is 200 either way, for anyone', async () => {
      expect(await validate({ schedule: '0 3 * * *', count: 1 })).toMatchObject({
        status: 200,
        body: { valid: true, description: 'At 03:00', items: [{ scheduled_for: '2026-03-02T03:00:00.000Z' }] },
      });
      const refused = await validate({ schedule: '61 * * * *' });
      expect(refused).toMatchObject({ status: 200, body: { valid: false, errors: [{ path: 'schedule' }] } });
      expect(refused.body).not.toHaveProperty('items');
    });

    it.each([
      ['schedule', {}],
      ['schedule', { schedule: 7 }],
      ['timezone', { schedule: '@daily', timezone: 7 }],
      ['count', { schedule: '@daily', count: 0 }],
      ['count', { schedule: '@daily', count: 1001 }],
      ['count', { schedule: '@daily', count: 2.5 }],
    ])('is 400 for a %s that is none', async (path, body) => {
      expect(await validate(body)).toMatchObject({ status: 400, body: { id: '8', errors: [{ path }] } });
    });

    it('is 400 for a body that is not JSON', async () => {
      expect(await validate('{')).toMatchObject({ status: 400, body: { id: '17' } });
    });
  });
});
