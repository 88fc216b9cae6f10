import { z } from 'zod';
import { flag, line } from '../config/fields.ts';
import { documentsSection } from './documents-section.ts';
import { day } from './profile-fields.ts';
import { egressSection } from './egress-section.ts';
import { disclosureSection } from './disclosure-section.ts';
import { identitySection } from './identity-section.ts';
import { rejectionSection } from './rejection-section.ts';
import { logSection } from './log-section.ts';

/** One section a concept, each declared in a file of its own. Nothing has a default: what the archive demands is written down. */
export const profileSchema = z.strictObject({
  name: line(64),
  title: line(200),
  /** A profile that no specification stands behind says so wherever it is shown. */
  simulation: flag(),
  notice: line(400),
  effectiveFrom: day(),
  identity: identitySection,
  disclosure: disclosureSection,
  egress: egressSection,
  rejection: rejectionSection,
  log: logSection,
  documents: documentsSection,
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** Everything that is national, as data: checked, complete and deeply frozen. */
export type Profile = DeepReadonly<z.output<typeof profileSchema>>;
