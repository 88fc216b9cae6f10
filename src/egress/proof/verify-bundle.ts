import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, toError } from '../../core/errors.ts';
import { decodeDataSet } from '../../dicom/data-set.ts';
import { readFileMeta } from '../../dicom/file-meta.ts';
import { readKeyObjectDocument } from '../../dicom/key-object-document.ts';
import { parseCommitmentReport } from '../../services/commitment/parse-report.ts';
import { BundleEntries, bundleEntry } from './bundle-entries.ts';
import type { EntryOf } from './bundle-entries.ts';
import { readChain } from './chained-lines.ts';
import { CUSTODY_FILE, FORMAT } from './export-bundle.ts';

export interface BundleCheck {
  readonly check: string;
  readonly ok: boolean;
  /** What was found; the first fault when there is one. */
  readonly detail: string;
}

export interface BundleVerdict {
  readonly ok: boolean;
  /** SHA-256 of the last line: whoever kept it elsewhere knows that this is the bundle that was exported. */
  readonly head: string;
  readonly studyInstanceUid: string;
  readonly checks: readonly BundleCheck[];
}

/** Verifies an exported custody with nothing but its files. @throws when the folder or its custody cannot be read */
export function verifyBundle(folder: string, expectedHead: string | undefined): BundleVerdict {
  const chain = readChain(readFileSync(join(folder, CUSTODY_FILE), 'utf8'));
  const parsed = chain.entries.map((entry) => bundleEntry.safeParse(entry));
  const entries = new BundleEntries(parsed.flatMap(({ data }) => data ?? []));
  const unreadable = parsed.findIndex(({ success }) => !success);
  const [proof] = entries.of('proof');
  const [end] = entries.of('end');
  const instances = entries.of('instance');
  const checks = [
    check('chain', () => {
      if (chain.fault !== undefined) throw new Error(chain.fault);
      if (unreadable >= 0) throw new Error(`line ${unreadable + 1} is not an entry of a proof`);
      if (proof?.format !== FORMAT) throw new Error(`the first line does not say ${FORMAT}`);
      if (end?.instances !== instances.length || chain.entries.at(-1)?.['kind'] !== 'end')
        throw new Error('lines are missing at the end');
      if (expectedHead !== undefined && expectedHead !== chain.head) throw new Error(`its head is ${chain.head}`);
      return `${chain.entries.length} lines, head ${chain.head}`;
    }),
    check('files', () => checkFiles(folder, entries)),
    check('commitments', () => checkCommitments(folder, entries)),
    check('manifests', () => checkManifests(folder, entries)),
  ];
  return {
    ok: checks.every(({ ok }) => ok),
    head: chain.head,
    studyInstanceUid: proof?.studyInstanceUid ?? '',
    checks,
  };
}

function check(name: string, look: () => string): BundleCheck {
  try {
    return { check: name, ok: true, detail: look() };
  } catch (error) {
    const text = toError(error).message;
    return { check: name, ok: false, detail: errorCode(error) === 'UNKNOWN' ? text : `${text} (${errorCode(error)})` };
  }
}

/** Every named file is there, unchanged, and no other one. */
function checkFiles(folder: string, entries: BundleEntries): string {
  const named = [
    ...entries.of('commitment').flatMap(({ report }) => report ?? []),
    ...entries.of('manifest').map(({ file }) => file),
  ];
  for (const { file, sha256 } of named) {
    if (hash('sha256', readFileSync(join(folder, file))) !== sha256) throw new Error(`${file} has been changed`);
  }
  const known = new Set([CUSTODY_FILE, ...named.map(({ file }) => file)]);
  const stray = readdirSync(folder).find((name) => !known.has(name));
  if (stray !== undefined) throw new Error(`${stray} does not belong to it`);
  return `${named.length} files with the SHA-256 that the custody names`;
}

