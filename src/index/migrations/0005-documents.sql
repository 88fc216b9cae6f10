-- Care documents beside the images, and what links them to studies.

-- One version of one document (HL7 CDA R2). Its file, documents/ab/cd/<sha256>.xml, is on the disk before the row is.
CREATE TABLE care_document (
  id INTEGER PRIMARY KEY,
  oid TEXT NOT NULL UNIQUE, -- each version has its own
  set_id TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  kind TEXT NOT NULL CHECK (kind IN ('request', 'entry', 'statement')),
  state TEXT NOT NULL CHECK (state IN ('current', 'replaced', 'invalidated')),
  state_at INTEGER NOT NULL, -- ms since 1970 UTC, as all times here
  state_reason TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  patient_id_root TEXT NOT NULL,
  controller_oid TEXT NOT NULL, -- rekisterinpitäjä
  register_code TEXT NOT NULL,
  register_specifier TEXT NOT NULL,
  service_event_oid TEXT NOT NULL, -- palvelutapahtuma
  examination_code TEXT NOT NULL, -- '' when the document names none
  examination_scheme TEXT NOT NULL,
  effective_time TEXT NOT NULL, -- HL7 TS as written
  effective_at INTEGER NOT NULL,
  display_from TEXT, -- YYYYMMDD, first day on which the patient may see it; NULL: at once
  minor_capacity INTEGER, -- decision capacity of a minor, 1 to 4
  header TEXT NOT NULL, -- JSON of everything that was read but the sections
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  size INTEGER NOT NULL,
  source TEXT NOT NULL, -- import, drop folder or the calling AE title
  sop_instance_uid BLOB, -- of the object that it was encapsulated in
  received_at INTEGER NOT NULL,
  duplicates INTEGER NOT NULL DEFAULT 0, -- times that the same bytes came again
  UNIQUE (set_id, version)
) STRICT;

CREATE INDEX care_document_patient ON care_document (patient_id);
CREATE INDEX care_document_sha256 ON care_document (substr(sha256, 1, 4));
CREATE INDEX care_document_service_event ON care_document (service_event_oid);

-- By what a document names studies; the strongest that it has: study UID, else accession number, else service event.
CREATE TABLE document_key (
  kind TEXT NOT NULL CHECK (kind IN ('study', 'accession', 'event')),
  value TEXT NOT NULL, -- of a study: the packed UID in hex
  document_id INTEGER NOT NULL REFERENCES care_document (id),
  PRIMARY KEY (kind, value, document_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX document_key_document ON document_key (document_id);

-- Links that a person made.
CREATE TABLE document_link (
  document_id INTEGER NOT NULL REFERENCES care_document (id),
  study_instance_uid BLOB NOT NULL, -- packed
  actor TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (study_instance_uid, document_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX document_link_document ON document_link (document_id);

-- What was not taken: other bytes under an identity that is known (kept beside the others), and what came as an object and is no document.
CREATE TABLE document_refusal (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  size INTEGER NOT NULL,
  code TEXT NOT NULL,
  reason TEXT NOT NULL,
  source TEXT NOT NULL,
  is_kept INTEGER NOT NULL CHECK (is_kept IN (0, 1)), -- its bytes are in documents/
  oid TEXT NOT NULL, -- '' when it could not be read
  sop_instance_uid BLOB,
  received_at INTEGER NOT NULL,
  times INTEGER NOT NULL DEFAULT 1,
  settled_at INTEGER, -- somebody has looked at it
  UNIQUE (sha256, code)
) STRICT;

CREATE INDEX document_refusal_open ON document_refusal (id) WHERE settled_at IS NULL;

-- Studies whose readiness has to be looked at again because of a document; written with it, removed when the queue knows.
CREATE TABLE document_outbox (
  study_instance_uid BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- What a person has to look at. Kept as studies and documents come, so that nothing has to be searched for.
CREATE TABLE reconcile_item (
  kind TEXT NOT NULL CHECK (kind IN ('images-without-documents', 'documents-without-images', 'code-mismatch', 'patient-mismatch')),
  study_instance_uid BLOB NOT NULL, -- packed; x'' when the item is about a document alone
  document_oid TEXT NOT NULL, -- '' when the item is about a study alone
  since INTEGER NOT NULL,
  detail TEXT NOT NULL, -- what is missing, or the two codes
  PRIMARY KEY (kind, study_instance_uid, document_oid)
) STRICT, WITHOUT ROWID;

CREATE INDEX reconcile_item_study ON reconcile_item (study_instance_uid);
CREATE INDEX reconcile_item_document ON reconcile_item (document_oid);

-- How far received objects have been looked through for encapsulated documents.
CREATE TABLE document_progress (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  last_instance_id INTEGER NOT NULL
) STRICT;

INSERT INTO document_progress (id, last_instance_id) VALUES (1, 0);

-- What the document feed says of a study; DICOM attributes are evidence, this is the source.
CREATE TABLE study_link (
  study_instance_uid BLOB PRIMARY KEY, -- packed; the study itself may come later
  accession_number TEXT NOT NULL,
  service_event_oid TEXT NOT NULL, -- palvelutapahtuma
  controller_oid TEXT NOT NULL, -- rekisterinpitäjä
  register_code TEXT NOT NULL,
  register_specifier TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX study_link_service_event ON study_link (service_event_oid);

-- Studies that are the archive's, fetched for comparison: shown as copies, never forwarded, removed when they expire.
CREATE TABLE study_copy (
  study_instance_uid BLOB PRIMARY KEY, -- packed
  source TEXT NOT NULL, -- name of the archive
  fetched_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  fetched_for TEXT NOT NULL -- OID of the request, or UID of the study, that it was fetched for
) STRICT, WITHOUT ROWID;

-- A reindex at work, and the studies that the index knew before.
CREATE TABLE rebuild_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  begun_at INTEGER NOT NULL
) STRICT;

CREATE TABLE rebuild_known (
  study_instance_uid BLOB PRIMARY KEY -- packed
) STRICT, WITHOUT ROWID;

-- Studies found in the tree that the database did not know: not forwarded until an administrator has said that they are our own.
CREATE TABLE rebuilt_study (
  study_instance_uid BLOB PRIMARY KEY, -- packed
  found_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Objects of a copy that the archive sent: who sent an object is lost in a reindex, and others' objects in it must not go with the copy.
CREATE TABLE copy_object (
  study_instance_uid BLOB NOT NULL, -- packed
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  PRIMARY KEY (study_instance_uid, sha256)
) STRICT, WITHOUT ROWID;

-- Files of copies whose time is over: named here before their rows go, until they have gone themselves.
CREATE TABLE copy_file_leaving (
  sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32)
) STRICT, WITHOUT ROWID;

-- A new request where a comparable examination is not long ago (päällekkäinen kuvantaminen).
CREATE TABLE duplicate_hint (
  request_oid TEXT NOT NULL,
  study_instance_uid BLOB NOT NULL, -- the earlier one, packed
  code_prefix TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  seen_at INTEGER,
  PRIMARY KEY (request_oid, study_instance_uid)
) STRICT, WITHOUT ROWID;

-- New requests for which comparable earlier studies are to be fetched from the archive.
CREATE TABLE prior_wish (
  request_oid TEXT PRIMARY KEY,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER, -- NULL: done, or given up
  last_error TEXT NOT NULL DEFAULT '',
  fetched INTEGER NOT NULL DEFAULT 0 -- studies
) STRICT, WITHOUT ROWID;

CREATE INDEX prior_wish_due ON prior_wish (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
