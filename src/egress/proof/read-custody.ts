import { statusText } from '../../dimse/status-table.ts';
import type { EgressInstance, QueueJob } from '../../index/egress/egress-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { Custody, CustodyCommitment, CustodyForward, CustodyInstance, CustodyManifest } from './custody-types.ts';

type Index = Pick<IndexService, 'read'>;

/** Everything that is known of a study's way, from receipt to archive; undefined when neither index nor queue know it. */
export async function readCustody(index: Index, studyInstanceUid: string): Promise<Custody | undefined> {
  const [study, jobs] = await Promise.all([
    index.read('showStudy', studyInstanceUid),
    index.read('queueJobsOfStudy', studyInstanceUid),
  ]);
  if (study === undefined && jobs.length === 0) return undefined;
  const commitments = (await Promise.all(jobs.map((job) => commitmentsOf(index, job)))).flat();
  const moves = await index.read('queueHistory', studyInstanceUid);
  return {
    studyInstanceUid,
    accessionNumber: study?.accessionNumber ?? '',
    jobs: jobs.map(({ id: job, destination, version, state, controller, callingAet }) => {
      return { job, destination, version, state, controller, callingAet };
    }),
    moves: moves.map(({ jobId: job, at, ...move }) => ({ job, at: iso(at), ...move })),
    instances: await instancesOf(index, studyInstanceUid, jobs, commitments),
    commitments: commitments.map(({ id: _id, ...commitment }) => commitment),
    manifests: (await Promise.all(jobs.map((job) => manifestOf(index, job)))).flat(),
  };
}

type Numbered = CustodyCommitment & { readonly id: number };

async function commitmentsOf(index: Index, { id }: QueueJob): Promise<Numbered[]> {
  return (await index.read('egressCommitments', id)).map((commitment) => ({
    id: commitment.id,
    job: id,
    transactionUid: commitment.transactionUid,
    state: commitment.state,
    requestedAt: iso(commitment.requestedAt),
    instances: commitment.instances,
    answeredAt: isoOrNull(commitment.answeredAt),
    answeredOn: commitment.answeredOn,
    eventType: commitment.eventType,
    transferSyntax: commitment.reportTransferSyntax,
    report: commitment.report === null ? null : Buffer.from(commitment.report),
  }));
}

async function manifestOf(index: Index, { id }: QueueJob): Promise<CustodyManifest[]> {
  const manifest = await index.read('egressManifest', id);
  if (manifest === undefined) return [];
  const { sopInstanceUid, seriesInstanceUid, deliveredAt, status, transactionUid } = manifest;
  const file = Buffer.from(manifest.file);
  return [
    {
      job: id,
      sopInstanceUid,
      seriesInstanceUid,
      deliveredAt: isoOrNull(deliveredAt),
      status: status === null ? null : statusText(status),
      transactionUid,
      file,
    },
  ];
}

/** What was received, with what the queue did with it; also what the queue remembers of what is no longer here. */
async function instancesOf(
  index: Index,
  studyInstanceUid: string,
  jobs: readonly QueueJob[],
  commitments: readonly Numbered[],
): Promise<CustodyInstance[]> {
  const transactions = new Map(commitments.map(({ id, transactionUid }) => [id, transactionUid]));
  const forwards = new Map<string, EgressInstance[]>();
  for (const { id } of jobs) {
    for (const instance of await index.read('queueInstances', id)) {
      const known = forwards.get(instance.sopInstanceUid);
      if (known === undefined) forwards.set(instance.sopInstanceUid, [instance]);
      else known.push(instance);
    }
  }
  const received = await index.read('custodyReceived', studyInstanceUid);
  const rejections = Map.groupBy(
    await index.read('custodyRejections', studyInstanceUid),
    ({ sopInstanceUid }) => sopInstanceUid,
  );
  const here = new Set(received.map(({ sopInstanceUid }) => sopInstanceUid));
  const gone = [...forwards.values()]
    .flatMap(([first]) => first ?? [])
    .filter(({ sopInstanceUid }) => !here.has(sopInstanceUid));
  return [...received, ...gone].map((instance) => ({
    sopInstanceUid: instance.sopInstanceUid,
    seriesInstanceUid: instance.seriesInstanceUid,
    sopClassUid: instance.sopClassUid,
    transferSyntaxUid: instance.transferSyntaxUid,
    sha256: instance.sha256,
    size: instance.size,
    receivedFrom: instance.receivedFrom,
    durableAt: iso(instance.receivedAt),
    forwards: (forwards.get(instance.sopInstanceUid) ?? []).map((forward) => forwardOf(forward, transactions)),
    rejections: (rejections.get(instance.sopInstanceUid) ?? []).map(({ noteUid, code, notedAt, revertedAt }) => {
      return { noteUid, code, at: iso(notedAt), revertedAt: isoOrNull(revertedAt) };
    }),
  }));
}

function forwardOf(instance: EgressInstance, transactions: ReadonlyMap<number, string>): CustodyForward {
  const {
    jobId: job,
    state,
    sends,
    sentAt,
    status,
    errorComment,
    commitmentId,
    failureReason,
    isRejectionNote,
    corrected,
  } = instance;
  return {
    job,
    state,
    sends,
    sentAt: isoOrNull(sentAt),
    status: status === null ? null : statusText(status),
    errorComment,
    transactionUid: commitmentId === null ? null : (transactions.get(commitmentId) ?? null),
    failureReason: failureReason === null ? null : statusText(failureReason),
    isRejectionNote,
    sentAs: corrected ?? null,
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at);
}
