import { Controller, Inject, UseFilters } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { EventPattern, Payload } from '@nestjs/microservices';
import { BusErrorFilter, PoisonMessage } from '#bus';
import { check, TRIGGER_REQUESTED, TriggerRequested } from '#contracts';
import { DecideTick } from './decide-tick.command.js';

/** Takes the scheduler's requests from the bus. It returns, and so acknowledges, when the outcome is durable. */
@Controller()
@UseFilters(BusErrorFilter)
export class TriggerRequestedConsumer {
  constructor(@Inject(CommandBus) private readonly bus: CommandBus) {}

  @EventPattern<unknown>(`${TRIGGER_REQUESTED}.*.*`)
  async handle(@Payload() data: unknown): Promise<void> {
    const checked = check(TriggerRequested, data);
    if (!checked.ok)
      throw new PoisonMessage(`a TriggerRequested that is none: ${checked.errors.map(({ message }) => message).join('; ')}`);
    await this.bus.execute(new DecideTick(checked.value));
  }
}
