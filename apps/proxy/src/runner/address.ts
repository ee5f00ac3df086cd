/** From the configured template and a session to the address of its runner. */
import { isIP } from 'node:net';
import type { AddressRanges } from './ranges.js';
import type { SessionPlace } from './sessions.js';

export interface RunnerAddress {
  readonly origin: string;
  /** Before each path of the protocol; no slash at its end. */
  readonly basePath: string;
}

/** No runner of the session can have an address. The message says why. */
export class NoAddress extends Error {
  override readonly name = 'NoAddress';
}

const PLACEHOLDER = /\{([^{}]*)\}/g;
/** RFC 1123: what can stand between the dots of a host name. */
const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const SAMPLE = { session_id: '2xKpQ7', namespace: 'sessions' };

export class RunnerAddresses {
  private constructor(
    private readonly template: string,
    private readonly ranges: AddressRanges,
  ) {}

  /** @throws Error that says, in one line, what is wrong with the template */
  static of(template: string, ranges: AddressRanges): RunnerAddresses {
    for (const [text, name] of template.matchAll(PLACEHOLDER)) {
      if (name !== 'session_id' && name !== 'namespace')
        throw wrong(`${text} is unknown: it may hold {session_id} and {namespace}`);
    }
    const filled = fill(template, SAMPLE);
    if (/[{}]/.test(filled) || !URL.canParse(filled)) throw wrong('it must be a URL');
    const { protocol, username, password, search, hash } = new URL(filled);
    if (protocol !== 'http:' && protocol !== 'https:') throw wrong('it must be an http or https URL');
    if (username + password + search + hash !== '' || /[?#]/.test(filled))
      throw wrong('it must have no credentials, query or fragment');
    const addresses = new RunnerAddresses(template, ranges);
    if (!addresses.isFixed && ranges.isEmpty) {
      throw new Error('RUNNER_ALLOWED_CIDRS is required: the host of RUNNER_URL_TEMPLATE depends on the session');
    }
    return addresses;
  }

  /** The host is the same for each session. */
  get isFixed(): boolean {
    const [, host = ''] = /^\w+:\/\/([^/]*)/.exec(this.template) ?? [];
    return !host.includes('{');
  }

  /** @throws NoAddress */
  of({ id, namespace }: SessionPlace): RunnerAddress {
    if (!DNS_LABEL.test(id.toLowerCase())) throw new NoAddress('the id of the session is no part of a host name');
    const wanted = this.template.includes('{namespace}');
    if (wanted && (namespace === undefined || !DNS_LABEL.test(namespace))) {
      throw new NoAddress('the runtime has reported no namespace that is a DNS label');
    }
    const { origin, hostname, pathname } = new URL(fill(this.template, { session_id: id, namespace: namespace ?? '' }));
    const literal = hostname.replace(/^\[|\]$/g, '');
    // A host that is an address is resolved by nobody, so it is judged here.
    if (isIP(literal) !== 0 && !this.ranges.allows(literal))
      throw new NoAddress('the address of the runner is not an allowed one');
    return { origin, basePath: pathname.replace(/\/+$/, '') };
  }
}

const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(PLACEHOLDER, (_, name: string) => values[name] ?? '');

const wrong = (reason: string): Error => new Error(`RUNNER_URL_TEMPLATE: ${reason}`);
