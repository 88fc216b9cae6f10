import type { CareDocument } from '../documents/care-document.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Profile } from '../profile/profile.ts';
import { codesOf } from './comparable.ts';
import type { PriorReference } from './comparable.ts';

/** What priors are wanted for, and whose. */
export interface PriorSubject extends PriorReference {
  readonly patientId: string;
  /** Issuer as DICOM has it; '' when it is not known. */
  readonly issuer: string;
  /** UID of the study, or OID of the request. */
  readonly id: string;
  /** Who made the request, and its service event; '' for a study, or when the document does not say. */
  readonly author: string;
  readonly serviceEvent: string;
}

/** A study UID or the OID of a document; undefined when neither is here. */
export async function priorSubject(
  index: Pick<IndexService, 'read'>,
  profile: Profile,
  id: string,
): Promise<PriorSubject | undefined> {
  const document = await index.read('documentByOid', id);
  if (document !== undefined)
    return {
      id,
      patientId: document.patientId,
      issuer: document.patientIdRoot,
      code: document.examinationCode,
      codeSystem: document.examinationScheme,
      modalities: [],
      date: document.effectiveTime.slice(0, 8),
      author: authorOf(document.header),
      serviceEvent: document.serviceEventOid,
    };
  const facts = await index.read('studyFacts', id);
  if (facts === undefined) return undefined;
  const [procedure] = facts.procedureCodes;
  const candidate = { ...facts, modalities: [] };
  return {
    id,
    patientId: facts.patient.id,
    issuer: facts.patient.issuer,
    code: procedure?.value ?? codesOf(profile, candidate)[0] ?? '',
    codeSystem: procedure?.scheme ?? '',
    modalities: [...new Set(facts.series.map(({ modality }) => modality))],
    date: facts.studyDate,
    author: '',
    serviceEvent: '',
  };
}

function authorOf(header: string): string {
  const [author] = (JSON.parse(header) as Partial<Pick<CareDocument, 'authors'>>).authors ?? [];
  return author?.idExtension || author?.name || '';
}
