import { errorCode } from '../core/errors.ts';
import type { FileMeta } from '../dicom/file-meta.ts';
import type { DimseStatus } from '../dimse/command-types.ts';
import { statusText } from '../dimse/status-table.ts';
import { findFiles } from './find-files.ts';
import type { FoundFile } from './find-files.ts';
import { ImportRefusal, kindOfRefused } from './import-refusal.ts';
import type { ImportJournal } from './import-journal.ts';
import { openInstanceFile } from './instance-file.ts';

export type ImportResult = 'new' | 'duplicate' | 'conflict' | 'refused';

/** `skipped`: done by an earlier run; `notDicom`: such as a text or a viewer beside the images, which belongs in no archive. */
export type ImportOutcome = ImportResult | 'skipped' | 'notDicom';

/** Port: the way of one object into the archive, the same as for C-STORE. */
export interface IntakeSink {
  write(chunk: Buffer): boolean;
  drained(): Promise<void>;
  finish(): Promise<DimseStatus>;
  abort(cause: Error): void;
  /** After `finish`. */
  readonly result: { readonly kind: ImportResult };
}

export type BeginIntake = (meta: FileMeta) => IntakeSink;

export interface ImportCounts {
  readonly files: number;
  readonly bytes: number;
  readonly new: number;
  readonly duplicate: number;
  readonly conflict: number;
  readonly refused: number;
  readonly notDicom: number;
  /** Done by an earlier run of the same import. */
  readonly skipped: number;
}

export interface ImportProgress {
  readonly counts: ImportCounts;
  readonly file: string;
  readonly result: ImportOutcome;
  /** Why it was refused, or is not DICOM. */
  readonly reason?: string;
}

export interface ImportOptions {
  readonly paths: readonly string[];
  readonly begin: BeginIntake;
  readonly journal: ImportJournal;
  /** Files at once: their syncs and index commits are shared. */
  readonly parallel: number;
  readonly onProgress: (progress: ImportProgress) => void;
  /** Ends the import after the files that are under way. */
  readonly signal: AbortSignal;
}

/** Brings every instance below the paths into the archive. @throws ImportRefusal when a path does not exist */
export async function importFiles(options: ImportOptions): Promise<ImportCounts> {
  const counts = { files: 0, bytes: 0, new: 0, duplicate: 0, conflict: 0, refused: 0, notDicom: 0, skipped: 0 };
  const report = (file: string, result: ImportOutcome, reason?: string): void => {
    counts.files += 1;
    counts[result] += 1;
    options.onProgress({ counts: { ...counts }, file, result, ...(reason === undefined ? {} : { reason }) });
  };
  const source = findFiles(options.paths);
  const work = async (): Promise<void> => {
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      const found = next.value;
      if ('reason' in found) {
        report(found.path, 'refused', found.reason);
      } else if (options.journal.isDone(found)) {
        report(found.path, 'skipped');
      } else {
        const imported = await importOne(found, options.begin);
        if (imported !== undefined) {
          const { result, reason } = imported;
          if (result !== 'refused' && result !== 'notDicom') {
            counts.bytes += found.size;
            await options.journal.add(found);
          }
          report(found.path, result, reason);
        }
      }
      if (options.signal.aborted) return;
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, work));
  return counts;
}

interface Imported {
  readonly result: ImportResult | 'notDicom';
  readonly reason?: string;
}

/** @returns undefined for a table of contents */
async function importOne(found: FoundFile, begin: BeginIntake): Promise<Imported | undefined> {
  let sink: IntakeSink | undefined;
  try {
    await using file = await openInstanceFile(found.path);
    sink = begin(file.meta);
    for await (const chunk of file.chunks()) {
      if (!sink.write(chunk)) await sink.drained();
    }
    const finished = sink;
    sink = undefined;
    const status = await finished.finish();
    const result = finished.result.kind;
    return result === 'refused' ? { result, reason: answered(status) } : { result };
  } catch (error) {
    sink?.abort(error instanceof Error ? error : new Error(String(error)));
    if (error instanceof ImportRefusal) return refusal(found, error);
    if (errorCode(error) === 'UNKNOWN') throw error;
    return { result: 'refused', reason: `the file cannot be read (${errorCode(error)})` };
  }
}

function refusal(found: FoundFile, error: ImportRefusal): Imported | undefined {
  const result = kindOfRefused(found.path, error);
  return result === 'tableOfContents' ? undefined : { result, reason: error.message };
}

function answered({ code, errorComment }: DimseStatus): string {
  const status = `status ${statusText(code)}`;
  return errorComment === undefined ? status : `${errorComment} (${status})`;
}
