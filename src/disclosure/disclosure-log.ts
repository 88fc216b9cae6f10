import type { Channel, Decision, Purpose, Requester } from './question.ts';

/** How a request came, as far as the use log and the disclosure log keep it. */
export interface LoggedRequest {
  /** One for all entries of one request. */
  readonly requestId: string;
  /** COMMITMENT asks what may be told, and shows nothing; LOCAL is whoever administers this storage, at its machine. */
  readonly operation: 'C-FIND' | 'C-MOVE' | 'C-GET' | 'DOCUMENT' | 'COMMITMENT' | 'LOCAL';
  readonly callingAET: string;
  readonly calledAET: string;
  readonly address: string;
  /** Distinguished name of the peer's certificate; '' without TLS. */
  readonly tlsSubject: string;
  readonly associationId: string;
  readonly requester: Requester;
  /** null: a purpose that nobody knows was stated. */
  readonly purpose: Purpose | null;
  readonly specialReason: string;
  /** Service event in which is asked; '' when it is not said. */
  readonly serviceEvent: string;
  readonly channel: Channel;
  /** AE title to which the data goes; that of the asker unless it is moved elsewhere. */
  readonly recipientAET: string;
  readonly recipientOrganisation: string | null;
  /** What was searched by: keys without their values. */
  readonly criteria: string;
  /** Name of the policy data. */
  readonly policy: string;
}

/**
 * One line of the use log or of the disclosure log (159/2007 5 §, 784/2021 25 §). REQUEST sums up a request, also one that found
 * nothing; STUDY and DOCUMENT name one thing that was shown, or that was there and was not.
 */
export type DisclosureEntry =
  | {
      readonly event: 'REQUEST';
      readonly at: number;
      readonly request: LoggedRequest;
      /** Responses, or instances to be sent. */
      readonly itemsReturned: number;
    }
  | {
      readonly event: 'STUDY' | 'DOCUMENT';
      readonly at: number;
      readonly request: LoggedRequest;
      /** Study Instance UID or OID of the document. */
      readonly itemId: string;
      readonly patientId: string;
      readonly patientIdIssuer: string;
      readonly controller: string;
      readonly registerCode: string;
      readonly specifier: string;
      readonly resourceServiceEvent: string;
      readonly decision: Decision;
      /** Of a study that was on record as shown: why nobody has confirmed any of it. */
      readonly failure?: string;
    };

/** Port: the log. Resolves when the entries are on the disk; data leaves only then. */
export interface DisclosureLog {
  record(entries: readonly DisclosureEntry[]): Promise<void>;
}
