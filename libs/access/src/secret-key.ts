import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { loadOrCreateSecretFile } from './secret-file.js';
import type { Environment } from './standalone-token.js';

const FILE = 'secret-key';
const KEY_BYTES = 32;

/**
 * The key that seals values: `AMBIENT_SECRET_KEY`, else 32 bytes made once and kept in the data folder. Whoever loses it loses the
 * sealed values.
 * @throws Error that names the variable or the file when what it holds is no key
 */
export async function loadSecretKey(dataDir: string, env: Environment): Promise<{ key: Uint8Array; created: boolean }> {
  const given = env['AMBIENT_SECRET_KEY'];
  if (given !== undefined) return { key: decode(given, 'AMBIENT_SECRET_KEY'), created: false };
  const path = join(dataDir, FILE);
  const { secret, created } = await loadOrCreateSecretFile(path, () => randomBytes(KEY_BYTES).toString('base64'));
  return { key: decode(secret, path), created };
}

function decode(text: string, where: string): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  // Node reads both alphabets of base64.
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return Buffer.from(text, 'base64');
  throw new Error(`${where} must hold ${KEY_BYTES} bytes, as base64 or as 64 hexadecimal digits`);
}
