import type { Context } from '../context.js';
import { Missing, UsageError } from '../errors.js';
import { contentOf } from '../fields.js';
import type { Shape } from '../output/shape.js';
import { DEFAULT_URL, originOf } from '../settings/connection.js';
import { readContexts, writeContexts, type Contexts, type ServerContext } from '../settings/context-file.js';

/** A context as it is shown: never with its token. */
interface Listed {
  readonly name: string;
  readonly url: string;
  readonly project?: string;
  readonly has_token: boolean;
  readonly current: boolean;
}

const shape: Shape<Listed> = {
  noun: 'context',
  nameOf: ({ name }) => name,
  columns: [
    { title: '', of: ({ current }) => (current ? '*' : '') },
    { title: 'NAME', of: ({ name }) => name },
    { title: 'URL', of: ({ url }) => url },
    { title: 'PROJECT', of: ({ project }) => project },
    { title: 'TOKEN', of: ({ has_token }) => (has_token ? 'kept' : '') },
  ],
};

const listed = ({ current, contexts }: Contexts): Listed[] =>
  Object.entries(contexts).map(([name, { token, ...shown }]) => ({
    name,
    ...shown,
    has_token: token !== undefined,
    current: name === current,
  }));

const listedAs = (contexts: Contexts, name: string): Listed => {
  const found = listed(contexts).find(context => context.name === name);
  if (!found) throw new Missing(`there is no context "${name}"`);
  return found;
};

export async function list(context: Context): Promise<void> {
  await context.printer.list(shape, listed(await readContexts()));
}

export async function use(context: Context, name: string): Promise<void> {
  const contexts = { ...(await readContexts()), current: name };
  const used = listedAs(contexts, name);
  await writeContexts(contexts);
  await context.printer.did('is the current one', shape, used);
}

interface SetOptions {
  readonly url?: string;
  readonly project?: string;
  readonly tokenStdin?: boolean;
  /** False for `--no-token`. */
  readonly token: boolean;
}

/** The first one becomes the current one. */
export async function set(context: Context, name: string, options: SetOptions): Promise<void> {
  const { current = name, contexts } = await readContexts();
  const before = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  const url = options.url ?? before?.url ?? DEFAULT_URL;
  const isSameServer = before !== undefined && originOf(url) === originOf(before.url);
  const token = await tokenFor(options, isSameServer ? before.token : undefined);
  const project = options.project ?? before?.project;
  const made: ServerContext = { url, ...(token === undefined ? {} : { token }), ...(project === undefined ? {} : { project }) };
  const after = { current, contexts: { ...contexts, [name]: made } };
  await writeContexts(after);
  await context.printer.did(before ? 'changed' : 'created', shape, listedAs(after, name));
}

/** A token is for the server it was given for: with another URL it is not kept on. */
async function tokenFor({ tokenStdin, token }: SetOptions, before: string | undefined): Promise<string | undefined> {
  if (tokenStdin) {
    const given = (await contentOf('-')).trim();
    if (given === '') throw new UsageError('--token-stdin: there is no token on standard input');
    return given;
  }
  return token ? before : undefined;
}

export async function remove(context: Context, name: string): Promise<void> {
  const { current, contexts } = await readContexts();
  const gone = listedAs({ contexts, ...(current === undefined ? {} : { current }) }, name);
  const { [name]: _, ...others } = contexts;
  await writeContexts({ contexts: others, ...(current === undefined || current === name ? {} : { current }) });
  await context.printer.did('deleted', shape, gone);
}
