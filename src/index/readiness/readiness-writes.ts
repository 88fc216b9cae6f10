import type { SqliteDatabase } from '../database.ts';
import { JobMoves } from '../egress/job-moves.ts';
import { OPEN } from '../egress/open-jobs.ts';
import { packUid } from '../packed-uid.ts';
import { SqlRunner } from '../writer/sql-runner.ts';
import type { QueuedRecheck, ReadinessState } from './readiness-types.ts';

/** What changes the judgement of studies without their objects changing. */
export function readinessWrites(db: SqliteDatabase) {
  const sql = new SqlRunner(db);
  const moves = new JobMoves(sql);
  return {
    readinessStatePut: ({ day, profile }: ReadinessState): void => {
      sql.run(
        `INSERT INTO readiness_state (id, day, profile) VALUES (1, ?, ?)
         ON CONFLICT (id) DO UPDATE SET day = excluded.day, profile = excluded.profile`,
        day,
        profile,
      );
    },

    /** Jobs that wait to be sent, or to be sent once more, or are being sent, are judged again, since what let them pass may have ended; their number. */
    readinessRecheckQueued: (which: QueuedRecheck, at: number, actor: string): number => {
      const jobs = jobsToSend(sql, which);
      for (const [jobId, state] of jobs) {
        const reason = 'what let it pass may have ended';
        const step = { jobId: Number(jobId), at, actor, code: 'LOOK_AGAIN', reason };
        if (state === 'SENDING') moves.takeBack(step);
        if (state === 'RETRY_WAIT') moves.move({ ...step, from: 'RETRY_WAIT', to: 'QUEUED' });
        moves.move({ ...step, from: 'QUEUED', to: 'COMPLETE' });
      }
      return jobs.length;
    },
  };
}

// A runner that is sending goes on; when the study is held now, it is stopped.
const TO_SEND = `SELECT j.id, j.state FROM egress_job j WHERE j.${OPEN} AND (j.state IN ('QUEUED', 'SENDING') OR j.state = 'RETRY_WAIT' AND j.resume_state = 'QUEUED')`;

function jobsToSend(sql: SqlRunner, which: QueuedRecheck): ReturnType<SqlRunner['rows']> {
  switch (which.kind) {
    case 'all':
      return sql.rows(TO_SEND);
    case 'some':
      return sql.rows(
        `${TO_SEND} AND (j.controller IN (SELECT value FROM json_each(?))
         OR EXISTS (SELECT 1 FROM json_each(?) t WHERE instr(',' || j.content_type || ',', ',' || t.value || ',') > 0))`,
        JSON.stringify(which.controllers),
        JSON.stringify(which.contentTypes),
      );
    case 'studies':
      return which.studies.flatMap((uid) => sql.rows(`${TO_SEND} AND j.study_instance_uid = ?`, packUid(uid)));
  }
}
