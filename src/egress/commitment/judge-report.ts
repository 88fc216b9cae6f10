import { statusText } from '../../dimse/status-table.ts';
import type {
  CommitmentAnswer,
  EgressCommitment,
  EgressFinding,
  EgressInstance,
  InstanceCommitment,
  NewEgressReport,
  QueueJob,
  ReportOutcome,
  StoredManifest,
} from '../../index/egress/egress-types.ts';
import type { Profile } from '../../profile/profile.ts';
import type { CommitmentReport } from '../../services/commitment/parse-report.ts';
import { Problems } from '../send/problems.ts';

/** What a report is about, as the queue knows it. */
export interface ReportContext {
  readonly job: QueueJob;
  readonly commitment: EgressCommitment;
  readonly instances: readonly EgressInstance[];
  /** Requests of the job that are still without an answer, this one left out. */
  readonly outstanding: number;
  readonly manifest: Pick<StoredManifest, 'sopInstanceUid' | 'transactionUid'> | undefined;
  /** How often what is asked about now went again because the archive had not committed itself to it. */
  readonly resends: number;
}

/** The codes of moves by which something goes again that the archive has not committed itself to. */
export const RESENT = { objects: 'NOT_COMMITTED', manifest: 'MANIFEST_NOT_COMMITTED' } as const;

/** What a report means: for each instance, and for the job when it was waiting for nothing else. */
export interface ReportJudgement {
  readonly outcome: ReportOutcome;
  readonly instances: readonly InstanceCommitment[];
  readonly next:
    | { readonly kind: 'none' | 'committed' | 'manifest-committed' | 'manifest-again' }
    | { readonly kind: 'resend'; readonly objects: number }
    | { readonly kind: 'hold'; readonly findings: readonly EgressFinding[] };
}

type Policy = Profile['egress']['commitment'];

/**
 * A report counts for what it names and nothing else. One that comes late, when its request was given up, still proves what it
 * commits, unless the answer to a newer request has said otherwise, but what it fails is left to the newer request.
 */
export function judgeReport(report: CommitmentReport, context: ReportContext, policy: Policy): ReportJudgement {
  const { job, commitment, manifest } = context;
  if (commitment.state === 'ANSWERED') return { outcome: 'duplicate', instances: [], next: { kind: 'none' } };
  const late = commitment.state !== 'REQUESTED';
  const outcome = late ? 'late' : 'applied';
  if (manifest !== undefined && job.state === 'MANIFEST_SENT') {
    // One about the objects may come as late as now.
    const isAboutManifest = commitment.transactionUid === manifest.transactionUid;
    return { outcome, instances: [], next: afterManifest(report, context, policy, !late && isAboutManifest) };
  }
  const said = new Sayings(report, late ? commitment.id : undefined, context.outstanding === 0);
  const instances = context.instances.flatMap((instance) => said.of(instance));
  return { outcome, instances, next: nextStep(instances, context, policy, late) };
}

/** `counts`: what the report does not commit is the archive's answer to the latest request. */
function afterManifest(
  report: CommitmentReport,
  { job, manifest, resends }: ReportContext,
  policy: Policy,
  counts: boolean,
): ReportJudgement['next'] {
  const isManifest = ({ sopInstanceUid }: { readonly sopInstanceUid: string }): boolean =>
    sopInstanceUid === manifest?.sopInstanceUid;
  if (report.committed.some(isManifest)) return { kind: 'manifest-committed' };
  if (!counts || manifest === undefined) return { kind: 'none' };
  const reason = report.failed.find(isManifest)?.failureReason ?? null;
  const rule = policy.failures.find((failure) => failure.reason === reason);
  if (rule?.reaction !== 'hold' && resends < policy.maxResends) return { kind: 'manifest-again' };
  const problems = new Problems();
  const cause = `the manifest: ${rule?.cause ?? UNCOMMITTED}`;
  const often = rule?.reaction === 'hold' ? '' : `, after it was sent ${resends + 1} times`;
  const code = reason === null ? 'MANIFEST_MISSING' : `MANIFEST_${statusText(reason)}`;
  problems.add(manifest, code, `${cause}${often}`, rule?.reaction === 'hold' ? rule.remedy : ASK);
  return { kind: 'hold', findings: problems.findings(job.studyInstanceUid, 1) };
}

