import type { AcceptedContext } from './association.ts';
import { COMMAND, type CommandSet } from './command-set.ts';
import type { DimseStatus, NResponse, Priority, RetrieveResponse } from './command-types.ts';
import type { DataSetSource } from './message-writer.ts';
import type { Response } from './response-queue.ts';

export interface StoreOptions {
  readonly pc: AcceptedContext;
  readonly affectedSOPClassUID: string;
  readonly affectedSOPInstanceUID: string;
  readonly priority: Priority;
  readonly moveOriginatorAET?: string | undefined;
  readonly moveOriginatorMessageID?: number | undefined;
  /** In the context's transfer syntax; a file range is read while it is sent, its descriptor stays open. */
  readonly dataSet: DataSetSource;
}

export interface FindOptions {
  readonly pc: AcceptedContext;
  readonly priority: Priority;
  readonly identifier: Buffer;
  /** Sends C-CANCEL-RQ; responses go on until the final one. */
  readonly signal?: AbortSignal | undefined;
}

export interface MoveOptions extends FindOptions {
  readonly moveDestination: string;
}

export interface ActionOptions {
  readonly pc: AcceptedContext;
  readonly requestedSOPInstanceUID: string;
  readonly actionTypeID: number;
  readonly dataSet: Buffer | undefined;
}

export interface EventReportOptions {
  readonly pc: AcceptedContext;
  readonly affectedSOPInstanceUID: string;
  readonly eventTypeID: number;
  readonly dataSet: Buffer | undefined;
}

export function echoSet(pc: AcceptedContext): CommandSet {
  return { AffectedSOPClassUID: pc.abstractSyntax, CommandField: COMMAND.CEchoRQ };
}

export function storeSet(o: StoreOptions): CommandSet {
  return {
    AffectedSOPClassUID: o.affectedSOPClassUID,
    CommandField: COMMAND.CStoreRQ,
    Priority: o.priority,
    AffectedSOPInstanceUID: o.affectedSOPInstanceUID,
    MoveOriginatorApplicationEntityTitle: o.moveOriginatorAET,
    MoveOriginatorMessageID: o.moveOriginatorMessageID,
  };
}

export function findSet(o: FindOptions): CommandSet {
  return { AffectedSOPClassUID: o.pc.abstractSyntax, CommandField: COMMAND.CFindRQ, Priority: o.priority };
}

export function getSet(o: FindOptions): CommandSet {
  return { AffectedSOPClassUID: o.pc.abstractSyntax, CommandField: COMMAND.CGetRQ, Priority: o.priority };
}

export function moveSet(o: MoveOptions): CommandSet {
  return {
    AffectedSOPClassUID: o.pc.abstractSyntax,
    CommandField: COMMAND.CMoveRQ,
    Priority: o.priority,
    MoveDestination: o.moveDestination,
  };
}

export function actionSet(o: ActionOptions): CommandSet {
  return {
    RequestedSOPClassUID: o.pc.abstractSyntax,
    CommandField: COMMAND.NActionRQ,
    RequestedSOPInstanceUID: o.requestedSOPInstanceUID,
    ActionTypeID: o.actionTypeID,
  };
}

export function eventReportSet(o: EventReportOptions): CommandSet {
  return {
    AffectedSOPClassUID: o.pc.abstractSyntax,
    CommandField: COMMAND.NEventReportRQ,
    AffectedSOPInstanceUID: o.affectedSOPInstanceUID,
    EventTypeID: o.eventTypeID,
  };
}

export function statusOf(set: CommandSet): DimseStatus {
  return {
    code: set.Status!,
    ...(set.ErrorComment === undefined ? {} : { errorComment: set.ErrorComment }),
    ...(set.OffendingElement === undefined ? {} : { offendingElement: set.OffendingElement }),
    ...(set.ErrorID === undefined ? {} : { errorID: set.ErrorID }),
  };
}

export function retrieveResponseOf(set: CommandSet, dataSet: Buffer | undefined): RetrieveResponse {
  return {
    status: statusOf(set),
    ...(set.NumberOfRemainingSuboperations === undefined ? {} : { remaining: set.NumberOfRemainingSuboperations }),
    ...(set.NumberOfCompletedSuboperations === undefined ? {} : { completed: set.NumberOfCompletedSuboperations }),
    ...(set.NumberOfFailedSuboperations === undefined ? {} : { failed: set.NumberOfFailedSuboperations }),
    ...(set.NumberOfWarningSuboperations === undefined ? {} : { warning: set.NumberOfWarningSuboperations }),
    ...(dataSet === undefined ? {} : { identifier: dataSet }),
  };
}

export function nResponseOf(response: Response): NResponse {
  const status = statusOf(response.set);
  return response.dataSet === undefined ? { status } : { status, dataSet: response.dataSet };
}
