import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { AeRow } from '../index/index-types.ts';

/** Port: where the entries are kept. */
export interface AeTable {
  aeByTitle(aet: string): Promise<AeRow | undefined>;
}

/** Addresses of a host name; a parameter for tests. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export const resolveHost: Resolve = async (host) => (await lookup(host, { all: true })).map((found) => found.address);

/** Whether an AE may call from an address: its blocks first, then its host, so that a name is resolved only when it must be. */
export async function mayCallFrom(
  entry: Pick<AeRow, 'host' | 'addresses'>,
  address: string,
  resolve: Resolve,
): Promise<boolean> {
  const plain = plainAddress(address);
  if (matches(entry.addresses, plain)) {
    return true;
  }
  return matches(isIP(entry.host) === 0 ? await resolve(entry.host) : [entry.host], plain);
}

/** Whether text is an address or a CIDR block. */
export function isAddressBlock(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  return (
    rest.length === 0 &&
    version !== 0 &&
    (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128)))
  );
}

/** `::ffff:10.0.0.7`, as a socket that listens on `::` reports an IPv4 peer, is `10.0.0.7`. */
export function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address.replace(/%.*$/, '');
}

function matches(sources: readonly string[], address: string): boolean {
  const allowed = new BlockList();
  for (const source of sources) {
    const [base = '', prefix] = plainAddress(source).split('/');
    const family = isIP(base) === 4 ? 'ipv4' : 'ipv6';
    if (!isAddressBlock(source)) {
      continue;
    }
    if (prefix === undefined) {
      allowed.addAddress(base, family);
    } else {
      allowed.addSubnet(base, Number(prefix), family);
    }
  }
  const version = isIP(address);
  return version !== 0 && allowed.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
