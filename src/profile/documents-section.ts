import { z } from 'zod';
import { count, flag, line, oneOf } from '../config/fields.ts';
import { oid } from './profile-fields.ts';

/** Path of an element below ClinicalDocument, an attribute behind `@`; prefixes are those of `namespaces`. */
function elementPath() {
  const error = 'write an element path such as componentOf/encompassingEncounter/id@root';
  return z.string({ error }).regex(/^[A-Za-z][\w:]*(\/[A-Za-z][\w:]*)*(@[A-Za-z][\w:]*)?$/, { error });
}

function pattern() {
  const error = 'write a regular expression';
  return z.string({ error }).refine(
    (text) => {
      try {
        return new RegExp(text, 'u') instanceof RegExp;
      } catch {
        return false;
      }
    },
    { error },
  );
}

export const DOCUMENT_KINDS = ['request', 'entry', 'statement'] as const;

/** Which HL7 CDA R2 documents are care documents, and where in them the archive looks for what it needs. */
export const documentsSection = z.strictObject({
  /** Namespaces beside HL7's own, by the prefix that the paths below use. */
  namespaces: z.record(z.string().regex(/^[a-z][a-z0-9]*$/), line(200)),
  /** A document names at least one of them as its templateId. */
  templates: z.array(oid(), { error: 'write a list of OIDs' }).min(1),
  /** ClinicalDocument/code decides the kind: request (pyyntö), entry (tutkimusmerkintä), statement (lausunto). */
  types: z.array(z.strictObject({ kind: oneOf(DOCUMENT_KINDS), code: line(64), codeSystem: oid() })).min(1),
  fields: z.strictObject({
    /** Rekisterinpitäjä. */
    controller: elementPath(),
    register: elementPath(),
    /** Rekisterin tarkenne. */
    registerSpecifier: elementPath(),
    /** Palvelutapahtumatunnus. */
    serviceEvent: elementPath(),
    studyUid: elementPath(),
    accessionNumber: elementPath(),
    /** Of the element with the examination's `code`. */
    examination: elementPath(),
    /** First day on which the patient may see it. */
    displayFrom: elementPath(),
    minorCapacity: elementPath(),
    status: elementPath(),
  }),
  /** Codes of the register (rekisteritunnus) that exist. */
  registers: z.array(line(16)).min(1),
  /** A specifier that looks like one of these breaks the archive's retrieval of documents. */
  refusedSpecifiers: z.array(pattern()),
  minorCapacityCodes: z.array(line(4)),
  /** Values of `status` that invalidate (mitätöinti) the document which this one replaces. */
  invalidatedStatus: z.array(line(16)),
  /** Reminder of what waits for its documents, in hours since the study was received. */
  deadlineHours: count(1, 10_000),
  /** Leading characters of an examination code that must agree between document and study. */
  codePrefix: count(1, 16),
  gate: z.strictObject({
    /** Kinds that must be in the register before a study may go. A statement never blocks. */
    required: z.array(oneOf(['request', 'entry'])),
    enabled: flag(),
  }),
  priors: z.strictObject({
    /** Leading characters of an examination code that name the anatomy. */
    anatomyPrefix: count(1, 16),
    /** A new request within this many months of a comparable examination raises the hint of duplicate imaging. */
    duplicateMonths: count(1, 240),
  }),
});

export type DocumentKind = (typeof DOCUMENT_KINDS)[number];
