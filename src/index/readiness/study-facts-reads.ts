import { isStrictUid } from '../../dicom/uid-syntax.ts';
import { documentCounts } from '../documents/document-reads.ts';
import { packUid, unpackUid } from '../packed-uid.ts';
import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import { studyMarks } from '../study-marks.ts';
import type { FormatFact, IssuerFact, SeriesFacts, StudyFacts, StudyLinkFacts } from './study-facts-types.ts';

const LISTED = 20;
// What a rejection note took out of regular use neither goes to the archive nor speaks against the rest.
const IN_USE = 'NOT EXISTS (SELECT 1 FROM hidden_instance h WHERE h.id = i.id)';

const STUDY = `SELECT t.id, t.study_instance_uid, p.patient_id, p.issuer, p.issuer_qualifier_id, p.name, p.birth_date, p.sex,
  t.study_date, t.study_time, t.timezone_offset, t.accession_number, t.accession_issuer_id, t.study_id, t.referring_physician,
  t.study_description, t.institution_name, t.admission_id, t.attributes, b.organisation, t.num_instances, t.bytes,
  t.first_received_at, t.last_received_at, t.flags
  FROM study t JOIN patient p ON p.id = t.patient_fk JOIN bucket b ON b.id = t.bucket_id WHERE t.study_instance_uid = ?`;

/** Undefined when no object of the study is here. Costs a walk over the rows of its instances. */
export function studyFacts(statements: StatementCache, studyInstanceUid: string): StudyFacts | undefined {
  const uid = packUid(studyInstanceUid);
  const row = uid === undefined ? undefined : statements.get(STUDY).get(uid);
  if (uid === undefined || row === undefined) return undefined;
  const series = seriesFacts(statements, row[0]);
  return {
    studyInstanceUid: unpackUid(row[1] as Buffer),
    patient: {
      id: text(row[2]),
      issuer: text(row[3]),
      issuerQualifier: issuer(statements, row[4]),
      name: text(row[5]),
      birthDate: text(row[6]),
      sex: text(row[7]),
    },
    studyDate: text(row[8]),
    studyTime: text(row[9]),
    timezoneOffset: row[10] === null ? null : Number(row[10]),
    accessionNumber: text(row[11]),
    accessionIssuer: issuer(statements, row[12]),
    studyId: text(row[13]),
    referringPhysician: text(row[14]),
    studyDescription: text(row[15]),
    procedureCodes: statements
      .get(
        `SELECT c.value, c.scheme, c.version, c.meaning FROM study_procedure_code j JOIN code c ON c.id = j.code_id
         WHERE j.study_fk = ? ORDER BY c.value, c.scheme`,
      )
      .all(row[0])
      .map(([value, scheme, version, meaning]) => ({
        value: text(value),
        scheme: text(scheme),
        version: text(version),
        meaning: text(meaning),
      })),
    institutionName: text(row[16]),
    admissionId: text(row[17]),
    serviceEpisodeId: attribute(row[18], 'ServiceEpisodeID'),
    organisation: row[19] === '' ? null : text(row[19]),
    senders: statements
      .get(
        `SELECT DISTINCT n.aet FROM series s JOIN instance i ON i.series_fk = s.id JOIN sender n ON n.id = i.sender_id
         WHERE s.study_fk = ? ORDER BY n.aet`,
      )
      .all(row[0])
      .map(([aet]) => text(aet)),
    series,
    instances: Number(row[20]),
    bytes: Number(row[21]),
    firstReceivedAt: Number(row[22]),
    lastReceivedAt: Number(row[23]),
    marks: studyMarks(marksInForce(statements, row[0], Number(row[24]))),
    conflicts: conflicts(statements, row[0]),
    oddUids: oddUids(statements, row[0], series),
    isRebuilt: statements.get('SELECT 1 FROM rebuilt_study WHERE study_instance_uid = ?').get(uid) !== undefined,
    isSentAsOther: statements.get('SELECT 1 FROM identity_sent WHERE study_instance_uid = ?').get(uid) !== undefined,
    link: studyLink(statements, uid),
    documents: documentCounts(statements, studyInstanceUid),
  };
}

