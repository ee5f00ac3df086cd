import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { describe, expect, it } from '@jest/globals';
import { BASE_PATH, fullPath, ROUTES } from '#contracts';
import { fastifyPath, Handles, ROUTE } from './route.js';

describe('a handler bound to a row of the route table', () => {
  it.each(ROUTES.map(route => [route.id, route] as const))('%s has its method, path and status', (id, route) => {
    const handler = (): void => undefined;
    const descriptor: PropertyDescriptor = { value: handler };
    Handles(id)({}, 'handler', descriptor);
    const told = (key: unknown): unknown => Reflect.getMetadata(key, descriptor.value as object);
    expect(told(ROUTE)).toBe(route);
    expect(told(METHOD_METADATA)).toBe(RequestMethod[route.method]);
    expect(told(HTTP_CODE_METADATA)).toBe(route.status);
    expect(told(PATH_METADATA)).toBe(fastifyPath(fullPath(route)));
    expect(told(PATH_METADATA)).not.toMatch(/[{}]/);
  });

  it('writes parameters as Fastify does', () => {
    expect(fastifyPath(`${BASE_PATH}/projects/{project_id}/agents/{agent_id}`)).toBe(
      '/api/ambient/v1/projects/:project_id/agents/:agent_id',
    );
  });
});
