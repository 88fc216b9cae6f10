import type { Judgement, QueueJob } from '../../index/egress/egress-types.ts';

/** What readiness says of a study: whether it may go, as what, and under which calling AE title. */
export interface Verdict extends Pick<Judgement, 'findings' | 'controller' | 'contentType' | 'callingAet'> {
  /** It goes before others, unless an operator has said how urgent it is. */
  readonly emergency: boolean;
}

/** Runs every rule over a study; all findings, not the first one only. */
export interface Readiness {
  judge(job: QueueJob): Promise<Verdict>;
}
