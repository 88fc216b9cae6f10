import { KuvaError } from '../core/errors.ts';
import type { ErrorFacts } from '../core/errors.ts';

/** One thing that is wrong with a document: where, by which rule, and what would be right. Never a value of the patient's. */
export interface CdaFault {
  /** Element path such as `ClinicalDocument/author[1]/assignedAuthor/id`, an attribute behind `@`. */
  readonly path: string;
  /** Stable name of the rule, such as `author-id`. */
  readonly rule: string;
  readonly text: string;
}

/**
 * A document that is no HL7 CDA R2 document as the profile wants it. `code` is XML_MALFORMED, XML_ENCODING, XML_DOCTYPE, XML_ENTITY,
 * XML_TOO_LARGE, XML_TOO_DEEP, XML_TOO_MANY_ELEMENTS, XML_TOO_MANY_ATTRIBUTES (nothing could be read) or CDA_INVALID (`faults` says all).
 */
export class CdaError extends KuvaError {
  override readonly name = 'CdaError';
  readonly faults: readonly CdaFault[];

  constructor(code: string, faults: readonly CdaFault[], facts: ErrorFacts = {}, cause?: unknown) {
    super(code, faults.map(({ path, rule, text }) => `${path}: ${text} (${rule})`).join('; '), facts, cause);
    this.faults = faults;
  }
}
