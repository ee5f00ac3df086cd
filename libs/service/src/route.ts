/** Binds a controller's method to its row in the route table: method, path and status come from there, and the guard finds the row. */
import { applyDecorators, HttpCode, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import { fullPath, routeOf, type RouteId } from '#contracts';

export const ROUTE = Symbol('route');
/** Marks what answers without authentication and is no part of the contract: health and metrics. */
export const UNGUARDED = Symbol('unguarded');

/** `/projects/{id}` as Fastify writes it: `/projects/:id`. */
export const fastifyPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

export function Handles(id: RouteId): MethodDecorator {
  const route = routeOf(id);
  return applyDecorators(
    RequestMapping({ method: RequestMethod[route.method], path: fastifyPath(fullPath(route)) }),
    HttpCode(route.status),
    SetMetadata(ROUTE, route),
  );
}
