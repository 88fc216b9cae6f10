import {
  dataSetOf,
  decodeDataSet,
  encodeDataSet,
  getItems,
  getString,
  getUS,
  sequence,
  uid,
} from '../../src/dicom/data-set.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { UID } from '../../src/dicom/uids.ts';
import { Acceptor } from '../../src/dimse/acceptor.ts';
import { DEFAULT_ASSOCIATION_LIMITS, DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import type { AssociationEvents } from '../../src/dimse/association-events.ts';
import type { ServiceHandlers } from '../../src/dimse/service-handlers.ts';
import type { Peer } from './dcmtk.ts';
import { associate } from './own-sender.ts';
import { waitFor } from './wait-for.ts';

export interface Reference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

export interface CommitmentReport {
  readonly eventTypeID: number;
  readonly transactionUid: string;
  readonly committed: readonly string[];
  /** SOP Instance UID → failure reason */
  readonly failed: Readonly<Record<string, number>>;
  /** it came on an association that the archive opened */
  readonly onNewAssociation: boolean;
}

const TS = UID.ExplicitVRLittleEndian;

/** A storage commitment requester: asks on one association, and can listen for reports that come on another. */
export class CommitmentScu implements AsyncDisposable {
  readonly reports: CommitmentReport[] = [];
  #acceptor: Acceptor | undefined;

  /** Listens for reports; gives the port. */
  async listen(port = 0): Promise<number> {
    const silent = new Proxy({}, { get: () => () => undefined }) as AssociationEvents;
    this.#acceptor = new Acceptor({
      host: '127.0.0.1',
      port,
      maxPduLength: 131_072,
      limits: DEFAULT_ASSOCIATION_LIMITS,
      timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
      policy: {
        decide: (request) =>
          Promise.resolve({
            accept: true,
            contexts: request.contexts.map(({ id }) => ({ id, result: 0, transferSyntax: TS })),
            roles: request.roles,
            extended: [],
            principal: undefined,
          }),
      },
      handlers: this.#handlers(true),
      events: silent,
    });
    return (await this.#acceptor.listen()).port;
  }

  /**
   * Sends the N-ACTION and gives its status. `stay` keeps the association until the report has come; `leave` releases it and refuses
   * a report that comes before, so that it must come on a new one.
   */
  async request(
    peer: Peer,
    transactionUid: string,
    references: readonly Reference[],
    then: 'stay' | 'leave',
  ): Promise<number> {
    const assoc = await associate(
      peer,
      [{ abstractSyntax: UID.StorageCommitmentPushModel, transferSyntaxes: [TS] }],
      this.#handlers(false, then === 'leave'),
    );
    const items = references.map((r) =>
      dataSetOf(uid(TAG.ReferencedSOPClassUID, r.sopClassUid), uid(TAG.ReferencedSOPInstanceUID, r.sopInstanceUid)),
    );
    const information = dataSetOf(uid(TAG.TransactionUID, transactionUid), sequence(TAG.ReferencedSOPSequence, items));
    const response = await assoc.nAction({
      pc: assoc.contextFor(UID.StorageCommitmentPushModel)!,
      requestedSOPInstanceUID: UID.StorageCommitmentPushModelInstance,
      actionTypeID: 1,
      dataSet: encodeDataSet(information, TS),
    });
    if (then === 'stay') await this.report(transactionUid);
    await assoc.release().catch(() => undefined);
    return response.status.code;
  }

  /** The report of a transaction, waited for. */
  report(transactionUid: string, timeoutMs = 20_000): Promise<CommitmentReport> {
    return waitFor(
      'a storage commitment report',
      () => this.reports.find((r) => r.transactionUid === transactionUid),
      timeoutMs,
    );
  }

  #handlers(onNewAssociation: boolean, refuse = false): ServiceHandlers {
    return {
      eventReport: (_assoc, pc, command, dataSet) => {
        if (refuse) return Promise.resolve({ status: { code: 0x0110 } });
        const ds = decodeDataSet(dataSet!, pc.transferSyntax);
        const uidOf = (item: ReturnType<typeof decodeDataSet>) =>
          getString(item, TAG.ReferencedSOPInstanceUID, '') ?? '';
        this.reports.push({
          eventTypeID: command.EventTypeID,
          transactionUid: getString(ds, TAG.TransactionUID, '') ?? '',
          committed: getItems(ds, TAG.ReferencedSOPSequence).map(uidOf),
          failed: Object.fromEntries(
            getItems(ds, TAG.FailedSOPSequence).map((item) => [uidOf(item), getUS(item, TAG.FailureReason) ?? 0]),
          ),
          onNewAssociation,
        });
        return Promise.resolve({ status: { code: 0 } });
      },
    };
  }

  /** Stops listening. */
  async close(): Promise<void> {
    await this.#acceptor?.close(1000);
    this.#acceptor = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
