/** Which addresses a runner may have, whatever a name resolves to. */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Link-local addresses, where clouds have their metadata services, and the ways to write an IPv4 one as IPv6: mapped ones are taken for
 * what they are, these are compatible ones, NAT64 (RFC 6052) and 6to4 (RFC 3056).
 */
const NEVER: readonly (readonly [string, number])[] = [
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['::a9fe:0', 112],
  ['64:ff9b::a9fe:0', 112],
  ['2002:a9fe::', 32],
];

export class AddressRanges {
  readonly #never = new BlockList();
  readonly #allowed = new BlockList();
  readonly isEmpty: boolean;

  /**
   * @param cidrs `10.0.0.0/8` or `fd00::/8`; with none, all addresses but link-local ones are allowed
   * @throws Error that names the first that is none
   */
  constructor(cidrs: readonly string[]) {
    this.isEmpty = cidrs.length === 0;
    for (const [network, prefix] of NEVER) this.#never.addSubnet(network, prefix, familyOf(network));
    for (const cidr of cidrs) this.#allow(cidr);
  }

  /** @param address as a resolver or a URL gives it */
  allows(address: string): boolean {
    const plain = plainAddress(address);
    if (plain === undefined || this.#never.check(plain, familyOf(plain))) return false;
    return this.isEmpty || this.#allowed.check(plain, familyOf(plain));
  }

  #allow(cidr: string): void {
    const [, network = '', digits = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(cidr) ?? [];
    const prefix = Number(digits);
    const bits = isIP(network) === 4 ? 32 : 128;
    if (isIP(network) === 0 || digits === '' || prefix > bits)
      throw new Error(`RUNNER_ALLOWED_CIDRS: ${cidr} is no range like 10.0.0.0/8`);
    this.#allowed.addSubnet(network, prefix, familyOf(network));
  }
}

/**
 * Resolves a name once, for the connection that is made to the very address that was judged: between a check and a second question the
 * answer could change.
 * @param resolve the system's resolver, unless a test has its own
 */
export function guardedLookup(ranges: AddressRanges, resolve: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return callback(error, '');
      const allowed = found.filter(({ address }) => ranges.allows(address));
      const [first] = allowed;
      if (!first) return callback(new Error(`${hostname} has no address that is allowed`), '');
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

/** IPv4 for an IPv4-mapped IPv6 address; undefined for what is no address, or one with a zone. */
function plainAddress(address: string): string | undefined {
  if (isIP(address) === 4) return address;
  if (isIP(address) !== 6 || address.includes('%')) return undefined;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  return [high, low].flatMap(part => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255]).join('.');
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');
