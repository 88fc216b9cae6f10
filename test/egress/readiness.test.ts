import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { encodeFileMeta } from '../../src/dicom/file-meta.ts';
import { UID } from '../../src/dicom/uids.ts';
import { createEgress } from '../../src/node/create-egress.ts';
import { openInProcessCli } from '../cli/in-process.ts';
import { REPO } from '../cli/kuva.ts';
import type { Cli } from '../cli/kuva.ts';
import { writeChangedProfile } from '../support/changed-profile.ts';
import { freePort } from '../support/free-port.ts';
import { syntheticDataSet } from '../support/synthetic-object.ts';
import type { SyntheticObject } from '../support/synthetic-object.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

const EXAMPLES = join(REPO, 'config/examples');
const CT = '1.2.246.10.90000003.1';
const ECG = '1.2.246.10.90000003.2';
const ECG_12_LEAD = '1.2.840.10008.5.1.4.1.1.9.1.1';
const PATIENT = {
  PatientID: '131052-308T',
  IssuerOfPatientID: '1.2.246.21',
  PatientBirthDate: '19521013',
  PatientSex: 'F',
};

const NORTH = {
  key: 'north',
  name: 'North',
  businessId: '9000001-1',
  registerCode: '2',
  egressAet: 'NORTH',
  enablements: ['radiology', 'ecg'].map((contentType) => ({ contentType, state: 'PRODUCTION', from: '2026-01-01' })),
};

interface Job {
  readonly studyInstanceUid: string;
  readonly state: string;
}

function write(folder: string, object: SyntheticObject): void {
  mkdirSync(folder, { recursive: true });
  const { sop: sopInstanceUid, sopClassUid = UID.CTImageStorage } = object;
  const meta = encodeFileMeta({ sopClassUid, sopInstanceUid, transferSyntaxUid: UID.ExplicitVRLittleEndian });
  writeFileSync(join(folder, `${sopInstanceUid}.dcm`), Buffer.concat([meta, syntheticDataSet(object)]));
}

async function checked(cli: Cli, study: string, ...args: string[]): Promise<string[]> {
  const { code, stdout } = await cli.run('check', study, '--json', ...args);
  const { verdict, findings } = JSON.parse(stdout) as {
    verdict: string;
    findings: { code: string; severity: string }[];
  };
  expect(code).toBe(verdict === 'held' ? 1 : 0);
  return findings.filter(({ severity }) => severity === 'error').map((finding) => finding.code);
}

test(
  'held studies say all that is wrong, and go on by themselves when a register is mended',
  { timeout: 240_000 },
  async () => {
    const env = {
      KUVA_NODE__ORGANISATION: 'north',
      KUVA_EGRESS__DESTINATION__AE_TITLE: 'ARCHIVE',
      KUVA_EGRESS__DESTINATION__HOST: '127.0.0.1',
      KUVA_EGRESS__DESTINATION__PORT: String(await freePort()),
      KUVA_EGRESS__DESTINATION__TLS: 'false',
      KUVA_EGRESS__QUIET_TIME: '0',
      KUVA_LOGGING__LEVEL: 'error',
    };
    await using places = await tempDir();
    // Care documents have tests of their own.
    const KUVA_PROFILE = writeChangedProfile(places.file('profile.yaml'), ({ documents }) => {
      documents.gate.enabled = false;
    });
    await using cli = await openInProcessCli({ ...env, KUVA_PROFILE });
    const folder = cli.file('objects');
    const ct = { ...PATIENT, StudyDescription: 'ZA1AD Pää' };
    write(folder, { study: CT, series: `${CT}.1`, sop: `${CT}.1.1`, attributes: ct });
    const ecg = { ...PATIENT, StudyDescription: 'ZZ9EA Lepo-EKG', Modality: 'ECG' };
    write(folder, { study: ECG, series: `${ECG}.1`, sop: `${ECG}.1.1`, sopClassUid: ECG_12_LEAD, attributes: ecg });
    await cli.json(0, 'import', folder);
    expect(await checked(cli, CT)).toEqual(['CODE_UNKNOWN', 'ORG_UNKNOWN', 'NOT_CERTIFIED']);

    const configEnv = { ...env, KUVA_PROFILE, KUVA_STORAGE__ROOT: cli.storage, KUVA_STORAGE__RESERVE_BYTES: '0' };
    const { config } = loadConfig({ home: REPO, cwd: cli.file(), file: undefined, env: configEnv, flags: [] });
    await using egress = await createEgress(config);
    const inState = (study: string, wanted: (state: string) => boolean) =>
      waitFor(
        `${study} to move`,
        async () => {
          egress.wake();
          const jobs = await cli.json<Job>(0, 'queue', 'list');
          return jobs.some((job) => job.studyInstanceUid === study && wanted(job.state));
        },
        60_000,
      );
    const isHeld = (state: string): boolean => state === 'HELD';
    // No archive answers, so that what may go waits for it in one state or another.
    const goes = (state: string): boolean => ['QUEUED', 'SENDING', 'RETRY_WAIT'].includes(state);
    await inState(CT, isHeld);
    await inState(ECG, isHeld);
    const held = await cli.json<{ code: string; studies: number }>(0, 'held');
    expect(held).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'NOT_CERTIFIED', studies: 2 })]));

    const codes = (file: string, list: string) => cli.json(0, 'codes', 'import', join(EXAMPLES, file), '--list', list);
    expect(await codes('codes-radiology-fictitious.json', '1.2.246.10.90000003.6.4')).toMatchObject([
      { lookedAtAgain: 1 },
    ]);
    await codes('codes-ecg-fictitious.csv', '1.2.246.10.90000003.6.2');
    writeFileSync(cli.file('north.json'), JSON.stringify({ organisations: [NORTH] }));
    await cli.json(0, 'org', 'import', cli.file('north.json'));
    const cert = 'cert add R-1 --system PACS --system-version 7 --class A2 --spec-version 2.4.1'.split(' ');
    const days = ['--joint-test', '2025-03-01', '--valid-to', '2099-12-31'];
    await cli.json(0, ...cert, '--content-type', 'radiology', ...days);
    await inState(CT, goes);
    await inState(ECG, isHeld);
    expect(await checked(cli, CT)).toEqual([]);
    expect(await checked(cli, CT, '--date', '2100-01-01')).toEqual(['CERT_EXPIRED']);
    expect(await checked(cli, ECG)).toEqual(['NOT_CERTIFIED']);

    await cli.json(0, ...cert, '--content-type', 'radiology,ecg', ...days);
    await inState(ECG, goes);
    await cli.json(0, 'org', 'enable', 'north', '--content-type', 'ecg', '--state', 'SUSPENDED');
    await inState(ECG, isHeld);
    await inState(CT, goes);
  },
);
