import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { errorCode } from '../core/errors.ts';
import { AcceptingSession } from './accepting-session.ts';
import type { AssociationEvents, SuspiciousKind } from './association-events.ts';
import type { AssociationLimits, AssociationTimeouts } from './association-limits.ts';
import type { AssociationPolicy, PeerAddress } from './association-policy.ts';
import { ConnectionClosedError } from './association-errors.ts';
import { PeerCounts } from './peer-counts.ts';
import type { ServiceHandlers } from './service-handlers.ts';
import { peerTls, serverTls, type TlsOptions } from './tls-options.ts';
import { tlsRefusal, type TlsRefusedError } from './tls-refusal.ts';
import { Countdown } from './ul/countdown.ts';
import { readInPlace } from './ul/received-bytes.ts';

export interface AcceptorOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly tls?: TlsOptions | undefined;
  /** Announced: the longest P-DATA-TF variable field that peers may send, in bytes. */
  readonly maxPduLength: number;
  readonly limits: AssociationLimits;
  readonly timeouts: AssociationTimeouts;
  readonly policy: AssociationPolicy;
  readonly handlers: ServiceHandlers;
  readonly events: AssociationEvents;
}

/** Listens for peers. Owns every connection from TCP accept until its socket is gone. */
export class Acceptor {
  readonly #o: AcceptorOptions;
  readonly #server: Server;
  readonly #sessions = new Set<AcceptingSession>();
  /** TLS handshakes under way, by remote address and port. */
  readonly #handshakes = new Map<string, Handshake>();
  /** Those that have ended, too: a certificate that is not verified is told after the socket is gone. */
  readonly #handshakeOf = new WeakMap<Socket, Handshake>();
  readonly #connections: PeerCounts;
  readonly #associations: PeerCounts;
  #nextId = 1;
  #whenEmpty: (() => void) | undefined;

