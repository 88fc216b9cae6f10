import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { encodeFileMeta } from '../../src/dicom/file-meta.ts';
import { UID } from '../../src/dicom/uids.ts';
import { createEgress } from '../../src/node/create-egress.ts';
import { openInProcessCli } from '../cli/in-process.ts';
import { REPO } from '../cli/kuva.ts';
import { freePort } from '../support/free-port.ts';
import { syntheticDataSet } from '../support/synthetic-object.ts';
import { waitFor } from '../support/wait-for.ts';
import { cda, ENTRY, REQUEST, writeFiles } from './documents.ts';

const EXAMPLES = join(REPO, 'config/examples');
const CONTROLLER = '1.2.246.10.90000011.19.0';
const PATIENT = {
  PatientID: '131052-308T',
  IssuerOfPatientID: '1.2.246.21',
  PatientBirthDate: '19521013',
  PatientSex: 'F',
};
// The exercise ECG is a report; the resting one a waveform.
const STUDIES = {
  ct: {
    study: '1.2.246.10.90000003.1',
    sopClassUid: UID.CTImageStorage,
    Modality: 'CT',
    StudyDescription: 'ZA1AD Pää',
  },
  resting: {
    study: '1.2.246.10.90000003.2',
    sopClassUid: UID.TwelveLeadECGWaveformStorage,
    Modality: 'ECG',
    StudyDescription: 'ZZ9EA Lepo-EKG',
  },
  exercise: {
    study: '1.2.246.10.90000003.3',
    sopClassUid: UID.EncapsulatedPDFStorage,
    Modality: 'DOC',
    StudyDescription: 'ZZ9EA Rasitus-EKG',
  },
} as const;
const NORTH = {
  key: 'north',
  name: 'North',
  businessId: '9000001-1',
  registerCode: '2',
  egressAet: 'NORTH',
  enablements: ['radiology', 'ecg'].map((contentType) => ({ contentType, state: 'PRODUCTION', from: '2026-01-01' })),
};

test(
  'a study goes to the archive when request and examination entry are there, in any order; a statement is not waited for',
  { timeout: 240_000 },
  async () => {
    const env = {
      KUVA_NODE__ORGANISATION: 'north',
      KUVA_EGRESS__DESTINATION__AE_TITLE: 'ARCHIVE',
      KUVA_EGRESS__DESTINATION__HOST: '127.0.0.1',
      KUVA_EGRESS__DESTINATION__PORT: String(await freePort()),
      KUVA_EGRESS__DESTINATION__TLS: 'false',
      // Only the entry's arrival completes a study so soon.
      KUVA_EGRESS__QUIET_TIME: '1h',
      KUVA_LOGGING__LEVEL: 'error',
    };
    await using cli = await openInProcessCli(env);
    const codes = (file: string, list: string) => cli.json(0, 'codes', 'import', join(EXAMPLES, file), '--list', list);
    await codes('codes-radiology-fictitious.json', '1.2.246.10.90000003.6.4');
    await codes('codes-ecg-fictitious.csv', '1.2.246.10.90000003.6.2');
    writeFileSync(cli.file('north.json'), JSON.stringify({ organisations: [NORTH] }));
    await cli.json(0, 'org', 'import', cli.file('north.json'));
    const cert =
      'cert add R-1 --system PACS --system-version 7 --class A2 --spec-version 2.4.1 --content-type radiology,ecg';
    await cli.json(0, ...cert.split(' '), '--joint-test', '2025-03-01', '--valid-to', '2099-12-31');

    const bringIn = (study: string, ...kinds: ('request' | 'entry')[]) => {
      const files = kinds.map((kind): [string, string] => {
        const setId = `${study}.${kind === 'request' ? 1 : 2}`;
        const patient = { ...REQUEST.patient, id: PATIENT.PatientID };
        const changes = { oid: `${setId}.1`, setId, studyUid: study, patient, controllerOid: CONTROLLER };
        return [`${setId}.xml`, cda(kind === 'request' ? REQUEST : ENTRY, changes)];
      });
      return cli.json(0, 'documents', 'import', ...writeFiles(cli.file('cda'), Object.fromEntries(files)));
    };
    await bringIn(STUDIES.resting.study, 'request');
    const objects = cli.file('objects');
    mkdirSync(objects);
    for (const [name, { study, sopClassUid, ...attributes }] of Object.entries(STUDIES)) {
      const sop = `${study}.1.1`;
      const meta = encodeFileMeta({ sopClassUid, sopInstanceUid: sop, transferSyntaxUid: UID.ExplicitVRLittleEndian });
      const object = { study, series: `${study}.1`, sop, sopClassUid, attributes: { ...PATIENT, ...attributes } };
      writeFileSync(join(objects, `${name}.dcm`), Buffer.concat([meta, syntheticDataSet(object)]));
    }
    await cli.json(0, 'import', objects);

    const configEnv = { ...env, KUVA_STORAGE__ROOT: cli.storage, KUVA_STORAGE__RESERVE_BYTES: '0' };
    const { config } = loadConfig({ home: REPO, cwd: cli.file(), file: undefined, env: configEnv, flags: [] });
    await using egress = await createEgress(config);
    const states = async () => {
      egress.wake();
      const jobs = await cli.json<{ studyInstanceUid: string; state: string }>(0, 'queue', 'list');
      return new Map(jobs.map(({ studyInstanceUid, state }) => [studyInstanceUid, state]));
    };
    const inState = (study: string, ...wanted: string[]) =>
      waitFor(
        `${study} to be ${wanted.join(' or ')}`,
        async () => wanted.includes((await states()).get(study) ?? ''),
        60_000,
      );
    // No archive answers, so that what may go waits for it in one state or another.
    const GOES = ['QUEUED', 'SENDING', 'RETRY_WAIT'];
    for (const { study } of Object.values(STUDIES)) await inState(study, 'RECEIVING');

    await bringIn(STUDIES.ct.study, 'entry');
    await inState(STUDIES.ct.study, 'HELD');
    const [held] = await cli.json<{ findings: { code: string; remedy: string }[] }>(1, 'check', STUDIES.ct.study);
    expect(
      held?.findings.flatMap(({ code }) => (code.endsWith('_MISSING') && code !== 'ATTRIBUTE_MISSING' ? [code] : [])),
    ).toEqual(['REQUEST_MISSING']);
    await bringIn(STUDIES.ct.study, 'request');
    await inState(STUDIES.ct.study, ...GOES);

    await bringIn(STUDIES.resting.study, 'entry');
    await inState(STUDIES.resting.study, ...GOES);
    await bringIn(STUDIES.exercise.study, 'request', 'entry');
    await inState(STUDIES.exercise.study, ...GOES);
  },
);
