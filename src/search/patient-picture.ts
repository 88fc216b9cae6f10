import type { DocumentRow, LinkedBy } from '../index/documents/document-types.ts';
import type { IndexService } from '../index/index-service.ts';
import type { StudySummary } from '../index/index-types.ts';
import type { PriorStudy } from '../index/priors/prior-types.ts';
import type { PictureIdentity, PictureManifest } from '../index/search/search-reads.ts';

export type PictureDocument = Omit<DocumentRow, 'header'>;

export interface PictureStudy extends StudySummary, Pick<PriorStudy, 'procedureCodes' | 'controllerOid' | 'copyUntil'> {
  readonly manifests: readonly PictureManifest[];
  readonly documents: readonly (PictureDocument & { readonly linkedBy: LinkedBy })[];
}

/** Everything that is here of one patient, each thing once, what belongs together beside each other. */
export interface PatientPicture {
  readonly patientId: string;
  /** Under which the studies came. */
  readonly identities: readonly PictureIdentity[];
  /** Newest first, as C-FIND counts them. */
  readonly studies: readonly PictureStudy[];
  /** The patient's documents that belong to none of these studies. */
  readonly unlinkedDocuments: readonly PictureDocument[];
}

export interface PictureOptions {
  readonly index: Pick<IndexService, 'read' | 'listStudies'>;
  /** Port of disclosure control: those of the studies that may be shown. */
  readonly permitted: (studyUids: readonly string[]) => Promise<ReadonlySet<string>>;
  /** The same for documents, by OID: those of the studies that are shown, and those that belong to none. */
  readonly permittedDocuments: (documents: readonly PictureDocument[]) => Promise<ReadonlySet<string>>;
}

const PAGE = 500;

/** Undefined when nothing of the patient is here, or may be shown: the two cannot be told apart. */
export async function patientPicture(options: PictureOptions, patientId: string): Promise<PatientPicture | undefined> {
  const { index } = options;
  const [summaries, facts, documents] = await Promise.all([
    studiesOf(index, patientId),
    index.read('priorStudies', patientId),
    documentsOf(index, patientId),
  ]);
  const shown = await options.permitted(summaries.map(({ studyInstanceUid }) => studyInstanceUid));
  const linked = new Set<string>();
  const studies: PictureStudy[] = [];
  for (const summary of summaries) {
    const { studyInstanceUid } = summary;
    const [of, manifests] = await Promise.all([
      index.read('documentsOfStudy', studyInstanceUid),
      index.read('pictureManifests', studyInstanceUid),
    ]);
    // A document of a study that may not be shown is not shown as one without a study, either.
    for (const { oid } of of) linked.add(oid);
    if (!shown.has(studyInstanceUid)) continue;
    const found = facts.find((fact) => fact.studyInstanceUid === studyInstanceUid);
    const { procedureCodes = [], controllerOid = '', copyUntil = null } = found ?? {};
    studies.push({ ...summary, procedureCodes, controllerOid, copyUntil, manifests, documents: of.map(withoutHeader) });
  }
  const loose = documents.filter(({ oid }) => !linked.has(oid));
  const inQuestion = [...loose.map(withoutHeader), ...studies.flatMap((study) => study.documents)];
  const permitted = await options.permittedDocuments([
    ...new Map(inQuestion.map((document) => [document.oid, document])).values(),
  ]);
  const isPermitted = ({ oid }: PictureDocument): boolean => permitted.has(oid);
  const unlinkedDocuments = loose.map(withoutHeader).filter(isPermitted);
  const shownStudies = studies.map((study) => ({ ...study, documents: study.documents.filter(isPermitted) }));
  if (studies.length === 0 && unlinkedDocuments.length === 0) return undefined;
  // A name that only withheld studies brought is withheld with them.
  const identities = await index.read('pictureIdentities', [...shown]);
  return { patientId, identities, studies: shownStudies, unlinkedDocuments };
}

async function studiesOf(index: PictureOptions['index'], patientId: string): Promise<StudySummary[]> {
  const studies: StudySummary[] = [];
  for (let before: string | undefined; ;) {
    const page = await index.listStudies({ limit: PAGE, patientId, ...(before === undefined ? {} : { before }) });
    studies.push(...page);
    before = page.at(-1)?.studyInstanceUid;
    if (page.length < PAGE) return studies;
  }
}

async function documentsOf(index: PictureOptions['index'], patientId: string): Promise<DocumentRow[]> {
  const documents: DocumentRow[] = [];
  for (let before: number | undefined; ;) {
    const page = await index.read('documentList', {
      limit: PAGE,
      patientId,
      ...(before === undefined ? {} : { before }),
    });
    documents.push(...page);
    before = page.at(-1)?.id;
    if (page.length < PAGE) return documents;
  }
}

function withoutHeader<Row extends DocumentRow>(row: Row): Omit<Row, 'header'> {
  const { header: _, ...rest } = row;
  return rest;
}