  constructor(o: AcceptorOptions) {
    this.#o = o;
    const { maxAssociations, maxAssociationsPerPeer } = o.limits;
    this.#associations = new PeerCounts(maxAssociations, maxAssociationsPerPeer);
    // Room for those that wait to be told 2/3/2 (local limit exceeded), or that are closing; beyond it connections are cut.
    this.#connections = new PeerCounts(2 * maxAssociations + 16, 2 * maxAssociationsPerPeer + 16);
    // Half open: a response to a peer that has ended its side still goes out.
    const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, allowHalfOpen: true };
    if (o.tls === undefined) {
      this.#server = createServer(socketOptions, (socket) => this.#accept(readInPlace(socket), o.timeouts.artim));
    } else {
      // Our own timer bounds the handshake together with what follows it.
      const server = createTlsServer({
        ...socketOptions,
        ...serverTls(o.tls),
        handshakeTimeout: o.timeouts.artim + 1000,
      });
      server.on('connection', (socket: Socket) => this.#handshake(socket));
      server.on('secureConnection', (socket) => this.#secured(socket));
      server.on('tlsClientError', (error, socket) => this.#handshakeFailed(socket, error));
      this.#server = server;
    }
  }

  /** Resolves with the address listened on. */
  listen(): Promise<{ host: string; port: number }> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: this.#o.host, port: this.#o.port, backlog: 511 }, () => {
        this.#server.off('error', reject);
        // EMFILE and the like: the connection is lost, the listener stays.
        this.#server.on('error', () => {});
        const { address, port } = this.#server.address() as AddressInfo;
        resolve({ host: address, port });
      });
    });
  }

  /** Number of associations that are established or being negotiated. */
  associations(): number {
    return this.#associations.total;
  }

  /** Number of transport connections, closing ones included. */
  connections(): number {
    return this.#connections.total;
  }

  /** Stops listening, lets running operations finish for `graceMs`, then cuts what is left. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const grace = new Countdown(() => this.#destroyAll());
    grace.start(graceMs);
    for (const handshake of this.#handshakes.values()) handshake.socket.destroy();
    for (const session of this.#sessions) void session.shutDown();
    if (this.#sessions.size > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    await closed;
    grace.stop();
  }

  #destroyAll(): void {
    for (const session of this.#sessions) session.destroy();
    for (const handshake of this.#handshakes.values()) handshake.socket.destroy();
  }

  #accept(socket: Socket, artimMs: number): void {
    const peer = peerOf(socket);
    if (!this.#connections.add(peer.address)) {
      socket.destroy();
      return;
    }
    this.#session(socket, peer, artimMs);
  }

  #session(socket: Socket, peer: PeerAddress, artimMs: number): void {
    const { policy, handlers, events, limits, timeouts, maxPduLength } = this.#o;
    const session: AcceptingSession = new AcceptingSession({
      id: this.#nextId++,
      socket,
      peer,
      artimMs,
      maxPduLength,
      limits,
      timeouts,
      policy,
      handlers,
      events,
      hasRoom: () => this.#associations.hasRoom(peer.address),
      entered: () => this.#associations.add(peer.address),
      left: () => this.#associations.remove(peer.address),
      closed: () => {
        this.#connections.remove(peer.address);
        this.#sessions.delete(session);
        if (this.#sessions.size === 0) this.#whenEmpty?.();
      },
    });
    this.#sessions.add(session);
  }

  #handshake(socket: Socket): void {
    const peer = peerOf(socket);
    if (!this.#connections.add(peer.address)) {
      socket.destroy();
      return;
    }
    const key = keyOf(socket);
    const handshake: Handshake = {
      socket,
      peer,
      startedAt: performance.now(),
      timer: new Countdown(() => socket.destroy()),
      refusal: undefined,
    };
    handshake.timer.start(this.#o.timeouts.artim);
    this.#handshakes.set(key, handshake);
    this.#handshakeOf.set(socket, handshake);
    socket.on('close', () => {
      handshake.timer.stop();
      if (!this.#handshakes.delete(key)) return;
      this.#connections.remove(peer.address);
      setImmediate(() => {
        const cause = handshake.refusal ?? new ConnectionClosedError('the TLS handshake was not completed');
        this.#o.events.dropped(peer, 'closed', cause);
      });
    });
  }

  #secured(socket: TLSSocket): void {
    const key = keyOf(socket);
    const handshake = this.#handshakes.get(key);
    if (handshake === undefined) {
      socket.destroy();
      return;
    }
    handshake.timer.stop();
    this.#handshakes.delete(key);
    const artimMs = Math.max(1, this.#o.timeouts.artim - (performance.now() - handshake.startedAt));
    this.#session(socket, { ...handshake.peer, tls: peerTls(socket) }, artimMs);
  }

  #handshakeFailed(socket: TLSSocket, error: Error): void {
    const handshake = this.#handshakes.get(keyOf(socket)) ?? this.#handshakeOf.get(rawOf(socket) ?? socket);
    if (handshake !== undefined) {
      const clear = NOT_TLS[errorCode(error)];
      if (clear === undefined) handshake.refusal = tlsRefusal(error, socket.authorizationError);
      else this.#o.events.suspicious(handshake.peer, clear);
      handshake.socket.destroy();
    }
    socket.destroy();
  }
}

// What OpenSSL says of first bytes that are no TLS record.
const NOT_TLS: Readonly<Record<string, SuspiciousKind>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: 'clear',
  ERR_SSL_HTTP_REQUEST: 'http',
};

interface Handshake {
  readonly socket: Socket;
  readonly peer: PeerAddress;
  readonly startedAt: number;
  readonly timer: Countdown;
  refusal: TlsRefusedError | undefined;
}

function peerOf(socket: Socket): PeerAddress {
  // An IPv4 peer on a dual-stack listener.
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  return { address, port: socket.remotePort ?? 0, tls: undefined };
}

/** A destroyed TLS socket knows its address no more. Node has no public name for the socket below it; without it only the reason is lost. */
function rawOf(socket: TLSSocket): Socket | undefined {
  return '_parent' in socket && typeof socket._parent === 'object' ? (socket._parent as Socket) : undefined;
}

function keyOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? 0}`;
}
