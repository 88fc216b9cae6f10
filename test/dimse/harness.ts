import type { DimseStatus } from '../../src/dimse/command-types.ts';
import { Acceptor, type AcceptorOptions } from '../../src/dimse/acceptor.ts';
import type {
  AssociationEvents,
  AssociationSummary,
  OperationInfo,
  RejectionInfo,
} from '../../src/dimse/association-events.ts';
import {
  DEFAULT_ASSOCIATION_LIMITS,
  DEFAULT_ASSOCIATION_TIMEOUTS,
  DEFAULT_MAX_PDU_LENGTH,
} from '../../src/dimse/association-limits.ts';
import type { AssociationPolicy } from '../../src/dimse/association-policy.ts';
import type { Association } from '../../src/dimse/association.ts';
import type { DataSetSink, ServiceHandlers } from '../../src/dimse/service-handlers.ts';

/** Accepts every context with its first transfer syntax, every role and every extended negotiation. */
export const ACCEPT_ALL: AssociationPolicy = {
  decide: (request) =>
    Promise.resolve({
      accept: true,
      contexts: request.contexts.map(({ id, transferSyntaxes }) => ({
        id,
        result: 0 as const,
        transferSyntax: transferSyntaxes[0] ?? '',
      })),
      roles: request.roles,
      extended: request.extended,
      principal: undefined,
    }),
};

/** Rejects everybody as an unknown calling AE. */
export const REJECT_ALL: AssociationPolicy = {
  decide: () =>
    Promise.resolve({ accept: false as const, result: 1 as const, source: 1 as const, reason: 3, log: 'unknown' }),
};

/** Keeps what was received in memory, and how it ended. */
export class MemorySink implements DataSetSink {
  readonly chunks: Buffer[] = [];
  readonly aborts: Error[] = [];
  finished = 0;

  write(chunk: Buffer): boolean {
    this.chunks.push(Buffer.from(chunk));
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  finish(): Promise<DimseStatus> {
    this.finished++;
    return Promise.resolve({ code: 0 });
  }

  abort(cause: Error): void {
    this.aborts.push(cause);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

/** Everything an acceptor reported, and a way to wait for it. */
export class EventLog implements AssociationEvents {
  readonly openedAssociations: Association[] = [];
  readonly rejections: RejectionInfo[] = [];
  readonly summaries: AssociationSummary[] = [];
  readonly operations: OperationInfo[] = [];
  readonly failures: { command: string; error: Error }[] = [];
  readonly drops: { outcome: string; cause: Error | undefined }[] = [];
  readonly suspicions: string[] = [];
  #waiting: (() => void)[] = [];

  opened(assoc: Association): void {
    this.openedAssociations.push(assoc);
    this.#wake();
  }

  rejected(info: RejectionInfo): void {
    this.rejections.push(info);
    this.#wake();
  }

  closed(_assoc: Association, summary: AssociationSummary): void {
    this.summaries.push(summary);
    this.#wake();
  }

  operation(_assoc: Association, operation: OperationInfo): void {
    this.operations.push(operation);
    this.#wake();
  }

  failure(_assoc: Association, command: string, error: Error): void {
    this.failures.push({ command, error });
    this.#wake();
  }

  dropped(_peer: unknown, outcome: string, cause: Error | undefined): void {
    this.drops.push({ outcome, cause });
    this.#wake();
  }

  suspicious(_peer: unknown, kind: string): void {
    this.suspicions.push(kind);
    this.#wake();
  }

  /** Settles when the condition holds, checked after every event. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    // After the reporter has returned, so that counts are up to date.
    for (const resolve of this.#waiting.splice(0)) setImmediate(resolve);
  }
}

export interface TestNode extends AsyncDisposable {
  readonly acceptor: Acceptor;
  readonly port: number;
  readonly log: EventLog;
}

/** An acceptor on a free loopback port, closed by `await using`. */
export async function startNode(
  handlers: ServiceHandlers,
  overrides: Partial<AcceptorOptions> = {},
): Promise<TestNode> {
  const log = new EventLog();
  const acceptor = new Acceptor({
    host: '127.0.0.1',
    port: 0,
    maxPduLength: DEFAULT_MAX_PDU_LENGTH,
    limits: DEFAULT_ASSOCIATION_LIMITS,
    timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
    policy: ACCEPT_ALL,
    handlers,
    events: log,
    ...overrides,
  });
  const { port } = await acceptor.listen();
  return { acceptor, port, log, [Symbol.asyncDispose]: () => acceptor.close(0) };
}

/** Handlers that keep every C-STORE in a sink and answer C-FIND with one match of 200 bytes. */
export function sinkHandlers(): { handlers: ServiceHandlers; sinks: MemorySink[] } {
  const sinks: MemorySink[] = [];
  return {
    sinks,
    handlers: {
      store: () => {
        const sink = new MemorySink();
        sinks.push(sink);
        return sink;
      },
      async *find() {
        yield { status: { code: 0xff00 }, identifier: Buffer.alloc(200, 1) };
      },
    },
  };
}
