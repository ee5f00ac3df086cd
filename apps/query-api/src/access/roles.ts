import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { hrefs, ROLES, type Role, type RoleId } from '#contracts';
import { SqliteReadStore, type Collection, type DocumentSet, type ReadStore } from '#read-store';

export const roles: Collection = {
  name: 'roles',
  fields: { id: 'text', name: 'text', display_name: 'text', description: 'text', built_in: 'boolean' },
  indexes: [],
};

const TEXTS: Readonly<Record<RoleId, readonly [string, string]>> = {
  'platform:admin': ['Platform administrator', 'May do everything, in every project.'],
  'platform:viewer': ['Platform viewer', 'May read everything, in every project.'],
  'project:owner': [
    'Project owner',
    'May do everything in a project: change and delete it and what is in it, and say who else may.',
  ],
  'project:editor': ['Project editor', 'May create and change agents, schedules and sessions of a project, start and stop them.'],
  'project:viewer': ['Project viewer', 'May read a project and what is in it, secrets excepted.'],
  runtime: ['Runtime', 'May execute sessions: read them, report their status, and write their messages.'],
};

function roleOf(id: RoleId): Role {
  const [display_name, description] = TEXTS[id];
  return { id, kind: 'Role', href: hrefs.role(id), name: id, display_name, description, built_in: true };
}

/** The roles there are, in a store of their own in memory: so they are listed, searched and ordered like anything else. */
@Injectable()
export class RoleCatalog implements OnModuleInit, OnModuleDestroy {
  #store: ReadStore | undefined;

  async onModuleInit(): Promise<void> {
    this.#store = await SqliteReadStore.open({ path: ':memory:', collections: [roles] });
    const updates = ROLES.map(id => ({
      collection: roles.name,
      id,
      expected: undefined,
      position: '0',
      body: { ...roleOf(id) },
    }));
    await this.#store.live.apply(updates, '0');
  }

  get documents(): DocumentSet {
    if (!this.#store) throw new Error('the roles are asked for before the module is initialized');
    return this.#store.live;
  }

  async onModuleDestroy(): Promise<void> {
    await this.#store?.close();
  }
}
