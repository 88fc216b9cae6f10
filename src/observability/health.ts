import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Logger } from './loggers.ts';

/** One thing that must hold for the node to do its work. */
export interface HealthCheck {
  readonly ok: boolean;
  /** What was seen, and when it is not well, what to do. */
  readonly detail: string;
}

/** The state of the node as `/healthz` gives it; `kuva status` reads the same. */
export interface HealthReport {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, HealthCheck>>;
  /** Facts about the node: AE title, ports, associations, totals. No patient data. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

export interface HealthServerOptions {
  readonly host: string;
  readonly port: number;
  readonly logger: Logger;
  readonly report: () => Promise<HealthReport>;
  readonly metrics: () => Promise<{ contentType: string; body: string }>;
}

/** HTTP server with `/healthz` (200, or 503 with the reasons) and `/metrics`, for monitoring on this machine. */
export class HealthServer {
  readonly #server: Server;
  readonly #options: HealthServerOptions;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    this.#server = createServer(
      { maxHeaderSize: 8192, headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000 },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.maxConnections = 64;
  }

  /** @returns the port that is listened on */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : this.#options.port;
  }

  async close(): Promise<void> {
    if (this.#server.listening) {
      const closed = new Promise((resolve) => this.#server.close(resolve));
      this.#server.closeAllConnections();
      await closed;
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch (error) {
      this.#options.logger.error('request failed', { path: request.url, error });
      send(response, 500, 'text/plain; charset=utf-8', 'internal error; the log says why\n');
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return send(response, 405, 'text/plain; charset=utf-8', 'only GET and HEAD\n');
    }
    if (!isOwnName(request.headers.host, this.#options.host)) {
      return send(response, 421, 'text/plain; charset=utf-8', 'ask by address or by localhost\n');
    }
    switch (request.url?.split('?', 1)[0]) {
      case '/healthz': {
        const report = await this.#options.report();
        return send(response, report.ok ? 200 : 503, 'application/json', `${JSON.stringify(report)}\n`);
      }
      case '/metrics': {
        const { contentType, body } = await this.#options.metrics();
        return send(response, 200, contentType, body);
      }
      default:
        return send(response, 404, 'text/plain; charset=utf-8', 'there are /healthz and /metrics\n');
    }
  }
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  if (!response.headersSent) {
    response.writeHead(status, {
      'Content-Type': contentType,
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
  }
  response.end(body);
}

// A page in a browser on this machine could reach the server under a name of its own (DNS rebinding).
function isOwnName(header: string | undefined, bound: string): boolean {
  const name = (header ?? 'localhost').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === bound || isIP(name) !== 0;
}
