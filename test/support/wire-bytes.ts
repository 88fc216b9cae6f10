import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { PduStream, commandNumber, commandText } from './pdu-stream.ts';

/** One C-STORE as it passed through the relay. */
export interface WireStore {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly dataSet: Buffer;
  /** status of its C-STORE-RSP, undefined when none was seen */
  readonly status: number | undefined;
  readonly moveOriginatorAET: string;
  readonly moveOriginatorMessageID: number | undefined;
}

/** What one TCP connection carried, each way parsed on its own. */
export interface WireConnection {
  readonly fromClient: PduStream;
  readonly fromServer: PduStream;
}

/**
 * A TCP relay that passes bytes on unchanged and keeps what went by: "what that sender put on the wire".
 * Point a sender at `port`; everything goes to `target`.
 */
export class WireRelay implements AsyncDisposable {
  readonly connections: WireConnection[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(target: { port: number; host?: string }, port = 0): Promise<WireRelay> {
    const server = createServer({ noDelay: true });
    const relay = new WireRelay(server);
    server.on('connection', (client) => relay.#join(client, target));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #join(client: Socket, target: { port: number; host?: string }): void {
    const upstream = connect({ port: target.port, host: target.host ?? '127.0.0.1', noDelay: true });
    const connection: WireConnection = { fromClient: new PduStream(), fromServer: new PduStream() };
    this.connections.push(connection);
    client.on('data', (chunk) => connection.fromClient.push(chunk));
    upstream.on('data', (chunk) => connection.fromServer.push(chunk));
    client.pipe(upstream);
    upstream.pipe(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroySoon();
      });
    }
  }

  /** The C-STOREs that clients sent to the target (C-STORE, C-MOVE's sub-operations). */
  storesFromClient(): WireStore[] {
    return this.connections.flatMap((c) => stores(c.fromClient, c.fromServer, c.fromServer));
  }

  /** The C-STOREs that the target sent back on the clients' associations (C-GET's sub-operations). */
  storesFromServer(): WireStore[] {
    return this.connections.flatMap((c) => stores(c.fromServer, c.fromClient, c.fromServer));
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

const C_STORE_RQ = 0x0001;
const C_STORE_RSP = 0x8001;

function stores(requests: PduStream, responses: PduStream, acceptor: PduStream): WireStore[] {
  const statuses = responses.messages.filter((m) => commandNumber(m, 0x0100) === C_STORE_RSP);
  return requests.messages
    .filter((m) => commandNumber(m, 0x0100) === C_STORE_RQ)
    .map((m) => {
      const messageID = commandNumber(m, 0x0110);
      const response = statuses.find((s) => commandNumber(s, 0x0120) === messageID);
      const context = acceptor.acceptedContexts.find((c) => c.id === m.presentationContextId);
      return {
        sopClassUid: commandText(m, 0x0002),
        sopInstanceUid: commandText(m, 0x1000),
        transferSyntaxUid: context?.transferSyntaxUid ?? '',
        dataSet: m.dataSet ?? Buffer.alloc(0),
        status: response === undefined ? undefined : commandNumber(response, 0x0900),
        moveOriginatorAET: commandText(m, 0x1030),
        moveOriginatorMessageID: commandNumber(m, 0x1031),
      };
    });
}
