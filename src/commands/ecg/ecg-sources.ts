import { readFile, stat } from 'node:fs/promises';
import { storagePaths } from '../../config/storage-paths.ts';
import { errorCode } from '../../core/errors.ts';
import { readFileMeta } from '../../dicom/file-meta.ts';
import { sopClassName } from '../../dicom/sop-class-table.ts';
import { UID } from '../../dicom/uids.ts';
import { isUid } from '../../dicom/uid-syntax.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { InstanceRef } from '../../index/index-types.ts';
import { StoredObjects } from '../../transfer/stored-objects.ts';
import { toldFile } from '../../transfer/told-file.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { localSearch } from '../local-search.ts';
import { noteStudySeen } from '../note-audit.ts';
import { withIndex } from '../open-index.ts';

/** The whole file of an object that has an ECG. */
export interface EcgSource {
  readonly kind: 'waveform' | 'pdf';
  readonly file: Buffer;
}

// A day of three channels at 500 Hz and 16 bit has 260 MB.
const LARGEST = 1 << 30;

/**
 * Objects with an ECG: of a study, one instance, or a file. What comes out of the archive is on record when this resolves.
 * @throws UsageError, CommandFailedError
 */
export async function ecgSources({ config }: CommandContext, what: string, asker: string): Promise<EcgSource[]> {
  const found = await stat(what).catch(() => undefined);
  if (found?.isFile() === true) return [await fromFile(what)];
  if (!isUid(what)) throw new UsageError(`${what} is neither a file nor a UID`);
  const refs = await withIndex(config, async (index) => {
    const search = localSearch({ config, index, command: 'ecg show', asker });
    const found = await instancesOf(index, what);
    const permitted = await search.permitted([...new Set(found.map(({ studyInstanceUid }) => studyInstanceUid))]);
    await search.reveal({ studies: [...permitted] });
    for (const study of permitted) await noteStudySeen(index, config, study);
    return found.filter(({ studyInstanceUid }) => permitted.has(studyInstanceUid));
  });
  if (refs.length === 0) throw new CommandFailedError(`there is no study or instance ${what}`);
  const ecgs = refs.flatMap((ref) => {
    const kind = kindOf(ref.sopClassUid);
    return kind === undefined ? [] : [{ kind, ref }];
  });
  if (ecgs.length === 0) throw new CommandFailedError(`${what} has no ECG: no waveform, and no Encapsulated PDF`);
  const objects = new StoredObjects(storagePaths(config));
  return Promise.all(
    ecgs.map(async ({ kind, ref }) => ({
      kind,
      file: await told(await readWhole(objects.pathOf(ref.sha256), ref.size), ref),
    })),
  );
}

async function told(file: Buffer, ref: InstanceRef): Promise<Buffer> {
  if (ref.corrected === undefined) return file;
  const parts: Buffer[] = [];
  for await (const part of toldFile(once(file), ref)) parts.push(part);
  return Buffer.concat(parts);
}

async function* once(file: Buffer): AsyncGenerator<Buffer> {
  yield file;
}

async function instancesOf(index: IndexService, uid: string): Promise<InstanceRef[]> {
  const select = async (selection: Parameters<IndexService['selectInstances']>[0]): Promise<InstanceRef[]> => {
    const refs: InstanceRef[] = [];
    for await (const batch of index.selectInstances(selection)) refs.push(...batch);
    return refs;
  };
  const instances = await select({ level: 'IMAGE', sopUids: [uid] });
  return instances.length > 0 ? instances : select({ level: 'STUDY', studyUids: [uid] });
}

async function fromFile(path: string): Promise<EcgSource> {
  const file = await readWhole(path, (await stat(path)).size);
  const { sopClassUid } = readFileMeta(file);
  const kind = kindOf(sopClassUid);
  if (kind === undefined) throw new CommandFailedError(`${path} is no ECG but ${sopClassName(sopClassUid)}`);
  return { kind, file };
}

function kindOf(sopClassUid: string): EcgSource['kind'] | undefined {
  if (sopClassUid === UID.EncapsulatedPDFStorage) return 'pdf';
  return /ECG Waveform/.test(sopClassName(sopClassUid)) ? 'waveform' : undefined;
}

async function readWhole(path: string, size: number): Promise<Buffer> {
  if (size > LARGEST) throw new CommandFailedError(`${path} has ${size} bytes, more than can be drawn`);
  return readFile(path).catch((error: unknown) => {
    throw new CommandFailedError(`${path} cannot be read (${errorCode(error)})`);
  });
}
