import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/**
 * Bytes that the kernel holds of this socket because the peer has not confirmed them, from /proc/net/tcp: syslog over TCP has no answers
 * of its own (RFC 6587 3), this is the nearest there is. Undefined when it cannot be told.
 */
export function unconfirmedBytes(socket: Socket): number | undefined {
  const { localPort, remotePort, remoteFamily } = socket;
  if (localPort === undefined || remotePort === undefined) return undefined;
  try {
    const table = readFileSync(remoteFamily === 'IPv6' ? '/proc/net/tcp6' : '/proc/net/tcp', 'utf8');
    return sendQueueOf(table, localPort, remotePort);
  } catch {
    return undefined;
  }
}

/** The send queue of the connection between two ports, in a table in the form of /proc/net/tcp. */
export function sendQueueOf(table: string, localPort: number, remotePort: number): number | undefined {
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', remote = '', , queues = ''] = line.trim().split(/\s+/);
    if (portOf(local) === localPort && portOf(remote) === remotePort)
      return Number.parseInt(queues.split(':')[0] ?? '', 16);
  }
  return undefined;
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}