const UNCOMMITTED = 'the archive has not committed itself to keep the object';
const ASK = 'ask the archive what it logged for this object, then: kuva queue release';

/** What a report says of single instances. */
class Sayings {
  readonly #committed: ReadonlyMap<string, string>;
  readonly #failed: ReadonlyMap<string, number>;
  /** Of a report that comes late: its request. */
  readonly #lateOn: number | undefined;
  readonly #last: boolean;

  constructor(report: CommitmentReport, lateOn: number | undefined, last: boolean) {
    this.#committed = new Map(report.committed.map((item) => [item.sopInstanceUid, item.sopClassUid]));
    this.#failed = new Map(report.failed.map((item) => [item.sopInstanceUid, item.failureReason]));
    this.#lateOn = lateOn;
    this.#last = last;
  }

  of({ sopInstanceUid, sopClassUid, state, commitmentId }: EgressInstance): InstanceCommitment[] {
    if (state === 'WITHDRAWN' || state === 'COMMITTED') return [];
    const late = this.#lateOn !== undefined;
    // Failed by the answer to a newer request: the archive has lost it since.
    if (late && commitmentId !== null && commitmentId > this.#lateOn) return [];
    const failureReason = this.#failed.get(sopInstanceUid);
    if (failureReason !== undefined) return late ? [] : [{ sopInstanceUid, committed: false, failureReason }];
    if (this.#committed.get(sopInstanceUid) === sopClassUid) {
      return [{ sopInstanceUid, committed: true, failureReason: null }];
    }
    // Asked for and mentioned by no report: the archive has not said that it has it.
    const unsaid = this.#last && !late && state === 'SENT';
    return unsaid ? [{ sopInstanceUid, committed: false, failureReason: null }] : [];
  }
}

function nextStep(
  answered: readonly InstanceCommitment[],
  { job, instances, outstanding, resends }: ReportContext,
  policy: Policy,
  late: boolean,
): ReportJudgement['next'] {
  if (job.state !== 'COMMIT_PENDING') return { kind: 'none' };
  const said = new Map(answered.map((answer) => [answer.sopInstanceUid, answer]));
  const missing = instances.filter(
    ({ state, sopInstanceUid }) =>
      state !== 'WITHDRAWN' && state !== 'COMMITTED' && said.get(sopInstanceUid)?.committed !== true,
  );
  if (missing.length === 0) return { kind: 'committed' };
  if (outstanding > 0 || late) return { kind: 'none' };
  const problems = new Problems();
  for (const instance of missing) {
    const reason = said.get(instance.sopInstanceUid)?.failureReason ?? instance.failureReason;
    const rule = policy.failures.find((failure) => failure.reason === reason);
    const code = reason === null ? 'COMMITMENT_MISSING' : `COMMITMENT_${statusText(reason)}`;
    const cause = rule?.cause ?? UNCOMMITTED;
    if (rule?.reaction === 'hold') problems.add(instance, code, cause, rule.remedy);
    // Both: an association that was lost is no answer of the archive's, and of several objects each may have failed once.
    else if (Math.min(instance.sends - 1, resends) >= policy.maxResends)
      problems.add(instance, code, `${cause}, after it was sent ${resends + 1} times`, ASK);
  }
  return problems.count > 0
    ? { kind: 'hold', findings: problems.findings(job.studyInstanceUid, instances.length) }
    : { kind: 'resend', objects: missing.length };
}

/** The answer as it is kept: with the report byte for byte. */
export function answerOf(report: NewEgressReport, instances: readonly InstanceCommitment[]): CommitmentAnswer {
  return {
    transactionUid: report.transactionUid,
    state: 'ANSWERED',
    answeredAt: report.receivedAt,
    answeredOn: report.association,
    report: report.report,
    reportTransferSyntax: report.transferSyntax,
    eventType: report.eventType,
    instances,
  };
}

/** The archive refused the request at once. */
export function refusalAnswer(transactionUid: string, at: number): CommitmentAnswer {
  return {
    transactionUid,
    state: 'REFUSED',
    answeredAt: at,
    answeredOn: '',
    report: null,
    reportTransferSyntax: '',
    eventType: null,
    instances: [],
  };
}
