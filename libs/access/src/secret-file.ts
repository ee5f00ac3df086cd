import { constants } from 'node:fs';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomUUID } from 'node:crypto';

/** A secret kept in a file; `created` when this call made it. */
export interface SecretFile {
  readonly secret: string;
  readonly created: boolean;
}

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/**
 * The secret in the file, made by `make` when there is none yet. The file is complete or absent whatever crashes, processes that start
 * at once agree on one secret, and no one but its owner may read it: wider permissions are tightened.
 */
export async function loadOrCreateSecretFile(path: string, make: () => string): Promise<SecretFile> {
  const present = await readSecret(path);
  if (present !== undefined) return { secret: present, created: false };

  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const created = await publish(path, make());
  const secret = await readSecret(path);
  if (secret === undefined) throw new Error(`${path} vanished while it was being made`);
  return { secret, created };
}

async function readSecret(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY).catch(unless('ENOENT'));
  if (!file) return undefined;
  try {
    if (((await file.stat()).mode & OTHERS) !== 0) await file.chmod(OWNER_ONLY);
    const secret = (await file.readFile('utf8')).trim();
    if (secret === '') throw new Error(`${path} is empty: remove it, and the next start makes a new secret`);
    return secret;
  } finally {
    await file.close();
  }
}

/** Links a finished file into place, which, unlike a rename, never replaces the one of a faster process. */
async function publish(path: string, secret: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(`${secret}\n`);
    await file.sync();
    await file.close();
    const linked = await link(draft, path).then(() => true, unless('EEXIST'));
    await syncFolder(dirname(path));
    return linked === true;
  } finally {
    await unlink(draft);
  }
}

/** Without it a power cut may lose the name although the content is on the disk. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const unless =
  (code: string) =>
  (error: unknown): undefined => {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
  };
