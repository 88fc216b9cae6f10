import { z } from 'zod';
import { flag, line } from '../config/fields.ts';
import { certificationSection } from './certification-section.ts';
import { codesSection } from './codes-section.ts';
import { contentSection } from './content-section.ts';
import { checkContentTypes } from './content-type-names.ts';
import { disclosureSection } from './disclosure-section.ts';
import { documentsSection } from './documents-section.ts';
import { egressSection } from './egress-section.ts';
import { identitySection } from './identity-section.ts';
import { rejectionSection } from './rejection-section.ts';
import { citizenSection } from './citizen-section.ts';
import { logSection } from './log-section.ts';
import { day } from './profile-fields.ts';
import { readinessSection } from './readiness-section.ts';
import { registersSection } from './registers-section.ts';
import { supportSection } from './support-section.ts';
import { transferSection } from './transfer-section.ts';

const sections = z.strictObject({
  name: line(64),
  title: line(200),
  /** A profile that no specification stands behind says so wherever it is shown. */
  simulation: flag(),
  notice: line(400),
  effectiveFrom: day(),
  identity: identitySection,
  content: contentSection,
  codes: codesSection,
  transfer: transferSection,
  registers: registersSection,
  certification: certificationSection,
  readiness: readinessSection,
  disclosure: disclosureSection,
  egress: egressSection,
  rejection: rejectionSection,
  log: logSection,
  citizen: citizenSection,
  documents: documentsSection,
  support: supportSection,
});

/** One section a concept, each declared in a file of its own. Nothing has a default: what the archive demands is written down. */
export const profileSchema = sections.superRefine(checkContentTypes);

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** Everything that is national, as data: checked, complete and deeply frozen. */
export type Profile = DeepReadonly<z.output<typeof profileSchema>>;
