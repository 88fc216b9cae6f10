import type { DimseStatus, Priority } from '../dimse/command-types.ts';

/** A context of an association as sub-operations see it. */
export interface StoreContext {
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntax: string;
  /** the roles that we hold on it */
  readonly role: { readonly scu: boolean; readonly scp: boolean };
}

/** Bytes of an open file. */
export interface FileRange {
  readonly fd: number;
  readonly offset: number;
  readonly length: number;
}

export interface StoreOperation<PC extends StoreContext = StoreContext> {
  readonly pc: PC;
  readonly affectedSOPClassUID: string;
  readonly affectedSOPInstanceUID: string;
  readonly priority: Priority;
  readonly moveOriginatorAET?: string;
  readonly moveOriginatorMessageID?: number;
  readonly dataSet: FileRange | AsyncIterable<Buffer>;
}

/** Port: the association over which sub-operations go. `store` rejects only when the association is lost. */
export interface StoreAssociation<PC extends StoreContext = StoreContext> {
  readonly contexts: ReadonlyMap<number, PC>;
  readonly isOpen: boolean;
  store(operation: StoreOperation<PC>): Promise<DimseStatus>;
}
