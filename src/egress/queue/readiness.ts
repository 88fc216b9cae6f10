import type { Judgement, QueueJob } from '../../index/egress/egress-types.ts';

/** What readiness says of a study: whether it may go, as what, and under which calling AE title. */
export type Verdict = Pick<Judgement, 'findings' | 'controller' | 'contentType' | 'callingAet'>;

/** Runs every rule over a study; all findings, not the first one only. */
export interface Readiness {
  judge(job: QueueJob): Promise<Verdict>;
}
