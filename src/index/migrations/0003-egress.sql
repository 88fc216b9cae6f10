-- The queue of studies for the national archive. `kuva reindex` leaves it alone: it names studies and instances by UID, never by row.

-- Raised when what the writers remember of the index part may have become wrong in another way than by a new instance.
ALTER TABLE index_state ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;

-- Studies with something new since they were last looked at; written in the transaction that adds the instance, so that what was
-- acknowledged has its place in the queue.
CREATE TABLE egress_changed (
  study_instance_uid BLOB PRIMARY KEY, -- packed
  changed_at INTEGER NOT NULL, -- receipt of the first new instance
  opened INTEGER NOT NULL DEFAULT 0 CHECK (opened IN (0, 1)) -- 1: the engine has seen it, its jobs wait for the end of the quiet time
) STRICT, WITHOUT ROWID;

CREATE INDEX egress_changed_new ON egress_changed (changed_at) WHERE opened = 0;

-- One version of one study's way to one destination. A later version carries only what the earlier ones did not.
CREATE TABLE egress_job (
  id INTEGER PRIMARY KEY,
  study_instance_uid BLOB NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  destination TEXT NOT NULL, -- name in the configuration
  state TEXT NOT NULL CHECK (state IN ('RECEIVING', 'COMPLETE', 'READY', 'HELD', 'QUEUED', 'SENDING', 'SENT', 'COMMIT_PENDING', 'COMMITTED',
    'MANIFEST_SENT', 'ARCHIVED', 'RETRY_WAIT', 'FAILED', 'WITHDRAWN')),
  resume_state TEXT, -- where RETRY_WAIT goes on
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 2), -- 0 emergency, 1 routine, 2 migration
  source TEXT NOT NULL, -- organisation that it came from, for the fair share
  controller TEXT NOT NULL,
  content_type TEXT NOT NULL,
  calling_aet TEXT NOT NULL, -- one stable title a controller
  instances INTEGER NOT NULL DEFAULT 0, -- what it carries, known from READY on
  bytes INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0, -- since the last progress
  next_attempt_at INTEGER NOT NULL, -- ms since 1970
  deadline_at INTEGER,
  last_code TEXT NOT NULL DEFAULT '',
  last_reason TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (study_instance_uid, destination, version)
) STRICT;

CREATE INDEX egress_job_due ON egress_job (destination, state, priority, source, next_attempt_at);
CREATE INDEX egress_job_open ON egress_job (destination, created_at, state, priority, instances, bytes)
  WHERE state NOT IN ('ARCHIVED', 'WITHDRAWN');
CREATE INDEX egress_job_deadline ON egress_job (destination, deadline_at) WHERE state NOT IN ('ARCHIVED', 'WITHDRAWN');
CREATE INDEX egress_job_state ON egress_job (state, next_attempt_at) WHERE state NOT IN ('ARCHIVED', 'WITHDRAWN');

