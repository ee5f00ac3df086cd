/** Answer 401: the request carries no credentials, or none that hold. Neither text ever contains the token. */
export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated';
  /** Value of the `WWW-Authenticate` header (RFC 6750, section 3). */
  readonly challenge: string;

  /**
   * @param reason what was wrong and what would be right
   * @param code the error code of RFC 6750, section 3.1; none where the request carries no credentials at all
   */
  constructor(
    readonly reason: string,
    code?: 'invalid_request' | 'invalid_token',
  ) {
    super(reason);
    this.challenge = code ? `Bearer realm="ambient", error="${code}", error_description="${reason}"` : 'Bearer realm="ambient"';
  }
}

/** Answer 503: the token can't be judged now, because the issuer's keys can't be fetched and none usable is cached. */
export class AuthenticationUnavailable extends Error {
  override readonly name = 'AuthenticationUnavailable';
}
