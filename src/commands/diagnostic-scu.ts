import type * as dcmjsDimse from 'dcmjs-dimse';
import {
  AssociationAbortedError,
  AssociationRejectedError,
  AssociationTimeoutError,
  ConnectError,
} from '../dimse/association-errors.ts';
import { rejectText } from '../dimse/ul/pdu-types.ts';

/** A peer to ask, and as whom. */
export interface DiagnosticTarget {
  readonly host: string;
  readonly port: number;
  readonly calledAET: string;
  readonly callingAET: string;
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string | undefined } | undefined;
  /** Milliseconds for the connection and for the association. */
  readonly connectMs: number;
  readonly associateMs: number;
}

export interface DiagnosticAnswer {
  readonly status: number;
  readonly ms: number;
}

export interface FindAnswer extends DiagnosticAnswer {
  /** Keyword to value; names and sequences as JSON. */
  readonly matches: readonly Readonly<Record<string, unknown>>[];
}

/** C-ECHO by dcmjs-dimse, a second implementation beside our own: when both fail alike, the peer is the cause. */
export async function diagnosticEcho(target: DiagnosticTarget): Promise<DiagnosticAnswer> {
  const { requests } = await library();
  const request = new requests.CEchoRequest();
  let status: number | undefined;
  const started = performance.now();
  request.on('response', (response) => {
    status = response.getStatus();
  });
  await send(target, request);
  return { status: answered(status), ms: performance.now() - started };
}

/** C-FIND by dcmjs-dimse with these keys, keyword to value. */
export async function diagnosticFind(
  target: DiagnosticTarget,
  level: 'STUDY' | 'SERIES' | 'IMAGE',
  keys: Readonly<Record<string, string>>,
): Promise<FindAnswer> {
  const { requests } = await library();
  const { CFindRequest } = requests;
  const make = {
    STUDY: () => CFindRequest.createStudyFindRequest({ ...keys }),
    SERIES: () => CFindRequest.createSeriesFindRequest({ ...keys }),
    IMAGE: () => CFindRequest.createImageFindRequest({ ...keys }),
  };
  const request = make[level]();
  const matches: Record<string, unknown>[] = [];
  let status: number | undefined;
  const started = performance.now();
  request.on('response', (response) => {
    const dataset =
      response.getStatus() === 0xff00 || response.getStatus() === 0xff01 ? response.getDataset() : undefined;
    if (dataset === undefined) {
      status = response.getStatus();
    } else {
      matches.push(withoutNotes(dataset.getElements()) as Record<string, unknown>);
    }
  });
  await send(target, request);
  return { status: answered(status), ms: performance.now() - started, matches };
}

type Library = typeof dcmjsDimse;

// Loaded only here: importing it changes the global log level of another package.
async function library(): Promise<Library> {
  const loaded = (await import('dcmjs-dimse')) as Library & { default?: Library };
  const dimse = loaded.default ?? loaded;
  dimse.log.setLevel('silent');
  return dimse;
}

interface Rejection {
  readonly result: number;
  readonly source: number;
  readonly reason: number;
}

type DimseRequest = InstanceType<Library['requests']['Request']>;

async function send(target: DiagnosticTarget, request: DimseRequest): Promise<void> {
  const { Client } = await library();
  const client = new Client();
  client.addRequest(request);
  await new Promise<void>((resolve, reject) => {
    let failure: Error | undefined;
    client.on('associationRejected', ({ result, source, reason }: Rejection) => {
      failure = new AssociationRejectedError(result, source, reason, rejectText(result, source, reason));
    });
    client.on('abort', () => {
      failure = new AssociationAbortedError(true, 0, 0, 'the peer gave no reason');
    });
    // The library closes the socket and says nothing when one of its timers runs out.
    const timer = setTimeout(
      () => reject(new AssociationTimeoutError('associate', target.connectMs + target.associateMs)),
      target.connectMs + target.associateMs,
    );
    client.on('networkError', (error: Error) => {
      clearTimeout(timer);
      reject(new ConnectError(target.host, target.port, error));
    });
    client.on('associationAccepted', () => clearTimeout(timer));
    client.on('closed', () => {
      clearTimeout(timer);
      if (failure === undefined) resolve();
      else reject(failure);
    });
    client.send(target.host, target.port, target.callingAET, target.calledAET, {
      connectTimeout: target.connectMs,
      associationTimeout: target.associateMs,
      ...(target.tls === undefined
        ? {}
        : {
            securityOptions: {
              ...target.tls,
              ca: target.tls.ca ?? [],
              rejectUnauthorized: true,
              minVersion: 'TLSv1.2',
            },
          }),
    });
  });
}

/** The library leaves notes of its own, such as `_vrMap`, beside the keywords, in sequence items, too. */
export function withoutNotes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNotes);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !name.startsWith('_'))
      .map(([name, inner]) => [name, withoutNotes(inner)]),
  );
}

function answered(status: number | undefined): number {
  if (status === undefined) {
    throw new AssociationAbortedError(true, 0, 0, 'the peer closed the association without an answer');
  }
  return status;
}
