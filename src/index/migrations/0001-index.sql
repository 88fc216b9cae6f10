-- The index part: can be rebuilt from the object tree alone.
-- UIDs are packed two characters a byte (digit = digit, '.' = B, padding = F), so that
-- replace(rtrim(hex(uid), 'F'), 'B', '.') reads them; the *_view views at the end do it.
-- Text is '' where the object has no value, never NULL. Dates are YYYYMMDD, times HHMMSS.FFFFFF, both as sent.

CREATE TABLE sop_class (
  id INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE transfer_syntax (
  id INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE
) STRICT;

-- Raw Specific Character Set (0008,0005).
CREATE TABLE character_set (
  id INTEGER PRIMARY KEY,
  term TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE sender (
  id INTEGER PRIMARY KEY,
  aet TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE code (
  id INTEGER PRIMARY KEY,
  value TEXT NOT NULL,
  scheme TEXT NOT NULL,
  version TEXT NOT NULL,
  meaning TEXT NOT NULL,
  UNIQUE (value, scheme, version, meaning)
) STRICT;

-- HL7v2 hierarchic designator (PS3.3 10.14): who issued an identifier.
CREATE TABLE issuer (
  id INTEGER PRIMARY KEY,
  local_id TEXT NOT NULL,
  universal_id TEXT NOT NULL,
  universal_type TEXT NOT NULL,
  UNIQUE (universal_id, local_id, universal_type)
) STRICT;

CREATE TABLE equipment (
  id INTEGER PRIMARY KEY,
  institution_name TEXT NOT NULL,
  department_name TEXT NOT NULL,
  station_name TEXT NOT NULL,
  manufacturer TEXT NOT NULL,
  model_name TEXT NOT NULL,
  UNIQUE (institution_name, department_name, station_name, manufacturer, model_name)
) STRICT;

-- Kept counts. A study and a series count where their first instance came in.
CREATE TABLE bucket (
  id INTEGER PRIMARY KEY,
  organisation TEXT NOT NULL,
  modality TEXT NOT NULL,
  month INTEGER NOT NULL, -- YYYYMM of receipt, UTC
  studies INTEGER NOT NULL DEFAULT 0,
  series INTEGER NOT NULL DEFAULT 0,
  instances INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (organisation, modality, month)
) STRICT;

CREATE TABLE patient (
  id INTEGER PRIMARY KEY,
  patient_id TEXT NOT NULL,
  issuer TEXT NOT NULL,
  -- Packed study UID when patient_id is '': two nameless patients never become one.
  nameless_study BLOB NOT NULL DEFAULT x'',
  issuer_qualifier_id INTEGER REFERENCES issuer (id),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  name_ideographic_key TEXT NOT NULL,
  name_phonetic_key TEXT NOT NULL,
  birth_date TEXT NOT NULL,
  sex TEXT NOT NULL,
  character_set_id INTEGER REFERENCES character_set (id),
  attributes TEXT NOT NULL, -- JSON of what is only returned, '' when nothing
  UNIQUE (patient_id, issuer, nameless_study)
) STRICT;

CREATE INDEX patient_name ON patient (name_key);
CREATE INDEX patient_name_ideographic ON patient (name_ideographic_key);
CREATE INDEX patient_name_phonetic ON patient (name_phonetic_key);

CREATE TABLE patient_other_id (
  patient_fk INTEGER NOT NULL REFERENCES patient (id),
  other_id TEXT NOT NULL,
  issuer TEXT NOT NULL,
  type TEXT NOT NULL,
  PRIMARY KEY (patient_fk, other_id, issuer)
) STRICT, WITHOUT ROWID;

CREATE INDEX patient_other_id_value ON patient_other_id (other_id);

CREATE TABLE study (
  id INTEGER PRIMARY KEY,
  study_instance_uid BLOB NOT NULL UNIQUE,
  patient_fk INTEGER NOT NULL REFERENCES patient (id),
  study_date TEXT NOT NULL,
  study_time TEXT NOT NULL,
  study_instant INTEGER, -- ms of local date and time read as if UTC; NULL without a date
  timezone_offset INTEGER, -- minutes east of UTC; NULL when the objects do not say
  accession_number TEXT NOT NULL,
  accession_issuer_id INTEGER REFERENCES issuer (id),
  study_id TEXT NOT NULL,
  study_description TEXT NOT NULL,
  referring_physician TEXT NOT NULL,
  referring_physician_key TEXT NOT NULL,
  institution_name TEXT NOT NULL,
  admission_id TEXT NOT NULL,
  admission_issuer_id INTEGER REFERENCES issuer (id),
  character_set_id INTEGER REFERENCES character_set (id),
  attributes TEXT NOT NULL,
  flags INTEGER NOT NULL DEFAULT 0,
  num_series INTEGER NOT NULL DEFAULT 0,
  num_instances INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  bucket_id INTEGER NOT NULL REFERENCES bucket (id),
  first_received_at INTEGER NOT NULL, -- ms since 1970 UTC
  last_received_at INTEGER NOT NULL
) STRICT;

CREATE INDEX study_patient ON study (patient_fk);
CREATE INDEX study_accession ON study (accession_number);
CREATE INDEX study_date ON study (study_date);
CREATE INDEX study_marked ON study (id) WHERE flags <> 0;

CREATE TABLE study_modality (
  study_fk INTEGER NOT NULL REFERENCES study (id),
  modality TEXT NOT NULL,
  PRIMARY KEY (study_fk, modality)
) STRICT, WITHOUT ROWID;

CREATE TABLE study_sop_class (
  study_fk INTEGER NOT NULL REFERENCES study (id),
  sop_class_id INTEGER NOT NULL REFERENCES sop_class (id),
  PRIMARY KEY (study_fk, sop_class_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE study_procedure_code (
  study_fk INTEGER NOT NULL REFERENCES study (id),
  code_id INTEGER NOT NULL REFERENCES code (id),
  PRIMARY KEY (study_fk, code_id)
) STRICT, WITHOUT ROWID;

-- A series UID that came under two studies has two rows: an object is always found under its own UIDs.
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  study_fk INTEGER NOT NULL REFERENCES study (id),
  series_instance_uid BLOB NOT NULL,
  modality TEXT NOT NULL,
  series_number INTEGER,
  series_description TEXT NOT NULL,
  body_part_examined TEXT NOT NULL,
  laterality TEXT NOT NULL,
  protocol_name TEXT NOT NULL,
  series_date TEXT NOT NULL,
  series_time TEXT NOT NULL,
  step_start_date TEXT NOT NULL, -- Performed Procedure Step Start Date
  step_start_time TEXT NOT NULL,
  step_id TEXT NOT NULL, -- Performed Procedure Step ID
  performing_physician TEXT NOT NULL,
  operators_name TEXT NOT NULL,
  equipment_id INTEGER REFERENCES equipment (id),
  attributes TEXT NOT NULL,
  num_instances INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  bucket_id INTEGER NOT NULL REFERENCES bucket (id),
  UNIQUE (series_instance_uid, study_fk)
) STRICT;

CREATE INDEX series_study ON series (study_fk);

CREATE TABLE series_performer (
  series_fk INTEGER NOT NULL REFERENCES series (id),
  ordinal INTEGER NOT NULL,
  name_key TEXT NOT NULL, -- groups joined by '='
  PRIMARY KEY (series_fk, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE series_request (
  series_fk INTEGER NOT NULL REFERENCES series (id),
  ordinal INTEGER NOT NULL,
  requested_procedure_id TEXT NOT NULL,
  scheduled_procedure_step_id TEXT NOT NULL,
  accession_number TEXT NOT NULL,
  study_instance_uid BLOB NOT NULL,
  requested_procedure_description TEXT NOT NULL,
  scheduled_procedure_step_description TEXT NOT NULL,
  PRIMARY KEY (series_fk, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE instance (
  id INTEGER PRIMARY KEY,
  series_fk INTEGER NOT NULL REFERENCES series (id),
  sop_instance_uid BLOB NOT NULL UNIQUE,
  sop_class_id INTEGER NOT NULL REFERENCES sop_class (id),
  transfer_syntax_id INTEGER NOT NULL REFERENCES transfer_syntax (id),
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  size INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  sender_id INTEGER NOT NULL REFERENCES sender (id),
  bucket_id INTEGER NOT NULL REFERENCES bucket (id),
  duplicates INTEGER NOT NULL DEFAULT 0, -- times that the same bytes came again
  instance_number INTEGER,
  content_date TEXT NOT NULL,
  content_time TEXT NOT NULL,
  acquisition_datetime TEXT NOT NULL,
  acquisition_instant INTEGER, -- ms since 1970 UTC; NULL when the object does not say its offset from UTC
  number_of_frames INTEGER,
  "rows" INTEGER,
  "columns" INTEGER,
  concept_code_id INTEGER REFERENCES code (id)
) STRICT;

CREATE INDEX instance_series ON instance (series_fk);
-- A beginning of the digest is enough to find an object's row, and costs a third of an index on all of it.
CREATE INDEX instance_sha256 ON instance (substr(sha256, 1, 4));

-- Other bytes under a SOP Instance UID that is already there. Ids are drawn from the same sequence as instance.id.
CREATE TABLE instance_conflict (
  id INTEGER PRIMARY KEY,
  sop_instance_uid BLOB NOT NULL,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  size INTEGER NOT NULL,
  study_instance_uid BLOB NOT NULL,
  series_instance_uid BLOB NOT NULL,
  sop_class_id INTEGER NOT NULL REFERENCES sop_class (id),
  transfer_syntax_id INTEGER NOT NULL REFERENCES transfer_syntax (id),
  received_at INTEGER NOT NULL,
  sender_id INTEGER NOT NULL REFERENCES sender (id),
  organisation TEXT NOT NULL,
  duplicates INTEGER NOT NULL DEFAULT 0,
  UNIQUE (sop_instance_uid, sha256)
) STRICT;

-- Instances and conflicts whose file is not yet known to be on the disk: what start-up has to look at.
CREATE TABLE undurable (
  id INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE index_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  last_instance_id INTEGER NOT NULL, -- ids are never used twice
  clean_stop INTEGER NOT NULL CHECK (clean_stop IN (0, 1)),
  duplicates INTEGER NOT NULL
) STRICT;

INSERT INTO index_state (id, last_instance_id, clean_stop, duplicates) VALUES (1, 0, 1, 0);

CREATE VIEW study_view AS
SELECT t.id, replace(rtrim(hex(t.study_instance_uid), 'F'), 'B', '.') AS study_instance_uid, p.patient_id, p.issuer, p.name,
       t.study_date, t.study_time, t.accession_number, t.study_description, t.num_series, t.num_instances, t.bytes, t.flags
FROM study t JOIN patient p ON p.id = t.patient_fk;

CREATE VIEW instance_view AS
SELECT i.id, replace(rtrim(hex(i.sop_instance_uid), 'F'), 'B', '.') AS sop_instance_uid,
       replace(rtrim(hex(s.series_instance_uid), 'F'), 'B', '.') AS series_instance_uid,
       replace(rtrim(hex(t.study_instance_uid), 'F'), 'B', '.') AS study_instance_uid,
       c.uid AS sop_class_uid, x.uid AS transfer_syntax_uid, lower(hex(i.sha256)) AS sha256, i.size, i.received_at, n.aet AS sender
FROM instance i JOIN series s ON s.id = i.series_fk JOIN study t ON t.id = s.study_fk
     JOIN sop_class c ON c.id = i.sop_class_id JOIN transfer_syntax x ON x.id = i.transfer_syntax_id JOIN sender n ON n.id = i.sender_id;
