import type { FindingCode } from '../../profile/finding-codes.ts';
import { SUBJECT } from '../finding.ts';
import type { Rule } from '../rule.ts';

const KINDS = {
  request: { code: 'REQUEST_MISSING', name: 'request' },
  entry: { code: 'ENTRY_MISSING', name: 'examination entry' },
} as const satisfies Readonly<Record<'request' | 'entry', { code: FindingCode; name: string }>>;

/** Request and examination entry are archived before the images, as the archive's process has it; a statement may come whenever it is made. */
export const documentsRule: Rule = ({ documents, studyInstanceUid }, { profile }) => {
  const { enabled, required } = profile.documents.gate;
  if (!enabled) return [];
  return required
    .filter((kind) => documents[kind] === 0)
    .map((kind) => ({
      code: KINDS[kind].code,
      cause: `the ${KINDS[kind].name} of the study is not in the register of care documents`,
      remedy: `bring it in with kuva documents import FILE; when it is there and the two do not find each other: kuva reconcile link DOCUMENT ${studyInstanceUid}`,
      subject: SUBJECT.documents(studyInstanceUid),
    }));
};
