import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../../src/config/shipped-files.ts';
import { UID } from '../../src/dicom/uids.ts';
import { buildManifest } from '../../src/egress/manifest/build-manifest.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import { runProcess } from '../support/run-process.ts';
import { tempDir } from '../support/temp-dir.ts';

const { egress } = loadProfile(shippedFile(DEFAULT_PROFILE));
const SR = '1.2.840.10008.5.1.4.1.1.88.11';
const CODE = { CodeValue: 'ZZ9EA', CodingSchemeDesignator: '99TEST', CodeMeaning: 'Koe-EKG' };
const ISSUER = { UniversalEntityID: '1.2.246.21', UniversalEntityIDType: 'ISO' };

const full = {
  PatientName: 'Öhman^Åke',
  PatientID: '010190-900A',
  IssuerOfPatientID: '1.2.246.21',
  IssuerOfPatientIDQualifiersSequence: [ISSUER],
  PatientBirthDate: '19900101',
  PatientSex: 'M',
  StudyDate: '20261101',
  StudyTime: '101500',
  TimezoneOffsetFromUTC: '+0200',
  AccessionNumber: 'ACC1',
  IssuerOfAccessionNumberSequence: [ISSUER],
  ReferringPhysicianName: 'Läkare^Ö',
  StudyDescription: 'ZZ9EA koe',
  ProcedureCodeSequence: [{ ...CODE, SpecificCharacterSet: 'ISO_IR 192' }],
  StudyID: '7',
};

const instances = [UID.CTImageStorage, UID.TwelveLeadECGWaveformStorage, UID.EncapsulatedPDFStorage, SR].map(
  (sopClassUid, n) => ({ seriesInstanceUid: `2.25.1.${n}`, sopClassUid, sopInstanceUid: `2.25.2.${n}` }),
);

test.for([
  ['a study with everything', full, 'ISO_IR 100'],
  ['a study with hardly anything', { PatientID: '1' }, ''],
] as const)('DCMTK and dicom3tools find no fault with the manifest of %s', async ([, attributes, charset]) => {
  const header = { charset, truncated: false, attributes: attributes as typeof full };
  const { file } = buildManifest(
    {
      header,
      studyInstanceUid: '2.25.77',
      instances,
      destination: 'national',
      version: 1,
      retrieveAet: 'ARCHIVE',
      committedAt: Date.parse('2026-11-01T10:00:00Z'),
    },
    egress,
  );
  await using dir = await tempDir();
  const path = dir.file('manifest.dcm');
  writeFileSync(path, file);

  const dump = await runProcess('dsrdump', ['+Pc', path]);
  expect(dump.code).toBe(0);
  // DCMTK checks no template for any document, and says so.
  expect(
    dump.output.split('\n').filter((line) => /^[WEF]:/.test(line) && !line.includes('template constraints')),
  ).toEqual([]);
  expect(dump.output).toContain('<CONTAINER:(113030,DCM,"Manifest")=SEPARATE>');
  for (const kind of ['IMAGE', 'WAVEFORM', 'COMPOSITE']) expect(dump.output).toContain(`<contains ${kind}:=`);

  const check = await runProcess('dciodvfy', [path]);
  expect(check.output).toContain('KeyObjectSelectionDocument');
  // It warns of what the study itself lacks, and of code schemes that it does not know.
  expect(check.output.split('\n').filter((line) => line.startsWith('Error'))).toEqual([]);
});
