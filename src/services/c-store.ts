import { TAG } from '../dicom/tags.ts';
import type { DimseStatus } from '../dimse/command-types.ts';
import type { DataSetSink, ServiceHandlers } from '../dimse/service-handlers.ts';
import { STATUS } from '../dimse/status-table.ts';
import type { Ingest } from '../ingest.ts';
import { principalOf } from '../policy/principal.ts';

/** Storage SCP (PS3.4 B): every data set goes the way of `ingest.ts`. */
export function createStore(deps: { readonly ingest: Pick<Ingest, 'begin'> }): NonNullable<ServiceHandlers['store']> {
  return (assoc, pc, command) => {
    // PS3.7 9.1.1.1.3 and PS3.8 7.1.1.13: the class was negotiated, and with it what this peer may store.
    if (command.AffectedSOPClassUID !== pc.abstractSyntax) {
      return new RefusingSink({
        code: STATUS.SOPClassNotSupported,
        errorComment: 'SOP class is not that of the presentation context',
        offendingElement: [TAG.AffectedSOPClassUID],
      });
    }
    return deps.ingest.begin(
      {
        callingAET: assoc.callingAET,
        organisation: principalOf(assoc).organisation,
        address: assoc.peer.address,
        associationId: assoc.id,
      },
      {
        sopClassUid: command.AffectedSOPClassUID,
        sopInstanceUid: command.AffectedSOPInstanceUID,
        transferSyntaxUid: pc.transferSyntax,
      },
    );
  };
}

/** The data set has to be read before it can be answered (PS3.7 9.3.1): takes it and keeps nothing. */
class RefusingSink implements DataSetSink {
  readonly #status: DimseStatus;

  constructor(status: DimseStatus) {
    this.#status = status;
  }

  write(): boolean {
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  finish(): Promise<DimseStatus> {
    return Promise.resolve(this.#status);
  }

  abort(): void {
    // Nothing was kept.
  }
}
