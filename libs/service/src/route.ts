/** Binds a controller's method to its row in the route table: method, path and status come from there, and the guard finds the row. */
import { applyDecorators, HttpCode, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import { fullPath, routeOf, type Route, type RouteId } from '#contracts';

export const ROUTE = Symbol('route');

/** What every service answers beside the contract. */
const OWN = { method: 'GET', service: 'query', scope: 'none', status: 200 } as const;
export const HEALTH: Route = { ...OWN, id: 'health', path: '//healthz', needs: 'public', summary: 'Alive' };
export const READINESS: Route = { ...OWN, id: 'readiness', path: '//readyz', needs: 'public', summary: 'Ready' };
export const METRICS: Route = { ...OWN, id: 'metrics', path: '//metrics', needs: 'viewer', summary: 'Prometheus metrics' };

/** `/projects/{id}` as Fastify writes it: `/projects/:id`. */
export const fastifyPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

export const Handles = (id: RouteId): MethodDecorator => HandlesRoute(routeOf(id));

export function HandlesRoute(route: Route): MethodDecorator {
  return applyDecorators(
    RequestMapping({ method: RequestMethod[route.method], path: fastifyPath(fullPath(route)) }),
    HttpCode(route.status),
    SetMetadata(ROUTE, route),
  );
}
