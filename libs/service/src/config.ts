/** Configuration: environment variables, checked at start. A bad value stops the start with one line that names it. */
import Type, { type Static, type TSchema } from 'typebox';
import { check } from '#contracts';

const Port = Type.Integer({ minimum: 0, maximum: 65_535 });
const Url = Type.String({ pattern: '^https?://', description: 'an http or https URL' });
const MaybeUrl = Type.Optional(Url);

/** Every variable there is. `.env.example` explains them. */
export const Environment = Type.Object({
  PORT: Port,
  COMMAND_API_PORT: Port,
  QUERY_API_PORT: Port,
  SCHEDULER_PORT: Port,
  SCHEDULER_SHARDS: Type.Integer({ minimum: 1, maximum: 64 }),
  SCHEDULER_SNAPSHOT_DIR: Type.Optional(Type.String({ minLength: 1 })),
  HOST: Type.String({ minLength: 1 }),
  AMBIENT_DATA_DIR: Type.String({ minLength: 1 }),
  COMMAND_API_URL: MaybeUrl,
  QUERY_API_URL: MaybeUrl,
  AMBIENT_TOKEN: Type.Optional(Type.String()),
  AMBIENT_SECRET_KEY: Type.Optional(Type.String()),
  AUTH_JWKS_URL: MaybeUrl,
  AUTH_ISSUER: Type.Optional(Type.String({ minLength: 1 })),
  AUTH_AUDIENCE: Type.Optional(Type.String({ minLength: 1 })),
  AUTH_ROLES_CLAIM: Type.Optional(Type.String({ minLength: 1 })),
  TRUST_FORWARDED_TOKEN: Type.Boolean(),
  AMBIENT_RUNTIME_COMMAND: Type.Optional(Type.String({ minLength: 1 })),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  CORS_ORIGINS: Type.Optional(Type.String()),
  BACKEND_URL: MaybeUrl,
  BACKEND_TOKEN: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9\\-._~+/]+=*$', description: 'a token as Bearer takes it' })),
  PROXY_MAX_CONNECTIONS: Type.Integer({ minimum: 1 }),
  PROXY_CALLER_RATE: Type.Integer({ minimum: 0 }),
  PROXY_CALLBACK_RATE: Type.Integer({ minimum: 0 }),
  PROXY_FAILURE_RATE: Type.Integer({ minimum: 0 }),
  AMBIENT_RUNTIME_INPUT: Type.Enum(['prompt', 'open']),
  RUNNER_HOST: Type.String({ minLength: 1 }),
  RUNNER_PORT: Port,
  RUNNER_URL_TEMPLATE: Type.Optional(Type.String({ minLength: 1 })),
  RUNNER_ALLOWED_CIDRS: Type.Optional(Type.String()),
  RUNNER_TOKEN_KEY: Type.Optional(Type.String({ minLength: 32 })),
  STAGED_FILES_DIR: Type.Optional(Type.String({ minLength: 1 })),
  AMBIENT_RUNTIME_TOKEN: Type.Optional(Type.String({ minLength: 16 })),
  AMBIENT_PROXY_TOKEN: Type.Optional(Type.String({ minLength: 16 })),
  AUDIT_RETENTION_DAYS: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 })),
  EVENT_STORE_URL: Type.Optional(
    Type.String({ pattern: '^(kurrentdb|esdb)(\\+discover)?://', description: 'a kurrentdb:// or esdb:// URL' }),
  ),
  READ_STORE_URL: Type.Optional(Type.String({ pattern: '^mongodb(\\+srv)?://', description: 'a mongodb:// URL' })),
  NATS_URL: Type.Optional(Type.String({ pattern: '^(nats|tls)://', description: 'a nats:// or tls:// URL' })),
  NATS_CREDS_FILE: Type.Optional(Type.String({ minLength: 1 })),
  NATS_NKEY_FILE: Type.Optional(Type.String({ minLength: 1 })),
  NATS_CA_FILE: Type.Optional(Type.String({ minLength: 1 })),
  NATS_CERT_FILE: Type.Optional(Type.String({ minLength: 1 })),
  NATS_KEY_FILE: Type.Optional(Type.String({ minLength: 1 })),
});
export type Environment = Static<typeof Environment>;

const DEFAULTS: Readonly<Record<string, string>> = {
  PORT: '8000',
  COMMAND_API_PORT: '8001',
  QUERY_API_PORT: '8002',
  SCHEDULER_PORT: '8003',
  SCHEDULER_SHARDS: '1',
  HOST: '127.0.0.1',
  AMBIENT_DATA_DIR: './data',
  TRUST_FORWARDED_TOKEN: 'false',
  LOG_LEVEL: 'info',
  AMBIENT_RUNTIME_INPUT: 'prompt',
  RUNNER_HOST: '127.0.0.1',
  RUNNER_PORT: '0',
  PROXY_MAX_CONNECTIONS: '10000',
  PROXY_CALLER_RATE: '0',
  PROXY_CALLBACK_RATE: '10',
  PROXY_FAILURE_RATE: '100',
};

/** What is wrong with the configuration, in one line. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** @throws {ConfigurationError} */
export function loadEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries<TSchema>(Environment.properties)) {
    const text = env[name]?.trim() || DEFAULTS[name];
    if (text !== undefined) values[name] = typed(text, schema);
  }
  const checked = check(Environment, values);
  if (!checked.ok) throw new ConfigurationError(checked.errors.map(({ message }) => message).join('; '));
  const environment = checked.value;
  if (environment.AUTH_JWKS_URL && !(environment.AUTH_ISSUER && environment.AUTH_AUDIENCE)) {
    throw new ConfigurationError('AUTH_ISSUER and AUTH_AUDIENCE are required with AUTH_JWKS_URL');
  }
  return environment;
}

function typed(text: string, schema: TSchema): unknown {
  const type = 'type' in schema ? schema.type : undefined;
  if (type === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

/** What a process needs that shares its data with others: nothing that it could make up for itself. */
export function requireVariables<N extends keyof Environment>(
  environment: Environment,
  names: readonly N[],
): Environment & { readonly [K in N]-?: NonNullable<Environment[K]> } {
  const missing = names.filter(name => environment[name] === undefined);
  if (missing.length > 0) throw new ConfigurationError(`${missing.join(', ')} must be set for a service that is started alone`);
  return environment as Environment & { readonly [K in N]-?: NonNullable<Environment[K]> };
}

/** Origins of CORS_ORIGINS, a comma list. */
export const corsOriginsOf = ({ CORS_ORIGINS }: Environment): string[] =>
  (CORS_ORIGINS ?? '')
    .split(',')
    .map(origin => origin.trim())
    .filter(Boolean);
