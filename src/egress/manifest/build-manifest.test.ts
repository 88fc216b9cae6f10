import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../../config/shipped-files.ts';
import { decodeDataSet, getItems, getString, getUid } from '../../dicom/data-set.ts';
import type { DataSet } from '../../dicom/data-set.ts';
import { readFileMeta } from '../../dicom/file-meta.ts';
import type { HeaderItem } from '../../dicom/header-reader.ts';
import { TAG } from '../../dicom/tags.ts';
import { isStrictUid } from '../../dicom/uid-syntax.ts';
import { UID } from '../../dicom/uids.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import { buildManifest } from './build-manifest.ts';
import type { ManifestRequest } from './build-manifest.ts';
import { referenceKind } from './reference-kind.ts';

const { egress } = loadProfile(shippedFile(DEFAULT_PROFILE));

const CT = UID.CTImageStorage;
const instance = (series: number, sop: number, sopClassUid: string = CT) => ({
  seriesInstanceUid: `2.25.1.${series}`,
  sopClassUid,
  sopInstanceUid: `2.25.2.${sop}`,
});

function request(changes: Partial<ManifestRequest> = {}, attributes: HeaderItem = {}): ManifestRequest {
  return {
    header: {
      charset: 'ISO_IR 100',
      truncated: false,
      attributes: {
        PatientName: 'Öhman^Åke',
        PatientID: '010190-999X',
        PatientBirthDate: '19900101',
        PatientSex: 'M',
        StudyDate: '20261025',
        StudyTime: '031500',
        AccessionNumber: 'A1',
        ...attributes,
      },
    },
    studyInstanceUid: '2.25.77',
    instances: [instance(1, 1), instance(1, 2), instance(2, 3, UID.TwelveLeadECGWaveformStorage)],
    destination: 'national',
    version: 1,
    retrieveAet: 'NATIONAL',
    committedAt: Date.parse('2026-10-25T00:30:15.250Z'),
    ...changes,
  };
}

function decode(file: Buffer): DataSet {
  const meta = readFileMeta(file);
  expect(meta).toMatchObject({ sopClassUid: UID.KeyObjectSelectionDocumentStorage });
  return decodeDataSet(file.subarray(meta.dataSetOffset), meta.transferSyntaxUid);
}

function referenced(ds: DataSet): string[] {
  return getItems(ds, TAG.CurrentRequestedProcedureEvidenceSequence).flatMap((study) =>
    getItems(study, TAG.ReferencedSeriesSequence).flatMap((series) =>
      getItems(series, TAG.ReferencedSOPSequence).map(
        (item) => `${getUid(series, TAG.SeriesInstanceUID)} ${getUid(item, TAG.ReferencedSOPInstanceUID)}`,
      ),
    ),
  );
}

test('references exactly the committed instances, in the evidence and in the content, each as what it is', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      (numbers, series) => {
        const classes = [CT, UID.TwelveLeadECGWaveformStorage, UID.EncapsulatedPDFStorage];
        const instances = numbers.map((n) => instance(n % series, n, classes[n % 3]));
        const ds = decode(buildManifest(request({ instances }), egress).file);
        expect(new Set(referenced(ds))).toEqual(
          new Set(instances.map((i) => `${i.seriesInstanceUid} ${i.sopInstanceUid}`)),
        );
        const items = getItems(ds, TAG.ContentSequence).map((item) => {
          const [reference] = getItems(item, TAG.ReferencedSOPSequence);
          expect(getString(item, TAG.ValueType, '')).toBe(
            referenceKind(getUid(reference!, TAG.ReferencedSOPClassUID)!),
          );
          return getUid(reference!, TAG.ReferencedSOPInstanceUID);
        });
        expect(new Set(items)).toEqual(new Set(instances.map((i) => i.sopInstanceUid)));
        expect(items).toHaveLength(instances.length);
      },
    ),
    { numRuns: 30 },
  );
});

