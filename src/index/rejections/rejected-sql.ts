/**
 * Whether a rejection note that counts for an object stands against it; `sopUid` is an expression for its packed SOP Instance UID. Some
 * notes count for the objects of their own organisation alone.
 */
export function isRejected(sopUid: string): string {
  return `EXISTS (SELECT 1 FROM rejection x WHERE x.sop_instance_uid = ${sopUid} AND x.reverted_at IS NULL AND (x.organisation IS NULL
    OR EXISTS (SELECT 1 FROM instance n JOIN bucket k ON k.id = n.bucket_id
      WHERE n.sop_instance_uid = x.sop_instance_uid AND k.organisation = x.organisation)))`;
}
