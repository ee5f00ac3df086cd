/** What has to be done so that everything is as it is wanted. Nothing here asks a server. */
import { isSame, KINDS, RULES, type Kind } from './kinds.js';
import type { Wanted } from './manifest.js';

/** A thing as it is. */
export interface Existing {
  readonly kind: Kind;
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly resource: Readonly<Record<string, unknown>>;
}

/** What is there, in the projects that documents name. */
export interface Present {
  readonly things: readonly Existing[];
}

export type Step =
  | { readonly action: 'create'; readonly wanted: Wanted }
  /** `changes` holds the fields that differ; null takes a value away. */
  | {
      readonly action: 'update';
      readonly wanted: Wanted;
      readonly existing: Existing;
      readonly changes: Readonly<Record<string, unknown>>;
    }
  | { readonly action: 'keep'; readonly wanted: Wanted; readonly existing: Existing }
  | { readonly action: 'delete'; readonly existing: Existing };

export interface PlanOptions {
  readonly prune: boolean;
}

/** Steps in an order in which they can be done: what others need first, what needs others is deleted first. */
export function planOf(wanted: readonly Wanted[], { things }: Present, { prune }: PlanOptions): Step[] {
  const steps = wanted.map(each => stepFor(each, things));
  return prune ? [...steps, ...pruned(wanted, things)] : steps;
}

function stepFor(wanted: Wanted, things: readonly Existing[]): Step {
  const existing = find(things, wanted.kind, wanted.project, wanted.name);
  if (!existing) return { action: 'create', wanted };
  const { fields } = RULES[wanted.kind];
  const differing = Object.entries(wanted.fields).filter(
    ([name, value]) => !isSame(fields.get(name) ?? 'plain', existing.resource[name], value),
  );
  const agent = agentChange(wanted, existing, things);
  const changes = { ...Object.fromEntries(differing), ...agent };
  return Object.keys(changes).length === 0
    ? { action: 'keep', wanted, existing }
    : { action: 'update', wanted, existing, changes };
}

/** Of an agent that is to be made first, the id is not known yet. */
function agentChange(
  { agent, project }: Wanted,
  { resource }: Existing,
  things: readonly Existing[],
): { agent_id?: string | undefined } {
  if (agent === undefined) return {};
  const id = find(things, 'Agent', project, agent)?.id;
  return id !== undefined && id === resource['agent_id'] ? {} : { agent_id: id };
}

/** In a project and of a kind that the documents are about, what none of them names. Projects are never among them. */
function pruned(wanted: readonly Wanted[], things: readonly Existing[]): Step[] {
  const isMeant = ({ kind, project }: Existing): boolean =>
    kind !== 'Project' && wanted.some(each => each.kind === kind && each.project === project);
  const isNamed = ({ kind, project, name }: Existing): boolean =>
    wanted.some(each => each.kind === kind && each.project === project && each.name === name);
  return things
    .filter(each => isMeant(each) && !isNamed(each))
    .toSorted((a, b) => KINDS.indexOf(b.kind) - KINDS.indexOf(a.kind))
    .map(existing => ({ action: 'delete', existing }));
}

export const find = (things: readonly Existing[], kind: Kind, project: string, name: string): Existing | undefined =>
  things.find(each => each.kind === kind && each.project === project && each.name === name);
