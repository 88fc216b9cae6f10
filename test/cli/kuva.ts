import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataSetOf, encodeDataSet, text, uid } from '../../src/dicom/data-set.ts';
import { encodeFileMeta } from '../../src/dicom/file-meta.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { UID } from '../../src/dicom/uids.ts';
import { runProcess } from '../support/run-process.ts';
import type { ProcessResult } from '../support/run-process.ts';
import { tempDir } from '../support/temp-dir.ts';

export const REPO = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const KUVA = process.env['KUVA_TEST_COMMAND'] ?? join(REPO, 'scripts/kuva');

/** The command line on a storage of its own. */
export interface Cli extends AsyncDisposable {
  readonly storage: string;
  file(...parts: string[]): string;
  run(...args: string[]): Promise<ProcessResult>;
  /** Runs with `--json` and gives the objects of its lines; fails when the exit code is another one. */
  json<T = Record<string, unknown>>(expectedCode: number, ...args: string[]): Promise<T[]>;
}

export async function openCli(env: Record<string, string> = {}): Promise<Cli> {
  const dir = await tempDir('kuva-cli-');
  const storage = dir.file('storage');
  const run = (...args: string[]) =>
    runProcess(KUVA, args, {
      cwd: dir.path,
      env: { KUVA_STORAGE__ROOT: storage, KUVA_STORAGE__RESERVE_BYTES: '0', NO_COLOR: '1', ...env },
    });
  return {
    storage,
    file: dir.file,
    run,
    async json<T>(expectedCode: number, ...args: string[]) {
      const { code, stdout, output } = await run(...args, '--json');
      if (code !== expectedCode) throw new Error(`kuva ${args.join(' ')}: exit ${code}\n${output}`);
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T);
    },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

export interface Instance {
  readonly study: string;
  readonly sop: string;
  readonly patientId?: string;
  readonly description?: string;
  /** Makes other bytes under the same UIDs. */
  readonly comment?: string;
  /** Further attributes of the patient, or others of the name. */
  readonly patient?: {
    readonly name?: string;
    readonly birthDate?: string;
    readonly sex?: string;
    readonly comments?: string;
  };
}

/** The data set of a small CT image without pixels. */
export function dataSet({
  study,
  sop,
  patientId = 'PID-1',
  description = 'Study',
  comment = 'first',
  patient = {},
}: Instance): Buffer {
  return encodeDataSet(
    dataSetOf(
      text(0x0008_0005, 'CS', 'ISO_IR 192', ''),
      uid(TAG.SOPClassUID, UID.CTImageStorage),
      uid(TAG.SOPInstanceUID, sop),
      text(TAG.StudyDate, 'DA', '20260102', ''),
      text(TAG.Modality, 'CS', 'CT', ''),
      text(TAG.StudyDescription, 'LO', description, ''),
      text(TAG.PatientName, 'PN', patient.name ?? 'Mäkelä^Äiti', 'ISO_IR 192'),
      text(TAG.PatientID, 'LO', patientId, ''),
      ...(patient.birthDate === undefined ? [] : [text(TAG.PatientBirthDate, 'DA', patient.birthDate, '')]),
      ...(patient.sex === undefined ? [] : [text(TAG.PatientSex, 'CS', patient.sex, '')]),
      ...(patient.comments === undefined ? [] : [text(TAG.PatientComments, 'LT', patient.comments, '')]),
      uid(TAG.StudyInstanceUID, study),
      uid(TAG.SeriesInstanceUID, `${study}.1`),
      text(0x0020_4000, 'LT', comment, ''),
    ),
    UID.ExplicitVRLittleEndian,
  );
}

/** Writes instances as Part 10 files into a folder. */
export function writeInstances(folder: string, instances: readonly Instance[]): void {
  mkdirSync(folder, { recursive: true });
  instances.forEach((instance, i) => {
    const meta = encodeFileMeta({
      sopClassUid: UID.CTImageStorage,
      sopInstanceUid: instance.sop,
      transferSyntaxUid: UID.ExplicitVRLittleEndian,
    });
    // Another preamble than ours: the file as it comes is not the file as it is kept.
    writeFileSync(
      join(folder, `${i}.dcm`),
      Buffer.concat([Buffer.alloc(128, 1), meta.subarray(128), dataSet(instance)]),
    );
  });
}
