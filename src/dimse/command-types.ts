/** Messages as PS3.7 9.3 and 10.3 define them; the fields carry the standard's keywords. */

export type Priority = 0 | 1 | 2;

/** PS3.7 C: the answer of every DIMSE service. */
export interface DimseStatus {
  readonly code: number;
  /** Never patient data. The log has it whole; what is sent is cut to 64 characters (LO), so the essential comes first. */
  readonly errorComment?: string;
  /** Tags as 0xGGGGEEEE. */
  readonly offendingElement?: readonly number[];
  readonly errorID?: number;
}

export interface CStoreRequest {
  readonly command: 'C-STORE-RQ';
  readonly MessageID: number;
  readonly Priority: number;
  readonly AffectedSOPClassUID: string;
  readonly AffectedSOPInstanceUID: string;
  readonly MoveOriginatorApplicationEntityTitle: string | undefined;
  readonly MoveOriginatorMessageID: number | undefined;
}

export interface CFindRequest {
  readonly command: 'C-FIND-RQ';
  readonly MessageID: number;
  readonly Priority: number;
  readonly AffectedSOPClassUID: string;
}

export interface CMoveRequest {
  readonly command: 'C-MOVE-RQ';
  readonly MessageID: number;
  readonly Priority: number;
  readonly AffectedSOPClassUID: string;
  readonly MoveDestination: string;
}

export interface CGetRequest {
  readonly command: 'C-GET-RQ';
  readonly MessageID: number;
  readonly Priority: number;
  readonly AffectedSOPClassUID: string;
}

export interface CEchoRequest {
  readonly command: 'C-ECHO-RQ';
  readonly MessageID: number;
  readonly AffectedSOPClassUID: string;
}

export interface NActionRequest {
  readonly command: 'N-ACTION-RQ';
  readonly MessageID: number;
  readonly RequestedSOPClassUID: string;
  readonly RequestedSOPInstanceUID: string;
  readonly ActionTypeID: number;
}

export interface NEventReportRequest {
  readonly command: 'N-EVENT-REPORT-RQ';
  readonly MessageID: number;
  readonly AffectedSOPClassUID: string;
  readonly AffectedSOPInstanceUID: string;
  readonly EventTypeID: number;
}

/** N-GET, N-SET, N-CREATE, N-DELETE: recognised so that they can be answered 0211. */
export interface UnsupportedRequest {
  readonly command: 'N-GET-RQ' | 'N-SET-RQ' | 'N-CREATE-RQ' | 'N-DELETE-RQ';
  readonly MessageID: number;
}

export type DimseRequest =
  | CStoreRequest
  | CFindRequest
  | CMoveRequest
  | CGetRequest
  | CEchoRequest
  | NActionRequest
  | NEventReportRequest
  | UnsupportedRequest;

/** One response to C-FIND: status FF00/FF01 with an identifier, or the final status without. */
export interface FindResponse {
  readonly status: DimseStatus;
  readonly identifier?: Buffer;
}

/** One response to C-MOVE or C-GET, PS3.7 9.1.3.1 and 9.1.4.1: numbers of sub-operations. */
export interface RetrieveResponse {
  readonly status: DimseStatus;
  readonly remaining?: number;
  readonly completed?: number;
  readonly failed?: number;
  readonly warning?: number;
  /** Failed SOP Instance UID List, in the context's transfer syntax. */
  readonly identifier?: Buffer;
  /** For the log alone: what befell the first sub-operations that did not succeed. No patient data. */
  readonly problems?: readonly string[];
}

/** Answer to N-ACTION or N-EVENT-REPORT. */
export interface NResponse {
  readonly status: DimseStatus;
  readonly dataSet?: Buffer;
  /** Runs when the response has been handed to the kernel; not when the association ended before. */
  readonly afterResponse?: () => void;
}
