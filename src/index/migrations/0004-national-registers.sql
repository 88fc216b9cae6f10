-- Registers of the national archive's world: who archives, what is certified, which codes are valid. Days are YYYYMMDD, '' for none.

-- An organisation; `key` is what the AE register and node.organisation name it by.
CREATE TABLE organisation (
  key TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  oid TEXT NOT NULL UNIQUE, -- 1.2.246.10.<Y-tunnus>
  kind TEXT NOT NULL CHECK (kind IN ('public', 'private', 'statement-only')),
  controller_oid TEXT NOT NULL, -- rekisterinpitäjä
  register_code TEXT NOT NULL, -- 2 public health care, 4 occupational health care, 10 self-employed
  register_specifier TEXT NOT NULL, -- rekisterin tarkenne, '' when the register has none
  egress_aet TEXT NOT NULL, -- one stable calling AE title a controller; '' when it does not archive
  system_entity TEXT NOT NULL, -- whose certification counts for it; '' for any
  joined_on TEXT NOT NULL, -- YYYYMMDD, '' when not yet
  attributes TEXT NOT NULL -- JSON of what only people read
) STRICT, WITHOUT ROWID;

CREATE INDEX organisation_controller ON organisation (controller_oid);

-- How far a controller's deployment has come for one content type; the last row whose day has come counts, history stays.
CREATE TABLE enablement (
  id INTEGER PRIMARY KEY,
  controller_oid TEXT NOT NULL,
  content_type TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('PLANNED', 'TEST', 'COMMISSIONING', 'PRODUCTION', 'SUSPENDED')),
  from_day TEXT NOT NULL,
  note TEXT NOT NULL,
  recorded_at INTEGER NOT NULL -- ms since 1970 UTC
) STRICT;

CREATE INDEX enablement_controller ON enablement (controller_oid, content_type, from_day, id);

-- That a system entity has been jointly tested and certified for content types in versions of the specification.
CREATE TABLE certification (
  register_id TEXT PRIMARY KEY, -- in the supervisory authority's register of systems
  system_entity TEXT NOT NULL,
  version TEXT NOT NULL,
  class TEXT NOT NULL,
  content_types TEXT NOT NULL, -- JSON array
  spec_versions TEXT NOT NULL, -- JSON array
  joint_test_day TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL -- the last day of its validity
) STRICT, WITHOUT ROWID;

-- Code lists of examinations and procedures.
CREATE TABLE code_list (
  oid TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  source TEXT NOT NULL, -- name of the imported file
  imported_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One period of validity of one code.
CREATE TABLE code_entry (
  code TEXT NOT NULL,
  list_oid TEXT NOT NULL REFERENCES code_list (oid),
  valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL, -- the last day, '' while it goes on
  name TEXT NOT NULL,
  PRIMARY KEY (code, list_oid, valid_from)
) STRICT, WITHOUT ROWID;

CREATE INDEX code_entry_list ON code_entry (list_oid, code);

-- With which day and which profile the queue was last judged; another day or profile may judge otherwise.
CREATE TABLE readiness_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  day TEXT NOT NULL,
  profile TEXT NOT NULL -- SHA-256 of its content
) STRICT;
