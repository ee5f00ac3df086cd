/** Access tokens of an OpenID provider: JWTs that only the configured key set may vouch for. */
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { ROLES, type RoleId } from '#contracts';
import { AuthenticationUnavailable, Unauthenticated } from './errors.js';
import type { Principal } from './principal.js';

/** Asymmetric only: with an HMAC among them, the public key could be used to sign. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const LEEWAY_S = 30;
const MAX_USER_NAME = 255;

export interface JwtOptions {
  /** The only place keys come from; `jku`, `x5u` and `jwk` of a token are ignored. */
  readonly url: string;
  readonly issuer: string;
  readonly audience: string;
  /** Claim with role names, an array or separated by spaces; names that are no role are ignored. */
  readonly rolesClaim?: string | undefined;
  /** A key set older than this is fetched again before it is used. Default 10 minutes. */
  readonly cacheMaxAgeMs?: number;
  /** An unknown key id fetches the key set at most this often. Default 30 s. */
  readonly cooldownMs?: number;
  /** Default 5 s. */
  readonly fetchTimeoutMs?: number;
}

/** A token that holds. */
export interface VerifiedJwt {
  readonly principal: Principal;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Makes the check of a JWT: signature, issuer, audience, `exp`, `nbf`, and the user's name.
 * It rejects with Unauthenticated or AuthenticationUnavailable.
 * @param now milliseconds since 1970
 */
export function createJwtVerifier(options: JwtOptions, now: () => number): (token: string) => Promise<VerifiedJwt> {
  const keys = keySetOf(options);
  return async token => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: options.issuer,
        audience: options.audience,
        algorithms: ALGORITHMS,
        clockTolerance: LEEWAY_S,
        requiredClaims: ['exp'],
        currentDate: new Date(now()),
      });
      const principal: Principal = { id: userOf(payload), kind: 'user', roles: rolesOfClaim(payload, options.rolesClaim) };
      return { principal, expiresAt: (payload.exp ?? 0) * 1000 };
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new Unauthenticated(reasonOf(error), 'invalid_token');
      throw error;
    }
  };
}

/** The remote key set, with everything that is no answer about the key told apart: it says nothing against the token. */
function keySetOf(options: JwtOptions): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(options.url), {
    cacheMaxAge: options.cacheMaxAgeMs ?? 600_000,
    cooldownDuration: options.cooldownMs ?? 30_000,
    timeoutDuration: options.fetchTimeoutMs ?? 5_000,
  });
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      if (error instanceof errors.JOSENotSupported) throw error;
      throw new AuthenticationUnavailable('the key set of AUTH_JWKS_URL can not be fetched', { cause: error });
    }
  };
}

/** What was wrong, in our own words: messages of the library may repeat what the token says. */
function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'nbf' ? 'the token is not valid yet' : `the claim ${error.claim} of the token is not the one required`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the algorithm of the token is not allowed';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the token is signed with an unknown key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the token does not hold';
  return 'the token is not a valid one';
}

function userOf(payload: JWTPayload): string {
  const name = [payload['username'], payload['preferred_username'], payload.sub].find(
    claim => typeof claim === 'string' && claim !== '',
  );
  // The name goes into headers and logs, so a line break in it would be an injection.
  if (typeof name === 'string' && name.length <= MAX_USER_NAME && !/\p{Cc}/u.test(name)) return name;
  throw new Unauthenticated('the token must name its user in username, preferred_username or sub', 'invalid_token');
}

function rolesOfClaim(payload: JWTPayload, claim: string | undefined): RoleId[] {
  const value = claim !== undefined && Object.hasOwn(payload, claim) ? payload[claim] : [];
  const names: unknown = typeof value === 'string' ? value.split(' ') : value;
  return Array.isArray(names) ? ROLES.filter(role => names.includes(role)) : [];
}
