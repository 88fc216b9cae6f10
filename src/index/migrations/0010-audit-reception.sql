-- What has come over an association, from a medium or from the disk, and is not yet told to the audit trail. It is counted in the
-- transaction that adds the instance: nothing is acknowledged that the trail will not know of, however the process ends.
CREATE TABLE audit_reception (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE, -- of the process, and what of it
  facts TEXT NOT NULL, -- JSON: who brought it, and how
  began_at INTEGER NOT NULL -- ms since 1970
) STRICT;

CREATE TABLE audit_received (
  reception_id INTEGER NOT NULL REFERENCES audit_reception (id),
  study_instance_uid TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  sop_class_uid TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('new', 'duplicate', 'conflict')),
  instances INTEGER NOT NULL,
  PRIMARY KEY (reception_id, study_instance_uid, patient_id, sop_class_uid, kind)
) STRICT, WITHOUT ROWID;
