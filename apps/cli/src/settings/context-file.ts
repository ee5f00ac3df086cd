/** The servers that a person works with, by name: a file in their configuration folder that no one else may read. */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from '../errors.js';

export interface ServerContext {
  readonly url: string;
  readonly token?: string;
  /** The project that is meant where none is named. */
  readonly project?: string;
}

export interface Contexts {
  readonly current?: string;
  readonly contexts: Readonly<Record<string, ServerContext>>;
}

const NONE: Contexts = { contexts: {} };

/** Where it is, by the XDG base directory specification. */
export function contextPath(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'ambientctl', 'contexts.json');
}

export async function readContexts(path = contextPath()): Promise<Contexts> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NONE;
    throw error;
  }
  try {
    return { ...NONE, ...(JSON.parse(text) as Contexts) };
  } catch {
    throw new UsageError(`${path} is not JSON: mend or remove it`);
  }
}

/** The file is there as a whole or as it was before, whatever crashes. */
export async function writeContexts(contexts: Contexts, path = contextPath()): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  const file = await open(draft, 'w', 0o600);
  try {
    // Also of a draft that was left behind with other permissions.
    await file.chmod(0o600);
    await file.writeFile(`${JSON.stringify(contexts, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
