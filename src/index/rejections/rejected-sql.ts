/**
 * Whether a row `x` of the rejections counts for the object that it names: some notes count for the objects of their own organisation alone.
 */
export const COUNTS = `(x.organisation IS NULL OR EXISTS (SELECT 1 FROM instance n JOIN bucket k ON k.id = n.bucket_id
  WHERE n.sop_instance_uid = x.sop_instance_uid AND k.organisation = x.organisation))`;

/** Whether a rejection note stands against an object; `sopUid` is an expression for its packed SOP Instance UID. */
export function isRejected(sopUid: string): string {
  return `EXISTS (SELECT 1 FROM rejection x WHERE x.sop_instance_uid = ${sopUid} AND x.reverted_at IS NULL AND ${COUNTS})`;
}
