/** Sealing of secret values: what is stored, sent or shown holds them sealed only. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

const PREFIX = 'sealed:v1:';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MASK = '***';

/** A value can't be opened: it was changed, or sealed under another key. The message holds nothing of it. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

export interface Sealer {
  /** `sealed:v1:` and base64url of nonce, ciphertext and tag. Equal values seal equally; what looks sealed is sealed again. */
  seal(plain: string): string;
  /** @throws SealBroken */
  open(sealed: string): string;
  /** Each value of a JSON object of strings sealed; the names stay readable. @throws TypeError when it is none */
  sealEnvironment(jsonText: string): string;
  /** The reverse of sealEnvironment. @throws SealBroken, or TypeError when it is no JSON object of strings */
  openEnvironment(jsonText: string): string;
}

/**
 * AES-256-GCM whose nonce is a keyed hash of the value. A nonce then comes twice only with the same value, where it reveals no more than
 * that the two are equal, and a repeated command finds nothing changed.
 * @param key 32 bytes
 */
export function createSealer(key: Uint8Array): Sealer {
  if (key.length !== KEY_BYTES) throw new RangeError(`a sealing key has ${KEY_BYTES} bytes, not ${key.length}`);
  const subkey = (purpose: string) => Buffer.from(hkdfSync('sha256', key, '', `ambient ${PREFIX}${purpose}`, KEY_BYTES));
  const encryptionKey = subkey('encryption');
  const nonceKey = subkey('nonce');

  const seal = (plain: string): string => {
    const nonce = createHmac('sha256', nonceKey).update(plain, 'utf8').digest().subarray(0, NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, encryptionKey, nonce, { authTagLength: TAG_BYTES });
    const parts = [nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return PREFIX + Buffer.concat(parts).toString('base64url');
  };

  const open = (sealed: string): string => {
    if (!isSealed(sealed)) throw new SealBroken(`a sealed value has the form ${PREFIX}<base64url>`);
    const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
    const decipher = createDecipheriv(CIPHER, encryptionKey, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
    } catch {
      throw new SealBroken('a sealed value was changed, or sealed under another AMBIENT_SECRET_KEY');
    }
  };

  return {
    seal,
    open,
    sealEnvironment: jsonText => mapEnvironment(jsonText, seal),
    openEnvironment: jsonText => mapEnvironment(jsonText, open),
  };
}

/** True when the text has the form of a sealed value. It says nothing about who sealed it. */
export const isSealed = (text: string): boolean =>
  text.startsWith(PREFIX) &&
  /^[A-Za-z0-9_-]+$/.test(text.slice(PREFIX.length)) &&
  Buffer.byteLength(text.slice(PREFIX.length), 'base64url') >= NONCE_BYTES + TAG_BYTES;

/** Each value of a JSON object of strings as `***`, for callers who may see which variables there are, not what they hold. */
export const maskEnvironment = (jsonText: string): string => mapEnvironment(jsonText, () => MASK);

function mapEnvironment(jsonText: string, change: (value: string) => string): string {
  return JSON.stringify(Object.fromEntries(entriesOf(jsonText).map(([name, value]) => [name, change(value)])));
}

function entriesOf(jsonText: string): [string, string][] {
  const parsed = parse(jsonText);
  const entries = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? Object.entries(parsed) : undefined;
  if (!entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
    throw new TypeError('environment variables must be a JSON object of strings, as text');
  }
  return entries;
}

/** The parser's own message would repeat the text. */
function parse(jsonText: string): unknown {
  try {
    return JSON.parse(jsonText);
  } catch {
    return undefined;
  }
}
