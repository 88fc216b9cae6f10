import { dataSetOf, decodeDataSet, encodeDataSet, getString, text } from '../dicom/data-set.ts';
import type { DataSet } from '../dicom/data-set.ts';
import { keywordOf, vrOf } from '../dicom/dictionary.ts';
import { TAG } from '../dicom/tags.ts';
import { VR_TRAITS } from '../dicom/vr-table.ts';
import type { SimObject } from './sim-objects.ts';

const LEVELS = ['STUDY', 'SERIES', 'IMAGE'] as const;
type Level = (typeof LEVELS)[number];

const UTF8 = 'ISO_IR 192';

/** Answers a Study Root C-FIND (PS3.4 C.6.2) from what is kept: an identifier a match; `hide` instances of a study are left out. */
export function findMatches(
  objects: Iterable<SimObject>,
  identifier: Buffer,
  transferSyntaxUid: string,
  archiveAet: string,
  hide: number,
): Buffer[] {
  const request = decodeDataSet(identifier, transferSyntaxUid);
  const charset = getString(request, TAG.SpecificCharacterSet, '') ?? '';
  const level = LEVELS.find((name) => name === getString(request, TAG.QueryRetrieveLevel, '')) ?? 'STUDY';
  const keys = [...request.keys()].filter((tag) => !CONTROL.has(tag));
  const studies = [...Map.groupBy(objects, (object) => object.studyInstanceUid).values()];
  const all = studies.flatMap((study) => study.slice(hide));
  return [...Map.groupBy(all, (object) => entity(object, level)).values()]
    .filter((group) =>
      group.some((object) =>
        keys.every((tag) => matches(valueOf(object, tag), getString(request, tag, charset) ?? '', tag)),
      ),
    )
    .map((group) => encodeDataSet(answer(group, all, level, keys, archiveAet), transferSyntaxUid));
}

// Request comments say who asks (profile: disclosure.asker): to an archive that takes part in that they are no key.
const REQUEST_COMMENTS = 0x00401400;
const CONTROL: ReadonlySet<number> = new Set([TAG.SpecificCharacterSet, TAG.QueryRetrieveLevel, REQUEST_COMMENTS]);

function entity(object: SimObject, level: Level): string {
  return { STUDY: object.studyInstanceUid, SERIES: object.seriesInstanceUid, IMAGE: object.sopInstanceUid }[level];
}

function valueOf({ attributes }: SimObject, tag: number): string {
  const value = attributes[keywordOf(tag) ?? ''];
  return typeof value === 'string' ? value : '';
}

/** PS3.4 C.2.2.2: universal, list of UIDs, range of dates, wild card, single value. Computed keys match everything. */
function matches(value: string, key: string, tag: number): boolean {
  if (key === '' || key === '*' || COMPUTED.has(tag)) return true;
  const vr = vrOf(tag);
  if (vr === 'UI') return key.split('\\').includes(value);
  if (vr === 'DA' && key.includes('-')) {
    const [from = '', to = ''] = key.split('-');
    return value >= from && (to === '' || value <= to);
  }
  const escaped = key.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, vr === 'PN' ? 'iu' : 'u').test(value);
}

const COMPUTED: ReadonlySet<number> = new Set([
  TAG.NumberOfStudyRelatedInstances,
  TAG.NumberOfStudyRelatedSeries,
  TAG.NumberOfSeriesRelatedInstances,
  TAG.ModalitiesInStudy,
  TAG.RetrieveAETitle,
  TAG.InstanceAvailability,
]);

function answer(
  group: readonly SimObject[],
  all: readonly SimObject[],
  level: Level,
  keys: readonly number[],
  archiveAet: string,
): DataSet {
  const [first] = group as [SimObject, ...SimObject[]];
  const study = all.filter((object) => object.studyInstanceUid === first.studyInstanceUid);
  const series = study.filter((object) => object.seriesInstanceUid === first.seriesInstanceUid);
  const computed = new Map<number, string>([
    [TAG.NumberOfStudyRelatedInstances, String(study.length)],
    [TAG.NumberOfStudyRelatedSeries, String(new Set(study.map((object) => object.seriesInstanceUid)).size)],
    [TAG.NumberOfSeriesRelatedInstances, String(series.length)],
    [TAG.ModalitiesInStudy, [...new Set(study.map((object) => valueOf(object, TAG.Modality)))].join('\\')],
    [TAG.RetrieveAETitle, archiveAet],
    [TAG.InstanceAvailability, 'ONLINE'],
  ]);
  const asked = keys.filter((tag) => {
    const vr = vrOf(tag);
    return vr !== undefined && VR_TRAITS[vr].text;
  });
  return dataSetOf(
    text(TAG.SpecificCharacterSet, 'CS', UTF8, ''),
    text(TAG.QueryRetrieveLevel, 'CS', level, ''),
    ...[...new Set([...asked, TAG.StudyInstanceUID])].map((tag) =>
      text(tag, textVr(tag), computed.get(tag) ?? valueOf(first, tag), UTF8),
    ),
  );
}

function textVr(tag: number) {
  const vr = vrOf(tag);
  return vr === undefined || vr === 'SQ' ? 'UN' : vr;
}
