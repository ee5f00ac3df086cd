/** The server as applying needs it. */
import { lagEventsOf, NotFoundError, type AmbientClient } from '#client';
import { Missing } from '../errors.js';
import type { Kind } from './kinds.js';
import type { Wanted } from './manifest.js';
import type { Existing, Step } from './plan.js';

type Body = Readonly<Record<string, unknown>>;

/** A list that is behind is asked for so often. */
const LOOKS = 10;

/** What is there in the projects that documents name. */
export async function presentOf(client: AmbientClient, wanted: readonly Wanted[]): Promise<Existing[]> {
  const names = [...new Set(wanted.map(({ project }) => project))];
  return (await Promise.all(names.map(name => inProject(client, name)))).flat();
}

async function inProject({ projects, agents, scheduledSessions }: AmbientClient, name: string): Promise<Existing[]> {
  const project = await projects.get(name).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
  if (!project) return [];
  await caughtUp(() => agents.list(name, { size: 0 }));
  const found: Existing[] = [{ kind: 'Project', id: name, project: name, name, resource: project }];
  for await (const agent of agents.all(name)) found.push(existing('Agent', name, agent));
  for await (const schedule of scheduledSessions.all(name)) found.push(existing('ScheduledSession', name, schedule));
  return found;
}

const existing = (kind: Kind, project: string, resource: { id: string; name: string }): Existing => ({
  kind,
  project,
  id: resource.id,
  name: resource.name,
  resource: { ...resource },
});

/** What was written just before shall be in the lists: else it would be made again. */
async function caughtUp(look: () => Promise<object>): Promise<void> {
  for (let looks = 1; lagEventsOf(await look()) > 0; looks++) {
    if (looks === LOOKS) throw new Error('the lists of the server are behind its log: try again later');
  }
}

/** Does steps one after the other, and learns the ids of the agents that it makes. */
export class Executor {
  readonly #agents = new Map<string, string>();

  constructor(
    private readonly client: AmbientClient,
    present: readonly Existing[],
  ) {
    for (const { kind, project, name, id } of present) if (kind === 'Agent') this.#agents.set(keyOf(project, name), id);
  }

  async carryOut(step: Step): Promise<void> {
    switch (step.action) {
      case 'keep':
        return;
      case 'create':
        return this.#create(step.wanted);
      case 'update':
        return this.#update(step.existing, {
          ...step.changes,
          ...('agent_id' in step.changes ? this.#agentOf(step.wanted) : {}),
        });
      case 'delete':
        return this.#delete(step.existing);
      default:
        step satisfies never;
    }
  }

  async #create(wanted: Wanted): Promise<void> {
    const { kind, project, name } = wanted;
    const fields = Object.fromEntries(
      Object.entries({ ...wanted.fields, ...this.#agentOf(wanted) }).filter(([, value]) => value !== null),
    );
    // They were checked against the schemas of the contract, of which the client's types are made.
    switch (kind) {
      case 'Project':
        return void (await this.client.projects.create(fields as never));
      case 'Agent':
        this.#agents.set(keyOf(project, name), (await this.client.agents.create(project, fields as never)).id);
        return;
      case 'ScheduledSession':
        return void (await this.client.scheduledSessions.create(project, fields as never));
      default:
        kind satisfies never;
    }
  }

  async #update({ kind, project, id }: Existing, changes: Body): Promise<void> {
    const { projects, agents, scheduledSessions } = this.client;
    switch (kind) {
      case 'Project':
        return void (await projects.update(id, changes));
      case 'Agent':
        return void (await agents.update(project, id, changes));
      case 'ScheduledSession':
        return void (await scheduledSessions.update(project, id, changes));
      default:
        kind satisfies never;
    }
  }

  async #delete({ kind, project, id }: Existing): Promise<void> {
    if (kind === 'Agent') await this.client.agents.delete(project, id);
    if (kind === 'ScheduledSession') await this.client.scheduledSessions.delete(project, id);
  }

  #agentOf({ agent, project }: Wanted): { agent_id?: string } {
    if (agent === undefined) return {};
    const agent_id = this.#agents.get(keyOf(project, agent));
    if (agent_id === undefined) throw new Missing(`there is no agent "${agent}" in project ${project}`);
    return { agent_id };
  }
}

const keyOf = (project: string, name: string): string => JSON.stringify([project, name]);
