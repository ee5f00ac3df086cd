/** Who a request comes from. Every service uses this, and there is no mode without it. */
import { hash, timingSafeEqual } from 'node:crypto';
import { tokenOf, type CredentialHeaders } from './credential.js';
import { Unauthenticated } from './errors.js';
import { createJwtVerifier, type JwtOptions, type VerifiedJwt } from './jwt.js';
import type { Principal } from './principal.js';

/** A token that stands for a fixed principal: the administrator's of a standalone start, or one of a service. */
export interface StaticToken {
  readonly token: string;
  readonly principal: Principal;
}

export interface AuthenticatorOptions {
  readonly staticTokens: readonly StaticToken[];
  readonly jwks?: JwtOptions | undefined;
  /** Believe `X-Forwarded-Access-Token`: only behind a gateway that sets it itself. */
  readonly trustForwardedToken: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Authenticator {
  /**
   * The caller. At once for a static token and for a JWT seen lately, else after its verification.
   * Throws or rejects with Unauthenticated (401) or AuthenticationUnavailable (503).
   */
  authenticate(headers: CredentialHeaders): Principal | Promise<Principal>;
  /** The token that `authenticate` judges, for handing it on. Throws Unauthenticated when there is none. */
  tokenOf(headers: CredentialHeaders): string;
}

/** A verified JWT is believed this long, so that a key that its issuer withdrew stops working soon. */
const BELIEVED_FOR_MS = 60_000;
const BELIEVED_AT_MOST = 10_000;

/** Makes the authenticator that all services of the project share. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const known = options.staticTokens.map(({ token, principal }) => ({ secret: Buffer.from(token), principal }));
  const verify = options.jwks && createJwtVerifier(options.jwks, options.now);
  /** By digest of the token, oldest first. Only tokens that hold get in, so a flood of forged ones pushes nothing out. */
  const believed = new Map<string, VerifiedJwt & { readonly until: number }>();

  const remember = (key: string, jwt: VerifiedJwt): Principal => {
    const [oldest] = believed.keys();
    if (oldest !== undefined && believed.size >= BELIEVED_AT_MOST) believed.delete(oldest);
    believed.set(key, { ...jwt, until: Math.min(jwt.expiresAt, options.now() + BELIEVED_FOR_MS) });
    return jwt.principal;
  };

  return {
    tokenOf: headers => tokenOf(headers, options.trustForwardedToken),

    authenticate(headers) {
      const token = tokenOf(headers, options.trustForwardedToken);
      const given = Buffer.from(token);
      // No early exit: how long it takes tells nothing about which token was near, only which has that length.
      let match: Principal | undefined;
      for (const { secret, principal } of known)
        if (secret.length === given.length && timingSafeEqual(secret, given)) match = principal;
      if (match) return match;
      if (!verify) throw new Unauthenticated('the token is not known', 'invalid_token');

      const key = hash('sha256', given, 'base64');
      const jwt = believed.get(key);
      if (jwt && options.now() < jwt.until) return jwt.principal;
      believed.delete(key);
      return verify(token).then(verified => remember(key, verified));
    },
  };
}