-- Kept counts: jobs by state with what they carry, and failures by code.
CREATE TABLE egress_depth (
  destination TEXT NOT NULL,
  state TEXT NOT NULL,
  jobs INTEGER NOT NULL,
  instances INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (destination, state)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER egress_job_added AFTER INSERT ON egress_job BEGIN
  INSERT INTO egress_depth (destination, state, jobs, instances, bytes) VALUES (new.destination, new.state, 1, new.instances, new.bytes)
  ON CONFLICT DO UPDATE SET jobs = jobs + 1, instances = instances + excluded.instances, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER egress_job_moved AFTER UPDATE OF state, instances, bytes ON egress_job BEGIN
  UPDATE egress_depth SET jobs = jobs - 1, instances = instances - old.instances, bytes = bytes - old.bytes
  WHERE destination = old.destination AND state = old.state;
  INSERT INTO egress_depth (destination, state, jobs, instances, bytes) VALUES (new.destination, new.state, 1, new.instances, new.bytes)
  ON CONFLICT DO UPDATE SET jobs = jobs + 1, instances = instances + excluded.instances, bytes = bytes + excluded.bytes;
END;

-- What the engine last knew of each destination, for those who ask from outside.
CREATE TABLE egress_destination (
  name TEXT PRIMARY KEY,
  breaker TEXT NOT NULL CHECK (breaker IN ('closed', 'open', 'half-open')),
  failures INTEGER NOT NULL, -- in a row
  probe_at INTEGER, -- NULL while it is closed
  cause TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE egress_failure (
  destination TEXT NOT NULL,
  to_state TEXT NOT NULL, -- RETRY_WAIT, HELD, FAILED
  code TEXT NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (destination, to_state, code)
) STRICT, WITHOUT ROWID;

-- Every move of a job, with who made it and why.
CREATE TABLE egress_transition (
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES egress_job (id),
  at INTEGER NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  actor TEXT NOT NULL, -- egress, node, cli:USER
  code TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;

CREATE INDEX egress_transition_job ON egress_transition (job_id);
CREATE INDEX egress_transition_archived ON egress_transition (at, job_id) WHERE to_state = 'ARCHIVED';

CREATE TRIGGER egress_transition_failed AFTER INSERT ON egress_transition WHEN new.to_state IN ('RETRY_WAIT', 'HELD', 'FAILED') BEGIN
  INSERT INTO egress_failure (destination, to_state, code, times)
  SELECT j.destination, new.to_state, new.code, 1 FROM egress_job j WHERE j.id = new.job_id
  ON CONFLICT DO UPDATE SET times = times + 1;
END;

-- Why a study may not go; replaced as a whole by each look at its readiness.
CREATE TABLE egress_finding (
  job_id INTEGER NOT NULL REFERENCES egress_job (id),
  ordinal INTEGER NOT NULL,
  code TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
  cause TEXT NOT NULL,
  remedy TEXT NOT NULL,
  subject TEXT NOT NULL, -- what a register change must touch for the study to be looked at again, such as code:GD1AA
  PRIMARY KEY (job_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX egress_finding_code ON egress_finding (code, job_id);
CREATE INDEX egress_finding_subject ON egress_finding (subject, job_id);

-- What a job carries, one row an instance: the custody of its bytes on the way out.
CREATE TABLE egress_instance (
  job_id INTEGER NOT NULL REFERENCES egress_job (id),
  sop_instance_uid BLOB NOT NULL,
  series_instance_uid BLOB NOT NULL,
  sop_class_uid TEXT NOT NULL,
  transfer_syntax_uid TEXT NOT NULL,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  size INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  received_from TEXT NOT NULL,
  is_rejection_note INTEGER NOT NULL DEFAULT 0 CHECK (is_rejection_note IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('PENDING', 'SENT', 'COMMITTED', 'FAILED', 'WITHDRAWN')),
  sends INTEGER NOT NULL DEFAULT 0,
  sent_at INTEGER,
  status INTEGER, -- of the last C-STORE-RSP
  error_comment TEXT NOT NULL DEFAULT '',
  commitment_id INTEGER, -- egress_commitment that answered for it
  failure_reason INTEGER, -- of the last commitment report (PS3.3 C.14)
  PRIMARY KEY (job_id, sop_instance_uid)
) STRICT, WITHOUT ROWID;

CREATE INDEX egress_instance_sop ON egress_instance (sop_instance_uid);

-- A storage commitment request of ours; a fresh Transaction UID a try. The report's data set is kept as it came.
CREATE TABLE egress_commitment (
  id INTEGER PRIMARY KEY,
  transaction_uid TEXT NOT NULL UNIQUE,
  job_id INTEGER NOT NULL REFERENCES egress_job (id),
  requested_at INTEGER NOT NULL,
  instances INTEGER NOT NULL,
  answer_by INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('REQUESTED', 'ANSWERED', 'EXPIRED', 'REFUSED')),
  answered_at INTEGER,
  answered_on TEXT NOT NULL DEFAULT '', -- same association, new association
  report BLOB, -- the N-EVENT-REPORT's data set, explicit VR little endian or as negotiated
  report_transfer_syntax TEXT NOT NULL DEFAULT '',
  event_type INTEGER
) STRICT;

CREATE INDEX egress_commitment_job ON egress_commitment (job_id);

-- Commitment reports, until the egress process has taken them. Foreign and late ones stay for the log.
CREATE TABLE egress_report (
  id INTEGER PRIMARY KEY,
  transaction_uid TEXT NOT NULL,
  calling_aet TEXT NOT NULL, -- the archive's, whoever asked for the association
  association TEXT NOT NULL CHECK (association IN ('same', 'new')), -- that of the request, or one that the archive opened
  event_type INTEGER NOT NULL,
  transfer_syntax TEXT NOT NULL,
  report BLOB NOT NULL,
  received_at INTEGER NOT NULL,
  outcome TEXT NOT NULL DEFAULT '' -- '' until taken; then applied, late, duplicate, unknown, foreign
) STRICT;

CREATE INDEX egress_report_new ON egress_report (id) WHERE outcome = '';

-- The KOS manifest of a job (PS3.3 A.35.4), as it was sent.
CREATE TABLE egress_manifest (
  job_id INTEGER PRIMARY KEY REFERENCES egress_job (id),
  sop_instance_uid TEXT NOT NULL UNIQUE,
  series_instance_uid TEXT NOT NULL,
  sha256 BLOB NOT NULL,
  file BLOB NOT NULL, -- a DICOM file (PS3.10)
  created_at INTEGER NOT NULL,
  delivered_at INTEGER,
  status INTEGER,
  transaction_uid TEXT NOT NULL DEFAULT ''
) STRICT;

-- What rejection notes (PS3.3 A.35.4, IHE IOCM) reject, by UID: the objects may come later, and a reindex leaves it alone.
CREATE TABLE rejection (
  sop_instance_uid BLOB NOT NULL, -- packed, of what is rejected
  note_uid BLOB NOT NULL, -- packed SOP Instance UID of the note
  study_instance_uid BLOB NOT NULL, -- packed, as the note has it
  code TEXT NOT NULL, -- title of the note: 113001, 113037, 113038, 113039
  later TEXT NOT NULL CHECK (later IN ('hide', 'refuse', 'restore')), -- what a later occurrence of the object meets
  organisation TEXT, -- whose objects alone it rejects; NULL: anybody's
  noted_at INTEGER NOT NULL, -- receipt of the note, ms since 1970
  reverted_at INTEGER,
  PRIMARY KEY (sop_instance_uid, note_uid)
) STRICT, WITHOUT ROWID;

CREATE INDEX rejection_note ON rejection (noted_at, note_uid);
CREATE INDEX rejection_of_note ON rejection (note_uid);

-- What regular use does not see, beside the index so that the rows of everything else cost nothing. Rebuilt with the index.
CREATE TABLE hidden_instance (
  id INTEGER PRIMARY KEY REFERENCES instance (id),
  series_fk INTEGER NOT NULL REFERENCES series (id),
  study_fk INTEGER NOT NULL REFERENCES study (id)
) STRICT;

CREATE TABLE hidden_series (
  series_fk INTEGER PRIMARY KEY REFERENCES series (id),
  study_fk INTEGER NOT NULL REFERENCES study (id),
  instances INTEGER NOT NULL
) STRICT;

CREATE INDEX hidden_series_study ON hidden_series (study_fk);

CREATE TABLE hidden_study (
  study_fk INTEGER PRIMARY KEY REFERENCES study (id),
  instances INTEGER NOT NULL
) STRICT;

-- Sees what is rejected, too.
ALTER TABLE ae ADD COLUMN quality_control INTEGER NOT NULL DEFAULT 0 CHECK (quality_control IN (0, 1));

-- Instances whose file was given up because the archive has it. `kuva reindex` adds them again from here.
CREATE TABLE evicted_instance (
  sop_instance_uid BLOB PRIMARY KEY, -- packed
  study_instance_uid BLOB NOT NULL, -- packed
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  destination TEXT NOT NULL, -- whose archive has it
  calling_aet TEXT NOT NULL, -- under which it was archived
  evicted_at INTEGER NOT NULL,
  file_gone INTEGER NOT NULL DEFAULT 0 CHECK (file_gone IN (0, 1)), -- the row comes first, then the file goes
  described BLOB NOT NULL -- what the index was told of it: JSON, deflated
) STRICT, WITHOUT ROWID;

CREATE INDEX evicted_instance_study ON evicted_instance (study_instance_uid);
CREATE INDEX evicted_instance_left ON evicted_instance (evicted_at) WHERE file_gone = 0;

-- When the archive was last asked whether it still shows what it has committed to, and what came of it.
CREATE TABLE egress_reconciled (
  study_instance_uid BLOB NOT NULL, -- packed
  destination TEXT NOT NULL,
  at INTEGER NOT NULL,
  expected INTEGER NOT NULL,
  missing INTEGER NOT NULL,
  lost INTEGER NOT NULL, -- missing there, and given up here
  problem TEXT NOT NULL, -- why the archive could not be asked; '' when it could
  PRIMARY KEY (study_instance_uid, destination)
) STRICT, WITHOUT ROWID;

CREATE INDEX egress_reconciled_odd ON egress_reconciled (at) WHERE missing > 0 OR problem <> '';
