/** Which server a command talks to, with which token, and in which project. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { Contexts, ServerContext } from './context-file.js';

export const DEFAULT_URL = 'http://localhost:8000';

export interface Connection {
  readonly url: string;
  readonly token: string | undefined;
  readonly project: string | undefined;
}

/** What the command line says. */
export interface ConnectionFlags {
  readonly context?: string | undefined;
  readonly url?: string | undefined;
  readonly project?: string | undefined;
}

/**
 * Flags go before the environment, the environment before the current context; a context that is named by `--context` goes before the
 * environment. A token goes only to the server it was kept for: that of a context to the context's origin, that of the data folder to
 * this machine.
 */
export async function connectionOf(flags: ConnectionFlags, env: NodeJS.ProcessEnv, contexts: Contexts): Promise<Connection> {
  const named = flags.context ?? (env['AMBIENT_CONTEXT'] || undefined);
  const context = contextOf(contexts, named ?? contexts.current, named !== undefined);
  const fromEnvironment = (name: string): string | undefined => env[name]?.trim() || undefined;
  const before = <T>(ofContext: T | undefined, ofEnvironment: T | undefined): T | undefined =>
    named === undefined ? (ofEnvironment ?? ofContext) : (ofContext ?? ofEnvironment);

  const url = flags.url ?? before(context?.url, fromEnvironment('AMBIENT_API_URL')) ?? DEFAULT_URL;
  const origin = originOf(url);
  const own = context && originOf(context.url) === origin ? context : undefined;
  return {
    url,
    token:
      before(own?.token, fromEnvironment('AMBIENT_TOKEN')) ?? (isThisMachine(origin) ? await standaloneToken(env) : undefined),
    project: flags.project ?? before(own?.project, fromEnvironment('AMBIENT_PROJECT')),
  };
}

function contextOf({ contexts }: Contexts, name: string | undefined, isNamed: boolean): ServerContext | undefined {
  if (name === undefined) return undefined;
  const context = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (!context && isNamed) throw new UsageError(`there is no context "${name}": ambientctl context list shows those there are`);
  return context;
}

/** @throws {UsageError} */
export function originOf(url: string): string {
  const parsed = URL.parse(url);
  if (parsed && /^https?:$/.test(parsed.protocol)) return parsed.origin;
  throw new UsageError(`"${url}" is no http or https URL`);
}

const isThisMachine = (origin: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(origin).hostname);

/** The administrator's, as a standalone start keeps it. */
async function standaloneToken(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = join(env['AMBIENT_DATA_DIR'] || './data', 'admin-token');
  return readFile(path, 'utf8').then(
    text => text.trim() || undefined,
    () => undefined,
  );
}
