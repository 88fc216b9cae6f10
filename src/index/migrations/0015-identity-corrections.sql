-- What an administrator, or a message of the patient administration, has said about whose studies are whose. Objects stay as they came; who
-- they are about is told by what is written here.
CREATE TABLE identity_change (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('move', 'merge')), -- one study; or every study of an id, which is retired by it
  from_patient_id TEXT NOT NULL,
  from_issuer TEXT, -- NULL: whatever the issuer
  identity TEXT NOT NULL, -- JSON of who the patient is
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL, -- ms since 1970 UTC, as all times here
  undone_at INTEGER,
  undone_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX identity_change_retired ON identity_change (from_patient_id) WHERE kind = 'merge' AND undone_at IS NULL;

CREATE TABLE identity_correction (
  id INTEGER PRIMARY KEY,
  study_instance_uid BLOB NOT NULL, -- packed
  change_id INTEGER NOT NULL REFERENCES identity_change (id),
  identity TEXT, -- JSON of who the patient is; NULL: who the objects say
  before TEXT NOT NULL, -- JSON of what the index said of the patient until then
  marks INTEGER NOT NULL, -- of the study, which it settled
  made_at INTEGER NOT NULL,
  replaces INTEGER, -- the correction that is in force again when this one is taken back; NULL: none
  ended_at INTEGER -- NULL while it is in force
) STRICT;
CREATE UNIQUE INDEX identity_correction_in_force ON identity_correction (study_instance_uid) WHERE ended_at IS NULL;
CREATE INDEX identity_correction_change ON identity_correction (change_id);
CREATE INDEX identity_correction_study ON identity_correction (study_instance_uid);

-- Studies of which an archive has, or may have, objects that tell another patient than they do now.
CREATE TABLE identity_sent (
  study_instance_uid BLOB PRIMARY KEY, -- packed
  correction_id INTEGER NOT NULL REFERENCES identity_correction (id) -- since which
) STRICT, WITHOUT ROWID;

ALTER TABLE egress_instance ADD COLUMN correction_id INTEGER; -- under which it goes out; NULL: as it was received
