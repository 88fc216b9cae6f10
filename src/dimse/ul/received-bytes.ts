import { Socket } from 'node:net';
import type { BoundSocket, SocketConstructorOpts } from 'node:net';

// One for all associations: what has been read is used up, or copied, before anything else is read.
const SHARED = Buffer.allocUnsafeSlow(128 * 1024);

/**
 * A socket in place of an accepted one that reads into one block of memory again and again, instead of into a new one of 64 KiB each
 * time: a third of the cost of receiving. Its chunks are good during the 'data' event only. Node offers this (`onread`) for sockets that it is
 * asked to make, and has no public name for the transport of an accepted one; without it the socket stays what it is.
 */
export function readInPlace(accepted: Socket): Socket {
  const handle: unknown = '_handle' in accepted ? accepted._handle : undefined;
  if (typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle)) return accepted;
  const options: SocketConstructorOpts = {
    allowHalfOpen: true,
    onread: {
      buffer: SHARED,
      callback: (length) => socket.emit('data', SHARED.subarray(0, length)),
    },
  };
  const socket: Socket = new Socket(Object.assign(options, { handle: handle as unknown as BoundSocket }));
  // The server counts it no more: whoever closes the server waits for the sockets in use.
  Object.assign(accepted, { _handle: null });
  accepted.destroy();
  return socket;
}

/** Frees the memory of a chunk at once: left to the collector, received bytes would be most of the garbage and set it off every few objects. */
export function letGo(chunk: Buffer): void {
  const { buffer } = chunk;
  if (buffer instanceof ArrayBuffer && buffer !== SHARED.buffer && chunk.length === buffer.byteLength)
    buffer.transfer(0);
}
