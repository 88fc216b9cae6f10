import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { clientTls } from '../dimse/tls-options.ts';
import type { RequestorTls } from '../dimse/tls-options.ts';

/** Where the audit record repository listens. */
export interface RepositoryAddress {
  readonly host: string;
  readonly port: number;
  /** Undefined: TCP in clear, for a repository on the same machine or a protected network. */
  readonly tls: RequestorTls | undefined;
}

/** Port: one connection to the repository. */
export interface RepositoryConnection {
  /** Resolves when more may be written; rejects when the connection is lost. */
  write(frames: Buffer): Promise<void>;
  /** Settles when the connection ends, from whichever side. */
  readonly ended: Promise<void>;
  /** Orderly: what is written still goes out. True when the repository has answered the end with its own. */
  end(withinMs: number): Promise<boolean>;
  destroy(): void;
}

const CONNECT_MS = 10_000;

/** @throws the system's or the TLS library's error when it cannot be had */
export async function connectRepository(
  address: RepositoryAddress,
  signal: AbortSignal,
): Promise<RepositoryConnection> {
  const { host, port, tls } = address;
  const socket = tls === undefined ? connectTcp({ host, port }) : connectTls({ host, port, ...clientTls(tls) });
  try {
    await once(socket, tls === undefined ? 'connect' : 'secureConnect', {
      signal: AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]),
    });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return new SyslogConnection(socket);
}

class SyslogConnection implements RepositoryConnection {
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  #failed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setKeepAlive(true, 10_000);
    // A program that dies with bytes unread answers with a reset.
    socket.on('error', () => (this.#failed = true));
    // A repository never speaks; its end is what is waited for.
    socket.resume();
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  async write(frames: Buffer): Promise<void> {
    if (this.#socket.destroyed) throw new Error('the connection to the audit record repository is lost');
    if (this.#socket.write(frames)) return;
    const drained = new AbortController();
    await Promise.race([once(this.#socket, 'drain', { signal: drained.signal }), this.ended]).finally(() =>
      drained.abort(),
    );
    if (this.#socket.destroyed) throw new Error('the connection to the audit record repository is lost');
  }

  async end(withinMs: number): Promise<boolean> {
    const timer = setTimeout(() => {
      this.#failed = true;
      this.#socket.destroy();
    }, withinMs);
    this.#socket.end();
    await this.ended;
    clearTimeout(timer);
    return !this.#failed;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
