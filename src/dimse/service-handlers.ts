import type { AcceptedContext, Association } from './association.ts';
import type {
  CEchoRequest,
  CFindRequest,
  CGetRequest,
  CMoveRequest,
  CStoreRequest,
  DimseStatus,
  FindResponse,
  NActionRequest,
  NEventReportRequest,
  NResponse,
  RetrieveResponse,
} from './command-types.ts';

/**
 * Takes the data set of one C-STORE-RQ as it arrives. Every chunk is a view into a received block that is used again after
 * `write`: what the sink wants to keep it copies.
 *
 * Exactly one of `finish` and `abort` is called, once. After `finish` the data set is whole, and a peer
 * that leaves meanwhile changes nothing but that the response is lost.
 */
export interface DataSetSink {
  /** False: reading from the peer stops until `drained()` settles. */
  write(chunk: Buffer): boolean;
  drained(): Promise<void>;
  finish(): Promise<DimseStatus>;
  /** The peer left, the association was aborted, or this sink threw: forget what was written. */
  abort(cause: Error): void;
}

/**
 * Port: the services behind an association. A service left out is answered 0211 (C-ECHO: 0000).
 * A handler that throws is answered 0110 and reported through `AssociationEvents.failure`.
 */
export interface ServiceHandlers {
  /** Chosen synchronously when the command has arrived, before the first byte of the data set. */
  store?(assoc: Association, pc: AcceptedContext, command: CStoreRequest): DataSetSink;

  echo?(assoc: Association, pc: AcceptedContext, command: CEchoRequest): Promise<DimseStatus> | DimseStatus;

  /**
   * Yields pending responses; the last yield or the return value with another status is final. Without one:
   * 0000, or FE00 after a C-CANCEL. Nothing is pulled while the peer does not read.
   */
  find?(
    assoc: Association,
    pc: AcceptedContext,
    command: CFindRequest,
    identifier: Buffer,
    cancel: AbortSignal,
  ): AsyncIterable<FindResponse, FindResponse | void>;

  /** As `find`. After a C-CANCEL the handler itself ends with FE00 and its counts. */
  move?(
    assoc: Association,
    pc: AcceptedContext,
    command: CMoveRequest,
    identifier: Buffer,
    cancel: AbortSignal,
  ): AsyncIterable<RetrieveResponse, RetrieveResponse | void>;

  /** As `move`; may call `assoc.store()` for its sub-operations. */
  get?(
    assoc: Association,
    pc: AcceptedContext,
    command: CGetRequest,
    identifier: Buffer,
    cancel: AbortSignal,
  ): AsyncIterable<RetrieveResponse, RetrieveResponse | void>;

  action?(
    assoc: Association,
    pc: AcceptedContext,
    command: NActionRequest,
    dataSet: Buffer | undefined,
  ): Promise<NResponse>;

  eventReport?(
    assoc: Association,
    pc: AcceptedContext,
    command: NEventReportRequest,
    dataSet: Buffer | undefined,
  ): Promise<NResponse>;
}
