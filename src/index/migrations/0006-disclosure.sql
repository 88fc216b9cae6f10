-- Consents, denials, informing, authorisations, care relationships: what the patient and the law have decided.
-- Nothing is deleted: a row ends, and another follows it. Times are ms since 1970. `patient_id` is the Patient ID in capitals.

CREATE TABLE consent (
  id INTEGER PRIMARY KEY,
  patient_id TEXT NOT NULL,
  valid_from INTEGER NOT NULL, -- for an update: when it was updated
  valid_until INTEGER, -- exclusive; NULL: for now
  version INTEGER NOT NULL,
  source_id TEXT NOT NULL, -- identifier where it came from, '' when made here
  recorded_at INTEGER NOT NULL,
  recorded_by TEXT NOT NULL,
  ended_at INTEGER, -- when its end was recorded
  ended_by TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL CHECK (kind IN ('suostumus', 'luovutuslupa')),
  given_by TEXT NOT NULL CHECK (given_by IN ('patient', 'guardian')),
  via TEXT NOT NULL CHECK (via IN ('citizen', 'provider'))
) STRICT;

CREATE INDEX consent_patient ON consent (patient_id);
CREATE UNIQUE INDEX consent_source ON consent (source_id, version) WHERE source_id <> '';

CREATE TABLE denial (
  id INTEGER PRIMARY KEY,
  patient_id TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_until INTEGER,
  version INTEGER NOT NULL,
  source_id TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  recorded_by TEXT NOT NULL,
  ended_at INTEGER,
  ended_by TEXT NOT NULL DEFAULT '',
  scope TEXT NOT NULL CHECK (scope IN ('all', 'service-event', 'provider', 'private-occupational', 'group')),
  service_event TEXT NOT NULL,
  controller TEXT NOT NULL,
  register_code TEXT NOT NULL,
  group_name TEXT NOT NULL,
  emergency_allowed INTEGER NOT NULL CHECK (emergency_allowed IN (0, 1)),
  given_by TEXT NOT NULL CHECK (given_by IN ('patient', 'guardian')),
  via TEXT NOT NULL CHECK (via IN ('citizen', 'provider'))
) STRICT;

CREATE INDEX denial_patient ON denial (patient_id);
CREATE UNIQUE INDEX denial_source ON denial (source_id, version) WHERE source_id <> '';

CREATE TABLE informing (
  id INTEGER PRIMARY KEY,
  patient_id TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_until INTEGER,
  version INTEGER NOT NULL,
  source_id TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  recorded_by TEXT NOT NULL,
  ended_at INTEGER,
  ended_by TEXT NOT NULL DEFAULT '',
  informing_version TEXT NOT NULL
) STRICT;

CREATE INDEX informing_patient ON informing (patient_id);
CREATE UNIQUE INDEX informing_source ON informing (source_id, version) WHERE source_id <> '';

-- Authorisation for outsourced care (ostopalvelun valtuutus); patient_id '' is for a whole register.
CREATE TABLE authorisation (
  id INTEGER PRIMARY KEY,
  patient_id TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_until INTEGER,
  version INTEGER NOT NULL,
  source_id TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  recorded_by TEXT NOT NULL,
  ended_at INTEGER,
  ended_by TEXT NOT NULL DEFAULT '',
  organiser TEXT NOT NULL,
  organiser_unit TEXT NOT NULL,
  producer TEXT NOT NULL,
  search_controller TEXT NOT NULL,
  search_register TEXT NOT NULL,
  search_specifier TEXT NOT NULL,
  storage_controller TEXT NOT NULL,
  storage_register TEXT NOT NULL,
  storage_specifier TEXT NOT NULL,
  all_documents INTEGER NOT NULL CHECK (all_documents IN (0, 1)),
  material_from TEXT NOT NULL, -- YYYYMMDD, '' for no limit
  material_until TEXT NOT NULL,
  service_events TEXT NOT NULL -- JSON array
) STRICT;

CREATE INDEX authorisation_patient ON authorisation (patient_id, producer);
CREATE UNIQUE INDEX authorisation_source ON authorisation (source_id, version) WHERE source_id <> '';

-- The patient is in this controller's care (hoitosuhde).
CREATE TABLE relation (
  id INTEGER PRIMARY KEY,
  patient_id TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_until INTEGER,
  version INTEGER NOT NULL,
  source_id TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  recorded_by TEXT NOT NULL,
  ended_at INTEGER,
  ended_by TEXT NOT NULL DEFAULT '',
  controller TEXT NOT NULL
) STRICT;

CREATE INDEX relation_patient ON relation (patient_id, controller);
CREATE UNIQUE INDEX relation_source ON relation (source_id, version) WHERE source_id <> '';
