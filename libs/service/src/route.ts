/** Binds a controller's method to its row in the route table: method, path and status come from there, and the guard finds the row. */
import { applyDecorators, HttpCode, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import { fullPath, routeOf, type Route, type RouteId } from '#contracts';
import { Caller, type RequestContext } from './request-context.js';

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
    ...(route.method === 'POST' ? [answeredOnce] : []),
    RequestMapping({ method: RequestMethod[route.method], path: fastifyPath(fullPath(route)) }),
    HttpCode(route.status),
    SetMetadata(ROUTE, route),
  );
}

/**
 * Lets a request that carries an Idempotency-Key be answered from what is kept. Not an interceptor: through one every request, with a key or
 * not, passes a dozen of rxjs's objects, a tenth of what a create costs.
 */
function answeredOnce(_target: object, _name: string | symbol, descriptor: PropertyDescriptor): void {
  const handle = descriptor.value as (...parameters: unknown[]) => unknown;
  descriptor.value = function (this: unknown, ...parameters: unknown[]): unknown {
    const once = contextAmong(parameters)?.once;
    return once ? once(async () => handle.apply(this, parameters)) : handle.apply(this, parameters);
  };
}

const contextAmong = (parameters: readonly unknown[]): RequestContext | undefined =>
  parameters.find(
    (parameter): parameter is RequestContext => (parameter as Partial<RequestContext> | undefined)?.caller instanceof Caller,
  );
