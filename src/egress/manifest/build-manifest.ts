import { hash } from 'node:crypto';
import { chooseResponseCharset } from '../../dicom/character-sets.ts';
import { encodeDataSet } from '../../dicom/data-set.ts';
import { encodeFileMeta } from '../../dicom/file-meta.ts';
import type { HeaderItem, InstanceHeader } from '../../dicom/header-reader.ts';
import { UID } from '../../dicom/uids.ts';
import type { Profile } from '../../profile/profile.ts';
import { hashedUid } from './hashed-uid.ts';
import { itemDataSet, textsOf } from './item-data-set.ts';
import { localDateTime } from './local-date-time.ts';
import { contentItems, evidence, inOrder } from './manifest-content.ts';
import type { ManifestInstance } from './manifest-content.ts';

/** Everything that a manifest depends on: the same request gives the same bytes. */
export interface ManifestRequest {
  /** Of an instance of the study: patient and study are copied from it. */
  readonly header: InstanceHeader;
  readonly studyInstanceUid: string;
  /** All that is committed, of all versions of the study. */
  readonly instances: readonly ManifestInstance[];
  /** Name of the destination. */
  readonly destination: string;
  readonly version: number;
  /** AE title that the archive gives the instances out as. */
  readonly retrieveAet: string;
  /** When the last instance was committed, ms since 1970. */
  readonly committedAt: number;
}

export interface Manifest {
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sha256: string;
  /** A DICOM file (PS3.10), Explicit VR Little Endian. */
  readonly file: Buffer;
}

// PS3.3 C.7.1.1 and C.7.2.1: what says whose study it is and which one.
const PATIENT = [
  'PatientName',
  'PatientID',
  'IssuerOfPatientID',
  'IssuerOfPatientIDQualifiersSequence',
  'PatientBirthDate',
  'PatientSex',
];
const STUDY = [
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'IssuerOfAccessionNumberSequence',
  'ReferringPhysicianName',
  'StudyDescription',
  'ProcedureCodeSequence',
  'StudyID',
];
/** Type 2: there, even when the study has none. */
const ALWAYS: ReadonlySet<string> = new Set([
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'PatientSex',
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'ReferringPhysicianName',
  'StudyID',
]);

/** The Key Object Selection Document (PS3.3 A.35.4, PS3.16 TID 2010) that lists what the archive has of a study. */
export function buildManifest(request: ManifestRequest, profile: Profile['egress']): Manifest {
  const { header, studyInstanceUid, destination } = request;
  const instances = inOrder(request.instances);
  // One series for the manifests of a study; each that differs is an instance of its own.
  const seriesInstanceUid = hashedUid('manifest series', destination, studyInstanceUid);
  const copied = { ...copy(header.attributes, PATIENT), ...copy(header.attributes, STUDY) };
  const content = { ...copied, ...request, instances, header: undefined, ...profile.manifest };
  const sopInstanceUid = hashedUid('manifest', seriesInstanceUid, JSON.stringify(content));
  const item: HeaderItem = {
    ...copied,
    SOPClassUID: UID.KeyObjectSelectionDocumentStorage,
    SOPInstanceUID: sopInstanceUid,
    StudyInstanceUID: studyInstanceUid,
    SeriesInstanceUID: seriesInstanceUid,
    InstanceNumber: String(request.version),
    ...series(profile.manifest),
    ...dateTime(header, request.committedAt, profile.timeZone),
    ...requests(copied, studyInstanceUid),
    CurrentRequestedProcedureEvidenceSequence: [evidence(studyInstanceUid, instances, request.retrieveAet)],
    ...root(profile.manifest.title),
    ContentSequence: contentItems(instances),
  };
  const charset = chooseResponseCharset(textsOf(item), [header.charset, 'ISO_IR 100']);
  const coded = charset === '' ? item : { SpecificCharacterSet: charset, ...item };
  const transferSyntaxUid = UID.ExplicitVRLittleEndian;
  const meta = { sopClassUid: UID.KeyObjectSelectionDocumentStorage, sopInstanceUid, transferSyntaxUid };
  const file = Buffer.concat([encodeFileMeta(meta), encodeDataSet(itemDataSet(coded, charset), transferSyntaxUid)]);
  return { sopInstanceUid, seriesInstanceUid, sha256: hash('sha256', file), file };
}

function copy(attributes: HeaderItem, keywords: readonly string[]): HeaderItem {
  const copied: HeaderItem = {};
  for (const keyword of keywords) {
    const value = attributes[keyword] ?? (ALWAYS.has(keyword) ? '' : undefined);
    if (value !== undefined && value.length > 0) copied[keyword] = typeof value === 'string' ? value : value.map(plain);
    else if (ALWAYS.has(keyword)) copied[keyword] = '';
  }
  return copied;
}

/** An item without a character set of its own: all text here has one. */
function plain(item: HeaderItem): HeaderItem {
  const { SpecificCharacterSet: _, ...rest } = item;
  return rest;
}

/** PS3.3 C.17.6.1 and C.7.5.1. */
function series(manifest: Profile['egress']['manifest']): HeaderItem {
  return {
    Modality: 'KO',
    SeriesNumber: String(manifest.seriesNumber),
    SeriesDescription: manifest.seriesDescription,
    ReferencedPerformedProcedureStepSequence: [],
    Manufacturer: manifest.manufacturer,
  };
}

/** In the study's own offset, which then holds for all its times; else by the clock where the archive is. */
function dateTime(header: InstanceHeader, at: number, timeZone: string): HeaderItem {
  const offset = header.attributes['TimezoneOffsetFromUTC'];
  const known = typeof offset === 'string' && /^[+-]\d{4}$/.test(offset) ? offset : undefined;
  const { date, time } = localDateTime(at, known, timeZone);
  return {
    ContentDate: date,
    ContentTime: time,
    ...(known === undefined ? {} : { TimezoneOffsetFromUTC: known }),
  };
}

/** Referenced Request Sequence (PS3.3 table 10-9b): the request that the study answers, when it names one. */
function requests(copied: HeaderItem, StudyInstanceUID: string): HeaderItem {
  const { AccessionNumber = '', IssuerOfAccessionNumberSequence, ProcedureCodeSequence } = copied;
  if (AccessionNumber === '') return {};
  const issuer = IssuerOfAccessionNumberSequence === undefined ? {} : { IssuerOfAccessionNumberSequence };
  return {
    ReferencedRequestSequence: [
      {
        StudyInstanceUID,
        ReferencedStudySequence: [],
        AccessionNumber,
        ...issuer,
        PlacerOrderNumberImagingServiceRequest: '',
        FillerOrderNumberImagingServiceRequest: '',
        RequestedProcedureID: '',
        RequestedProcedureDescription: '',
        RequestedProcedureCodeSequence: ProcedureCodeSequence ?? [],
      },
    ],
  };
}

/** The container of TID 2010 (PS3.3 C.17.3, C.18.8). */
function root({ value, scheme, meaning }: Profile['egress']['manifest']['title']): HeaderItem {
  return {
    ValueType: 'CONTAINER',
    ConceptNameCodeSequence: [{ CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning }],
    ContinuityOfContent: 'SEPARATE',
    ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: '2010' }],
  };
}