/** What is said to be committed, the archive's own report says, too. */
function checkCommitments(folder: string, entries: BundleEntries): string {
  const said = new Map<string, ReadonlySet<string>>();
  for (const commitment of entries.of('commitment'))
    said.set(commitment.transactionUid, committedBy(folder, commitment));
  let count = 0;
  for (const { sopInstanceUid, sopClassUid, forwards } of entries.of('instance')) {
    for (const { state, transactionUid } of forwards) {
      if (state !== 'COMMITTED') continue;
      if (said.get(transactionUid ?? '')?.has(`${sopClassUid} ${sopInstanceUid}`) !== true) {
        throw new Error(`no report commits the archive to keep ${sopInstanceUid}`);
      }
      count += 1;
    }
  }
  for (const { job, sopInstanceUid, transactionUid } of entries.of('manifest')) {
    const archived = entries.of('job').some((each) => each.job === job && each.state === 'ARCHIVED');
    if (!archived || transactionUid === '') continue;
    if (![...(said.get(transactionUid) ?? [])].some((reference) => reference.endsWith(` ${sopInstanceUid}`))) {
      throw new Error(`no report commits the archive to keep the manifest ${sopInstanceUid}`);
    }
  }
  return `${count} commitments, each in a report of the archive's`;
}

/** `class instance` of what a report commits. */
function committedBy(
  folder: string,
  { transactionUid, transferSyntax, report }: EntryOf<'commitment'>,
): ReadonlySet<string> {
  if (report === null) return new Set();
  const content = parseCommitmentReport(readFileSync(join(folder, report.file)), transferSyntax);
  if (content.transactionUid !== transactionUid) throw new Error(`${report.file} is of another transaction`);
  return new Set(content.committed.map(({ sopClassUid, sopInstanceUid }) => `${sopClassUid} ${sopInstanceUid}`));
}

/**
 * A manifest lists what was committed up to its version: all of it, and nothing else. What was rejected is listed by manifests from before
 * that alone.
 */
function checkManifests(folder: string, entries: BundleEntries): string {
  const [proof] = entries.of('proof');
  const jobs = new Map(entries.of('job').map((job) => [job.job, job]));
  for (const { job: id, sopInstanceUid, file } of entries.of('manifest')) {
    const job = jobs.get(id);
    if (job === undefined) throw new Error(`the manifest ${sopInstanceUid} belongs to no version of the study`);
    const listed = referencesOf(readFileSync(join(folder, file.file)), proof?.studyInstanceUid ?? '');
    const expected = entries.of('instance').filter(({ forwards }) =>
      forwards.some((forward) => {
        const by = jobs.get(forward.job);
        const upTo = by !== undefined && by.destination === job.destination && by.version <= job.version;
        return upTo && forward.state === 'COMMITTED' && !forward.isRejectionNote;
      }),
    );
    const missing = expected.find((instance) => instance.rejections.length === 0 && !listed.has(keyOf(instance)));
    if (missing !== undefined)
      throw new Error(`the manifest of version ${job.version} lacks ${missing.sopInstanceUid}`);
    if (listed.size !== expected.filter((instance) => listed.has(keyOf(instance))).length)
      throw new Error(`the manifest of version ${job.version} lists what was not committed`);
  }
  return `${entries.of('manifest').length} manifests list exactly what is committed`;
}

function keyOf(instance: {
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}): string {
  return `${instance.seriesInstanceUid} ${instance.sopClassUid} ${instance.sopInstanceUid}`;
}

/** What a manifest of this study lists. */
function referencesOf(file: Buffer, studyInstanceUid: string): ReadonlySet<string> {
  const { dataSetOffset, transferSyntaxUid } = readFileMeta(file);
  const { references } = readKeyObjectDocument(decodeDataSet(file.subarray(dataSetOffset), transferSyntaxUid));
  if (references.some((reference) => reference.studyInstanceUid !== studyInstanceUid)) {
    throw new Error('the manifest is of another study');
  }
  return new Set(references.map(keyOf));
}
