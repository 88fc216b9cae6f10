import type { ReconcileRules } from '../index/documents/document-types.ts';
import type { Profile } from '../profile/profile.ts';

/** What the profile demands of documents and studies that belong together. */
export function reconcileRules({ documents }: Pick<Profile, 'documents'>): ReconcileRules {
  return { required: documents.gate.enabled ? documents.gate.required : [], codePrefix: documents.codePrefix };
}
