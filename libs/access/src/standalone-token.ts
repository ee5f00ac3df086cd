import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isBearerToken } from './credential.js';
import { loadOrCreateSecretFile } from './secret-file.js';

const FILE = 'admin-token';
const MIN_LENGTH = 16;

/** The environment, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The administrator's token of a standalone start: `AMBIENT_TOKEN`, else one of 256 bits, made once and kept in the data folder.
 * `created` says that it was made just now, so that it is shown.
 * @throws Error that names the variable or the file when what it holds can't be a token
 */
export async function loadStandaloneToken(dataDir: string, env: Environment): Promise<{ token: string; created: boolean }> {
  const given = env['AMBIENT_TOKEN'];
  if (given !== undefined) return { token: checked(given, 'AMBIENT_TOKEN'), created: false };
  const path = join(dataDir, FILE);
  const { secret, created } = await loadOrCreateSecretFile(path, () => `ambient_${randomBytes(32).toString('base64url')}`);
  return { token: checked(secret, path), created };
}

function checked(token: string, where: string): string {
  if (token.length >= MIN_LENGTH && isBearerToken(token)) return token;
  throw new Error(`${where} must hold at least ${MIN_LENGTH} characters out of letters, digits and -._~+/`);
}
