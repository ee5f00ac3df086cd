import { Controller, Inject, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import type { RoleBinding } from '#contracts';
import { Context, Handles, type RequestContext } from '#service';
import { parseListQuery } from '../support/list-query.js';
import { listAnswer } from '../support/lists.js';
import type { Parameters } from '../support/parameters.js';
import { withETag } from '../support/single.js';
import { GetRoleBinding, ListRoleBindings, ListRoles, ROLE_BINDINGS, ROLE_LIST } from './access.queries.js';

@Controller()
export class AccessController {
  constructor(@Inject(QueryBus) private readonly bus: QueryBus) {}

  @Handles('roles.list')
  async roles(@Query() parameters: Parameters, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    return listAnswer(reply, await this.bus.execute(new ListRoles(parseListQuery(parameters, ROLE_LIST))));
  }

  @Handles('roleBindings.list')
  async list(
    @Context() context: RequestContext,
    @Query() parameters: Parameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return listAnswer(reply, await this.bus.execute(new ListRoleBindings(context, parseListQuery(parameters, ROLE_BINDINGS))));
  }

  @Handles('roleBindings.get')
  async get(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleBinding> {
    return withETag(reply, await this.bus.execute(new GetRoleBinding(context, id)));
  }
}
