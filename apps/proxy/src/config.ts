/** Environment variables of the proxy when it is started alone. */
import { Type, type Static } from 'typebox';
import { check } from '#contracts';

const Url = Type.String({ pattern: '^https?://', description: 'an http or https URL' });
const Text = Type.String({ minLength: 1 });

const Environment = Type.Object({
  PORT: Type.Integer({ minimum: 0, maximum: 65_535 }),
  HOST: Text,
  COMMAND_API_URL: Url,
  QUERY_API_URL: Url,
  AUTH_JWKS_URL: Type.Optional(Url),
  AUTH_ISSUER: Type.Optional(Text),
  AUTH_AUDIENCE: Type.Optional(Text),
  AUTH_ROLES_CLAIM: Type.Optional(Text),
  TRUST_FORWARDED_TOKEN: Type.Enum(['true', 'false']),
  AMBIENT_DATA_DIR: Text,
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  CORS_ORIGINS: Type.Optional(Type.String()),
});
export type Environment = Static<typeof Environment>;

const DEFAULTS = {
  PORT: '8000',
  HOST: '127.0.0.1',
  COMMAND_API_URL: 'http://127.0.0.1:8001',
  QUERY_API_URL: 'http://127.0.0.1:8002',
  TRUST_FORWARDED_TOKEN: 'false',
  AMBIENT_DATA_DIR: './data',
  LOG_LEVEL: 'info',
};

/** The variables, checked; an empty one counts as unset. @throws Error, one line that names each bad variable */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Environment {
  const given = Object.fromEntries(Object.entries(env).filter(([, text]) => text?.trim()));
  const texts = { ...DEFAULTS, ...given };
  const checked = check(Environment, { ...texts, PORT: /^\d+$/.test(texts.PORT) ? Number(texts.PORT) : texts.PORT });
  if (!checked.ok) throw new Error(checked.errors.map(({ message }) => message).join('; '));
  const { AUTH_JWKS_URL, AUTH_ISSUER, AUTH_AUDIENCE } = checked.value;
  if (AUTH_JWKS_URL && !(AUTH_ISSUER && AUTH_AUDIENCE))
    throw new Error('AUTH_ISSUER and AUTH_AUDIENCE are required with AUTH_JWKS_URL');
  return checked.value;
}
