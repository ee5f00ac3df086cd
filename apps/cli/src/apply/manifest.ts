/** What documents ask for, checked as far as that can be done without the server. */
import { check } from '#contracts';
import { parseSchedule, resolveTimeZone } from '#schedule';
import { UsageError } from '../errors.js';
import { KINDS, RULES, type Form, type Kind } from './kinds.js';

/** A document as it was read. */
export interface RawDocument {
  /** For messages: which file, which document. */
  readonly where: string;
  readonly value: unknown;
}

/** One thing as it shall be. */
export interface Wanted {
  readonly where: string;
  readonly kind: Kind;
  /** Of a project, its own name. */
  readonly project: string;
  readonly name: string;
  /** Writable fields that the document gives; null takes a value away. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The agent of a schedule, by its name; then `agent_id` is not among the fields. */
  readonly agent?: string;
}

type Members = Readonly<Record<string, unknown>>;

const isKind = (text: unknown): text is Kind => KINDS.some(kind => kind === text);

/**
 * @param project of documents that name none
 * @throws {UsageError} that tells all that is wrong, one line each
 */
export function manifestOf(documents: readonly RawDocument[], project: string | undefined): Wanted[] {
  const problems: string[] = [];
  const wanted = documents.flatMap(document => {
    const found = wantedIn(document, project);
    if (typeof found !== 'object') problems.push(`${document.where}: ${found}`);
    else problems.push(...problemsOf(found).map(problem => `${document.where}: ${problem}`));
    return typeof found === 'object' ? [found] : [];
  });
  problems.push(...repetitions(wanted));
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return wanted.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
}

/** @returns what is wrong, where nothing can be made of it */
function wantedIn({ where, value }: RawDocument, project: string | undefined): Wanted | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'a document must be an object with a kind';
  const { kind, ...members } = value as Members;
  if (!isKind(kind)) return `kind must be one of ${KINDS.join(', ')}${kind === undefined ? '' : `, not ${JSON.stringify(kind)}`}`;
  const { name } = members;
  if (typeof name !== 'string' || name === '') return `${kind}: name is missing`;
  const own = kind === 'Project' ? name : (members['project'] ?? members['project_id'] ?? project);
  if (typeof own !== 'string') return `${kind} ${name}: which project? project, or --project says so`;
  const agent = kind === 'ScheduledSession' ? (members['agent'] ?? undefined) : undefined;
  if (agent !== undefined && typeof agent !== 'string') return `${kind} ${name}: agent must be the name of an agent`;
  return { where, kind, project: own, name, fields: fieldsOf(kind, members, agent), ...(agent === undefined ? {} : { agent }) };
}

function fieldsOf(kind: Kind, members: Members, agent: string | undefined): Record<string, unknown> {
  const { fields, ignored } = RULES[kind];
  const beside = new Set([
    'project',
    ...(kind === 'ScheduledSession' ? ['agent'] : []),
    ...(agent === undefined ? [] : ['agent_id']),
  ]);
  const given = Object.entries(members).filter(([name]) => (fields.has(name) || !ignored.has(name)) && !beside.has(name));
  return Object.fromEntries(
    given.map(([name, value]) => [name, asField(fields.get(name), value)]).filter(([, value]) => !isMasked(value)),
  );
}

/** JSON objects that the contract keeps as text may be written as YAML. */
const asField = (form: Form | undefined, value: unknown): unknown =>
  form === 'json' && typeof value === 'object' && value !== null ? JSON.stringify(value) : value;

/** What someone sees who may not see secrets: not a value that anybody wants. */
function isMasked(value: unknown): boolean {
  if (typeof value !== 'string' || !value.includes('"***"')) return false;
  try {
    return Object.values(JSON.parse(value) as object).every(member => member === '***');
  } catch {
    return false;
  }
}

function problemsOf({ kind, name, fields }: Wanted): string[] {
  const { body, fields: known } = RULES[kind];
  const unknown = Object.keys(fields).filter(field => !known.has(field));
  const unnamed = unknown.map(field => `there is no field ${field}`);
  const checked = check(
    body,
    Object.fromEntries(Object.entries(fields).filter(([field, value]) => value !== null && known.has(field))),
  );
  const bad = checked.ok ? [] : checked.errors.map(({ message }) => message);
  return [...unnamed, ...bad, ...timingProblems(fields)].map(problem => `${kind} ${name}: ${problem}`);
}

function timingProblems({ schedule, timezone }: Members): string[] {
  const parsed = typeof schedule === 'string' ? parseSchedule(schedule) : undefined;
  const expression = parsed && !parsed.ok ? [`schedule: ${parsed.reason}`] : [];
  const isNoZone = typeof timezone === 'string' && resolveTimeZone(timezone) === undefined;
  return isNoZone ? [...expression, `timezone must be an IANA time zone name, not ${JSON.stringify(timezone)}`] : expression;
}

function repetitions(wanted: readonly Wanted[]): string[] {
  const seen = new Map<string, string>();
  return wanted.flatMap(({ kind, project, name, where }) => {
    const key = JSON.stringify([kind, project, name]);
    const before = seen.get(key);
    seen.set(key, where);
    return before === undefined ? [] : [`${where}: ${kind} ${name} of project ${project} is there already, ${before}`];
  });
}
