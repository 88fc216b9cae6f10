import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import { UID } from '../dicom/uids.ts';
import type { AeService } from '../index/index-types.ts';

/** For identifiers and commitment requests, best first; the data sets are small, so that only clarity counts. */
const MESSAGE_SYNTAXES: readonly string[] = [
  UID.ExplicitVRLittleEndian,
  UID.ImplicitVRLittleEndian,
  UID.DeflatedExplicitVRLittleEndian,
  UID.ExplicitVRBigEndian,
];

/** Waveforms and encapsulated documents are taken in these alone, as the national archive does; a deflated ECG is refused at negotiation. */
const PLAIN_SYNTAXES: readonly string[] = [UID.ImplicitVRLittleEndian, UID.ExplicitVRLittleEndian];

const PLAIN_CLASSES = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(9|104)\./;

/** Whether objects of a SOP class are taken in implicit and explicit little endian only. */
function isPlainOnly(sopClassUid: string): boolean {
  return PLAIN_CLASSES.test(sopClassUid);
}

/**
 * The transfer syntax to accept of those that were proposed for one context, or undefined when none can be (PS3.8 9.3.3.2, result 4).
 * Objects are kept as received, so for storage the requestor's order is its preference; big endian is only taken
 * when no little endian is offered beside it.
 */
export function chooseTransferSyntax(
  service: AeService,
  abstractSyntax: string,
  proposed: readonly string[],
): string | undefined {
  if (service !== 'store') {
    return MESSAGE_SYNTAXES.find((uid) => proposed.includes(uid));
  }
  if (isPlainOnly(abstractSyntax)) {
    return proposed.find((uid) => PLAIN_SYNTAXES.includes(uid));
  }
  const known = proposed.filter((uid) => transferSyntax(uid) !== undefined);
  return known.find((uid) => transferSyntax(uid)?.littleEndian === true) ?? known[0];
}
