-- The citizen's view of care documents. Patient ids are in capitals, times are ms since 1970, days YYYYMMDD.

-- How many days after a document was made the patient may see it, where the document itself does not say (viivästäminen).
CREATE TABLE citizen_delay (
  controller_oid TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('request', 'entry', 'statement')),
  days INTEGER NOT NULL CHECK (days >= 0),
  PRIMARY KEY (controller_oid, kind)
) STRICT, WITHOUT ROWID;

-- Who has custody of whom (huoltaja), as the population register says. Rows end, and others follow.
CREATE TABLE guardianship (
  id INTEGER PRIMARY KEY,
  child TEXT NOT NULL,
  guardian TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_until TEXT NOT NULL, -- the last day; '' for now
  health INTEGER NOT NULL CHECK (health IN (0, 1)), -- 0: a coded division of custody leaves health care to the other
  recorded_at INTEGER NOT NULL,
  recorded_by TEXT NOT NULL
) STRICT;

CREATE INDEX guardianship_child ON guardianship (child, guardian);

CREATE TABLE citizen_person (
  person TEXT PRIMARY KEY,
  deceased_on TEXT NOT NULL, -- '' when alive
  non_disclosure INTEGER NOT NULL CHECK (non_disclosure IN (0, 1)), -- turvakielto
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Links that let somebody else read documents once. Of the token only its hash is kept.
CREATE TABLE citizen_share (
  id INTEGER PRIMARY KEY,
  token_sha256 BLOB NOT NULL UNIQUE,
  person TEXT NOT NULL,
  made_by TEXT NOT NULL,
  documents TEXT NOT NULL, -- JSON array of OIDs
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  opened_at INTEGER, -- once
  ended_at INTEGER -- taken back
) STRICT;

CREATE INDEX citizen_share_person ON citizen_share (person);