test('the same request gives the same bytes in whatever order it names the instances; another one another UID in the same series', () => {
  const { instances } = request();
  const first = buildManifest(request(), egress);
  const again = buildManifest(request({ instances: instances.toReversed() }), egress);
  expect(again.file.equals(first.file)).toBe(true);
  expect(again).toMatchObject({ sopInstanceUid: first.sopInstanceUid, sha256: first.sha256 });
  for (const changed of [
    request({ instances: instances.slice(1) }),
    request({ version: 2 }),
    request({ committedAt: 0 }),
    request({}, { PatientName: 'Other' }),
  ]) {
    const other = buildManifest(changed, egress);
    expect(other.sopInstanceUid).not.toBe(first.sopInstanceUid);
    expect(other.seriesInstanceUid).toBe(first.seriesInstanceUid);
  }
  expect(buildManifest(request({ studyInstanceUid: '2.25.78' }), egress).seriesInstanceUid).not.toBe(
    first.seriesInstanceUid,
  );
  expect([first.sopInstanceUid, first.seriesInstanceUid].every(isStrictUid)).toBe(true);
});

test('keeps the character set of the study while it can say everything', () => {
  const named = (charset: string, PatientName: string) => {
    const { header } = request({}, { PatientName });
    const ds = decode(buildManifest(request({ header: { ...header, charset } }), egress).file);
    const used = getString(ds, TAG.SpecificCharacterSet, '') ?? '';
    return [used, getString(ds, TAG.PatientName, used)];
  };
  expect(named('ISO_IR 100', 'Öhman^Åke')).toEqual(['ISO_IR 100', 'Öhman^Åke']);
  expect(named('', 'Ohman')).toEqual(['', 'Ohman']);
  expect(named('', 'Öhman')).toEqual(['ISO_IR 100', 'Öhman']);
  expect(named('ISO_IR 100', 'Ánne Čiŋgá')).toEqual(['ISO_IR 192', 'Ánne Čiŋgá']);
});

test.for([
  // The hour that comes twice in Helsinki when summer time ends, and one in summer.
  ['2026-10-25T00:30:15.250Z', undefined, '20261025', '033015'],
  ['2026-10-25T01:30:15Z', undefined, '20261025', '033015'],
  ['2026-07-01T21:00:00Z', undefined, '20260702', '000000'],
  ['2026-07-01T21:00:00Z', '+0200', '20260701', '230000'],
  ['2026-07-01T21:00:00Z', '-0330', '20260701', '173000'],
] as const)('%s with the offset %s is %s %s', ([at, offset, date, time]) => {
  const attributes = offset === undefined ? {} : { TimezoneOffsetFromUTC: offset };
  const ds = decode(buildManifest(request({ committedAt: Date.parse(at) }, attributes), egress).file);
  expect(getString(ds, TAG.ContentDate, '')).toBe(date);
  expect(getString(ds, TAG.ContentTime, '')).toBe(time);
  expect(getString(ds, TAG.TimezoneOffsetFromUTC, '')).toBe(offset);
});

test.for([
  [CT, 'IMAGE'],
  ['1.2.840.10008.5.1.4.1.1.77.1.4', 'IMAGE'],
  ['1.2.840.10008.5.1.4.1.1.6.2', 'IMAGE'],
  ['1.2.840.10008.5.1.4.1.1.66.4', 'IMAGE'],
  ['1.2.840.10008.5.1.4.1.1.1.1.1', 'IMAGE'],
  [UID.TwelveLeadECGWaveformStorage, 'WAVEFORM'],
  ['1.2.840.10008.5.1.4.1.1.9.1.4', 'WAVEFORM'],
  ['1.2.840.10008.5.1.4.1.1.9.100.1', 'COMPOSITE'],
  [UID.EncapsulatedPDFStorage, 'COMPOSITE'],
  ['1.2.840.10008.5.1.4.1.1.88.67', 'COMPOSITE'],
  ['1.2.840.10008.5.1.4.1.1.11.1', 'COMPOSITE'],
  ['1.2.3.4', 'COMPOSITE'],
] as const)('%s is referenced as %s', ([sopClass, kind]) => {
  expect(referenceKind(sopClass)).toBe(kind);
});
