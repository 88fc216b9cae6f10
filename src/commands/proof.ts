import { resolve } from 'node:path';
import type { Command } from 'commander';
import { errorCode } from '../core/errors.ts';
import type { Custody, CustodyForward, CustodyInstance } from '../egress/proof/custody-types.ts';
import { exportBundle } from '../egress/proof/export-bundle.ts';
import { readCustody } from '../egress/proof/read-custody.ts';
import { verifyBundle } from '../egress/proof/verify-bundle.ts';
import type { IndexService } from '../index/index-service.ts';
import { addCommand, addGroup, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { noteStudyExport } from './note-audit.ts';
import { withIndex } from './open-index.ts';
import type { Output } from './output.ts';

interface ShowOptions {
  readonly export?: string;
}

interface VerifyOptions {
  readonly head?: string;
}

export function addProofCommands(program: Command, environment: CliEnvironment): void {
  const proof = addGroup(
    program,
    'proof',
    'the custody of a study, from receipt to the archive, and whether it holds',
    ['kuva proof A12345', 'kuva proof verify /tmp/A12345'],
  );

  addCommand(proof, {
    usage: 'show <accession-or-study>',
    summary:
      'who sent each instance, when it was on the disk, when it was forwarded, and what the archive committed itself to',
    examples: [
      'kuva proof A12345',
      'kuva proof 1.2.840.113619.2.1 --json',
      'kuva proof A12345 --export /tmp/A12345',
      'dsrdump /tmp/A12345/manifest-*.dcm        # what the archive was told that the study consists of',
    ],
    isDefault: true,
  })
    .option('--export <folder>', 'write it with the reports and manifests into a new folder, to be verified elsewhere')
    .action(async (name: string, options: ShowOptions, command: Command) => {
      const { out, config } = contextOf(environment, command);
      await withIndex(config, async (index) => {
        const studies = await studiesOf(index, name);
        if (studies.length === 0)
          throw new CommandFailedError(`there is no study with the accession number or UID ${name}`);
        for (const studyInstanceUid of studies) {
          const custody = await readCustody(index, studyInstanceUid);
          if (custody === undefined) continue;
          if (options.export === undefined) {
            show(custody, out);
            continue;
          }
          const target = studies.length > 1 ? `${options.export}-${studyInstanceUid}` : options.export;
          await noteStudyExport(index, config, studyInstanceUid, resolve(target));
          exportTo(custody, target, out);
        }
      });
    });

  addCommand(proof, {
    usage: 'verify <folder>',
    summary:
      'verify an exported custody with nothing but its files; exit code 1 when anything was changed or does not hold',
    examples: [
      'kuva proof verify /tmp/A12345',
      'kuva proof verify /tmp/A12345 --head 3f1c…        # what the export told, kept elsewhere',
    ],
  })
    .option('--head <sha256>', 'the head that the export told')
    .action((folder: string, options: VerifyOptions, command: Command) => {
      const { out } = contextOf(environment, command);
      let verdict: ReturnType<typeof verifyBundle>;
      try {
        verdict = verifyBundle(resolve(folder), options.head);
      } catch (error) {
        throw new CommandFailedError(`${folder} holds no custody that can be read (${errorCode(error)})`);
      }
      if (out.json) out.record(verdict, {});
      else {
        out.list(
          verdict.checks,
          [
            { title: 'check', value: (check) => check.check },
            { title: 'holds', value: (check) => (check.ok ? 'yes' : 'NO') },
            { title: 'found', value: (check) => check.detail },
          ],
          '',
        );
      }
      if (!verdict.ok) throw new CommandFailedError('the custody does not hold');
      if (options.head === undefined)
        out.say('that nothing was exchanged as a whole, the head of the export proves: --head');
    });
}

/** A study by its UID, or all with an accession number. */
async function studiesOf(index: IndexService, name: string): Promise<string[]> {
  if (/^[0-9.]{1,64}$/.test(name) && name.includes('.')) {
    if ((await index.showStudy(name)) !== undefined || (await index.read('queueJobsOfStudy', name)).length > 0)
      return [name];
  }
  const studies = await index.listStudies({ accessionNumber: name, limit: 100 });
  return studies.map(({ studyInstanceUid }) => studyInstanceUid);
}

function exportTo(custody: Custody, target: string, out: Output): void {
  let head: string;
  try {
    head = exportBundle(custody, resolve(target), new Date().toISOString());
  } catch (error) {
    if (errorCode(error) === 'EEXIST')
      throw new UsageError(`--export ${target}: it exists; name a folder that does not`);
    throw new CommandFailedError(`${target} cannot be written (${errorCode(error)})`);
  }
  const { studyInstanceUid } = custody;
  out.record({ studyInstanceUid, folder: target, head }, { study: studyInstanceUid, folder: target, head });
}

interface Row {
  readonly instance: CustodyInstance;
  /** Left out for what is not forwarded. */
  readonly forward?: CustodyForward;
}

function show(custody: Custody, out: Output): void {
  if (out.json) {
    const { commitments, manifests, ...rest } = custody;
    out.record(
      {
        ...rest,
        commitments: commitments.map((each) => ({ ...each, report: each.report?.toString('base64') ?? null })),
        manifests: manifests.map((each) => ({ ...each, file: each.file.toString('base64') })),
      },
      {},
    );
    return;
  }
  const versions = custody.jobs.map(({ destination, version, state }) => `${destination} v${version} ${state}`);
  out.record(custody, {
    study: custody.studyInstanceUid,
    accession: custody.accessionNumber,
    instances: custody.instances.length,
    forwarded: versions.length === 0 ? 'not in the queue' : versions.join(', '),
    manifest: custody.manifests
      .map((each) => `${each.sopInstanceUid} ${each.deliveredAt ?? 'not delivered'} ${each.status ?? ''}`)
      .join(', '),
  });
  const rows = custody.instances.flatMap((instance): Row[] =>
    instance.forwards.length === 0 ? [{ instance }] : instance.forwards.map((forward) => ({ instance, forward })),
  );
  out.list(
    rows,
    [
      { title: 'instance', value: ({ instance }) => instance.sopInstanceUid },
      { title: 'from', value: ({ instance }) => instance.receivedFrom },
      { title: 'durable', value: ({ instance }) => instance.durableAt },
      { title: 'SHA-256', value: ({ instance }) => shortDigest(instance) },
      { title: 'sent', value: ({ forward }) => forward?.sentAt },
      { title: 'status', value: ({ forward }) => forward?.status },
      { title: 'as', value: ({ forward }) => forward?.sentAs?.patientId },
      { title: 'committed', value: ({ forward }) => committedText(forward, custody) },
      { title: 'transaction', value: ({ forward }) => forward?.transactionUid },
    ],
    'no instances',
  );
}

// Enough to tell files apart; --json and the export have all of it.
function shortDigest({ sha256 }: CustodyInstance): string {
  return `${sha256.slice(0, 12)}…`;
}

function committedText(forward: CustodyForward | undefined, custody: Custody): string | null {
  if (forward === undefined) return null;
  if (forward.state !== 'COMMITTED')
    return forward.failureReason === null ? forward.state : `${forward.state} ${forward.failureReason}`;
  return (
    custody.commitments.find(({ transactionUid }) => transactionUid === forward.transactionUid)?.answeredAt ?? null
  );
}
