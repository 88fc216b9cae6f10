import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Whether an address or host name can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') {
    return true;
  }
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  // A socket that listens on :: reports IPv4 peers as ::ffff:a.b.c.d; BlockList matches these against the IPv4 rules.
  return (isIPv4(host) && loopback.check(host, 'ipv4')) || (isIPv6(host) && loopback.check(host, 'ipv6'));
}
