import { Body, Controller, Inject, Param } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { RoleBindingCreate, type RoleBinding } from '#contracts';
import { Context, Handles, type RequestContext } from '#service';
import { createBody } from '../support/body.js';
import { GrantRole, RevokeRole } from './role-binding.commands.js';

@Controller()
export class RoleBindingsController {
  constructor(@Inject(CommandBus) private readonly bus: CommandBus) {}

  @Handles('roleBindings.create')
  create(@Context() context: RequestContext, @Body() body: unknown): Promise<RoleBinding> {
    return this.bus.execute(new GrantRole(context, createBody(RoleBindingCreate, body)));
  }

  @Handles('roleBindings.delete')
  delete(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.bus.execute(new RevokeRole(context, id));
  }
}
