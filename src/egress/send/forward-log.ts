import { statusText } from '../../dimse/status-table.ts';
import type { QueueJob } from '../../index/egress/egress-types.ts';
import type { Logger } from '../../observability/loggers.ts';
import type { ForwardEvents } from './forward-events.ts';

/** What happens on the way to an archive, as log lines. Answers that need no attention are for debugging alone. */
export function forwardLog(log: Logger): ForwardEvents {
  const facts = ({ id: job, studyInstanceUid, destination, version }: QueueJob) => {
    return { job, studyInstanceUid, destination, version };
  };
  const now = (job: QueueJob) => ({ ...facts(job), state: job.state, code: job.lastCode, reason: job.lastReason });
  return {
    answered: (job, { code, reaction, cause }, bytes) => {
      const level = reaction === 'success' ? 'debug' : reaction === 'warning' ? 'info' : 'warn';
      if (!log.isLevelEnabled(level)) return;
      log[level]('the archive answered', { ...facts(job), status: statusText(code), reaction, cause, bytes });
    },
    sent: (job, { objects, warnings }) => log.info('study sent', { ...facts(job), objects, warnings }),
    trouble: (job, { code, cause, remedy }) =>
      log.warn('no association to the archive', { ...facts(job), code, cause, remedy }),
    waits: (job) => {
      if (job.state === 'FAILED') log.error('study is a dead letter: kuva queue retry sends it again', now(job));
      else log.info('study waits', { ...now(job), next: new Date(job.nextAttemptAt).toISOString() });
    },
    held: (job) => log.warn('study held: kuva held tells what to do', now(job)),
    archived: (job) => log.info('study archived', facts(job)),
    report: ({ outcome, failed, ...rest }) => {
      const expected = outcome === 'applied' && failed === 0;
      log[expected ? 'info' : 'warn']('storage commitment report', { outcome, failed, ...rest });
    },
  };
}
