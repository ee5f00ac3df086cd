/** A step as the text of what it changes: how the thing is, and how it would be, as documents. */
import { createTwoFilesPatch } from 'diff';
import { stringify } from 'yaml';
import type { Paint } from '../output/style.js';
import { printable } from '../output/text.js';
import { RULES, type Kind } from './kinds.js';
import type { Existing, Step } from './plan.js';

type Members = Readonly<Record<string, unknown>>;

/** A unified diff; empty where nothing changes. */
export function differenceOf(step: Step, present: readonly Existing[], paint: Paint): string {
  if (step.action === 'keep') return '';
  const { kind, project, name } = step.action === 'delete' ? step.existing : step.wanted;
  const label = kind === 'Project' ? `${kind} ${name}` : `${kind} ${project}/${name}`;
  const was = step.action === 'create' ? undefined : step.existing.resource;
  const shall = step.action === 'delete' ? undefined : wantedResource(step);
  const before = was ? documentOf(kind, masked(was), present) : '';
  const after = shall ? documentOf(kind, masked(shall, was), present) : '';
  const patch = createTwoFilesPatch(
    step.action === 'create' ? '/dev/null' : label,
    after === '' ? '/dev/null' : label,
    before,
    after,
    '',
    '',
  );
  const lines = patch.split('\n').slice(1, -1);
  return lines.map(line => `${painted(printable(line), paint)}\n`).join('');
}

function wantedResource(step: Extract<Step, { action: 'create' | 'update' }>): Members {
  const { agent, fields } = step.wanted;
  const named = agent === undefined ? {} : { agent, agent_id: null };
  return step.action === 'create' ? { ...fields, ...named } : { ...step.existing.resource, ...step.changes, ...named };
}

const SECRETS = 'environment_variables';

/** Secrets have no place in a diff; that one is another than before has. */
function masked(resource: Members, before: Members = resource): Members {
  const secrets = membersOf(resource[SECRETS]);
  if (!secrets) return resource;
  const known = membersOf(before[SECRETS]) ?? {};
  const shown = Object.entries(secrets).map(([name, value]) => [name, value === known[name] ? '***' : '*** (new value)']);
  return { ...resource, [SECRETS]: JSON.stringify(Object.fromEntries(shown)) };
}

function membersOf(text: unknown): Members | undefined {
  return typeof text === 'string' ? (JSON.parse(text) as Members) : undefined;
}

/** Writable fields in one order; an agent by its name. */
function documentOf(kind: Kind, { agent, ...resource }: Members, present: readonly Existing[]): string {
  const known = present.find(each => each.kind === 'Agent' && each.id === resource['agent_id']);
  const members = [...RULES[kind].fields.keys()]
    .map(name => [name, resource[name]] as const)
    .filter(([name, value]) => value !== undefined && value !== null && !(name === 'agent_id' && known));
  const byName = agent ?? known?.name;
  return stringify(
    { kind, ...Object.fromEntries(members), ...(byName === undefined ? {} : { agent: byName }) },
    { lineWidth: 0 },
  );
}

function painted(line: string, paint: Paint): string {
  if (line.startsWith('+')) return paint('green', line);
  if (line.startsWith('-')) return paint('red', line);
  return line.startsWith('@@') ? paint('cyan', line) : line;
}
