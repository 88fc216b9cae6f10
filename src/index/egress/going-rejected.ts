import { isRejected } from '../rejections/rejected-sql.ts';

/** Of a row `e`: the archive's last word on the object was a failure (PS3.7 annex C: 0000, 0001, 0107, 0116 and Bxxx are none). */
export const REFUSED = `(e.status IS NOT NULL AND e.status NOT IN (0, 1, 0x0107, 0x0116) AND e.status NOT BETWEEN 0xB000 AND 0xBFFF)`;

// A rejection note `r` that is on its way to the destination.
const ON_ITS_WAY = `(r.reverted_at IS NULL AND EXISTS (SELECT 1 FROM egress_instance n JOIN egress_job o ON o.id = n.job_id
  WHERE n.sop_instance_uid = r.note_uid AND o.destination = @destination AND n.state IN ('PENDING', 'FAILED')
  AND (o.id = @job OR o.state NOT IN ('HELD', 'FAILED'))))`;

// The archive may have a named object: it went or may have gone, or the queue has never seen it.
const MAY_BE_THERE = `COALESCE((SELECT sum(CASE e.state WHEN 'PENDING' THEN e.sends > 0 OR o.state = 'SENDING'
    WHEN 'WITHDRAWN' THEN e.sends > 0 AND NOT ${REFUSED} WHEN 'FAILED' THEN NOT ${REFUSED} ELSE 1 END)
  FROM egress_instance e JOIN egress_job o ON o.id = e.job_id WHERE e.sop_instance_uid = near.uid AND o.destination = @destination), 1) > 0`;

/**
 * Packed UIDs of rejected objects that have to go before a note that has to: it names them beside something that the archive may have, and
 * an archive takes no note that names what it does not have. `near`: the unsent notes and rejected objects of the job, and what notes on
 * their way name with them. `going`: what of that goes, because one of them may be there. Parameters: @job, @destination.
 */
export const GOES_BEFORE_A_NOTE = `WITH RECURSIVE near(is_note, uid) AS (
    SELECT p.is_rejection_note, p.sop_instance_uid FROM egress_instance p WHERE p.job_id = @job AND p.state = 'PENDING' AND p.sends = 0
      AND (p.is_rejection_note = 1 OR ${isRejected('p.sop_instance_uid')})
    UNION SELECT 1, r.note_uid FROM near JOIN rejection r ON r.sop_instance_uid = near.uid WHERE near.is_note = 0 AND ${ON_ITS_WAY}
    UNION SELECT 0, r.sop_instance_uid FROM near JOIN rejection r ON r.note_uid = near.uid WHERE near.is_note = 1),
  going(is_note, uid) AS (
    SELECT 0, near.uid FROM near WHERE near.is_note = 0 AND ${MAY_BE_THERE}
    UNION SELECT 1, r.note_uid FROM going JOIN rejection r ON r.sop_instance_uid = going.uid WHERE going.is_note = 0 AND ${ON_ITS_WAY}
    UNION SELECT 0, r.sop_instance_uid FROM going JOIN rejection r ON r.note_uid = going.uid WHERE going.is_note = 1)
  SELECT uid FROM going WHERE is_note = 0`;