function seriesFacts(statements: StatementCache, studyId: Cell | undefined): SeriesFacts[] {
  const formats = new Map<number, FormatFact[]>();
  for (const row of statements
    .get(
      `SELECT i.series_fk, c.uid, x.uid, count(*) FROM series s JOIN instance i ON i.series_fk = s.id
       JOIN sop_class c ON c.id = i.sop_class_id JOIN transfer_syntax x ON x.id = i.transfer_syntax_id
       WHERE s.study_fk = ? AND ${IN_USE} GROUP BY i.series_fk, i.sop_class_id, i.transfer_syntax_id`,
    )
    .all(studyId)) {
    const list = formats.get(Number(row[0])) ?? [];
    list.push({ sopClassUid: text(row[1]), transferSyntaxUid: text(row[2]), instances: Number(row[3]) });
    formats.set(Number(row[0]), list);
  }
  return statements
    .get(
      `SELECT id, series_instance_uid, modality, series_number, series_description, body_part_examined, laterality, num_instances, bytes
       FROM series WHERE study_fk = ? ORDER BY series_number, id`,
    )
    .all(studyId)
    .filter((row) => formats.has(Number(row[0])))
    .map((row) => ({
      seriesInstanceUid: unpackUid(row[1] as Buffer),
      modality: text(row[2]),
      seriesNumber: row[3] === null ? null : Number(row[3]),
      seriesDescription: text(row[4]),
      bodyPartExamined: text(row[5]),
      laterality: text(row[6]),
      instances: Number(row[7]),
      bytes: Number(row[8]),
      formats: formats.get(Number(row[0])) ?? [],
    }));
}

/** A mark falls when every instance that brought it has been rejected; one of which nobody knows who brought it stands. */
function marksInForce(statements: StatementCache, studyId: Cell | undefined, flags: number): number {
  if (flags === 0) return 0;
  let [brought, standing] = [0, 0];
  for (const [marks, inUse] of statements
    .get(
      `SELECT m.marks, NOT EXISTS (SELECT 1 FROM hidden_instance h WHERE h.id = m.instance_id) FROM marked_instance m WHERE m.study_fk = ?`,
    )
    .all(studyId)) {
    brought |= Number(marks);
    if (inUse === 1) standing |= Number(marks);
  }
  return flags & ~(brought & ~standing);
}

function conflicts(statements: StatementCache, studyId: Cell | undefined): StudyFacts['conflicts'] {
  const uids = statements
    .get(
      `SELECT DISTINCT f.sop_instance_uid FROM series s CROSS JOIN instance i ON i.series_fk = s.id
       CROSS JOIN instance_conflict f ON f.sop_instance_uid = i.sop_instance_uid WHERE s.study_fk = ? AND ${IN_USE}`,
    )
    .all(studyId)
    .map(([uid]) => unpackUid(uid as Buffer));
  return { count: uids.length, sopInstanceUids: uids.slice(0, LISTED) };
}

function oddUids(
  statements: StatementCache,
  studyId: Cell | undefined,
  series: readonly SeriesFacts[],
): StudyFacts['oddUids'] {
  const instances = statements
    .get(
      `SELECT i.sop_instance_uid FROM series s JOIN instance i ON i.series_fk = s.id WHERE s.study_fk = ? AND ${IN_USE}`,
    )
    .all(studyId)
    .map(([uid]) => unpackUid(uid as Buffer));
  const odd = [...series.map((one) => one.seriesInstanceUid), ...instances].filter((uid) => !isStrictUid(uid));
  return { count: odd.length, uids: odd.slice(0, LISTED) };
}

function studyLink(statements: StatementCache, uid: Buffer): StudyLinkFacts | null {
  const row = statements
    .get(
      `SELECT accession_number, service_event_oid, controller_oid, register_code, register_specifier FROM study_link
       WHERE study_instance_uid = ?`,
    )
    .get(uid);
  if (row === undefined) return null;
  return {
    accessionNumber: text(row[0]),
    serviceEventOid: text(row[1]),
    controllerOid: text(row[2]),
    registerCode: text(row[3]),
    registerSpecifier: text(row[4]),
  };
}

function issuer(statements: StatementCache, id: Cell | undefined): IssuerFact | null {
  if (id === null) return null;
  const row = statements.get('SELECT local_id, universal_id, universal_type FROM issuer WHERE id = ?').get(id);
  return row === undefined ? null : { localId: text(row[0]), universalId: text(row[1]), universalType: text(row[2]) };
}

function attribute(json: Cell | undefined, keyword: string): string {
  return json === '' ? '' : ((JSON.parse(text(json)) as Record<string, string>)[keyword] ?? '');
}

function text(cell: Cell | undefined): string {
  return String(cell);
}
