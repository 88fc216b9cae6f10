-- Use log (käyttöloki) and disclosure log (luovutusloki), kept apart. Rows are only ever added; the tree over them (RFC 6962) shows when
-- one was changed, removed or put in, its signed heads leave the machine.

CREATE TABLE access_log_entry (
  id INTEGER PRIMARY KEY,
  log TEXT NOT NULL CHECK (log IN ('use', 'disclosure')),
  seq INTEGER NOT NULL, -- leaf of the log's tree, from 0 without a gap
  at INTEGER NOT NULL, -- ms since 1970, as in the record
  person TEXT NOT NULL, -- patient id that the entry is about, as in the record
  record TEXT, -- JSON, the leaf's data to the letter; NULL after the time for keeping it
  leaf BLOB NOT NULL CHECK (length(leaf) = 32), -- SHA-256(0x00 || record)
  UNIQUE (log, seq)
) STRICT;

CREATE INDEX access_log_person ON access_log_entry (person, at) WHERE person <> '';
CREATE INDEX access_log_time ON access_log_entry (log, at);

-- Hashes of complete subtrees above the leaves.
CREATE TABLE access_log_node (
  log TEXT NOT NULL,
  level INTEGER NOT NULL CHECK (level >= 1),
  position INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (log, level, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE access_log_head (
  log TEXT NOT NULL,
  size INTEGER NOT NULL,
  root BLOB NOT NULL CHECK (length(root) = 32),
  signed_at INTEGER NOT NULL,
  note TEXT NOT NULL, -- the signed note that also left the machine
  PRIMARY KEY (log, size)
) STRICT, WITHOUT ROWID;

-- DICOM audit messages (PS3.15 A.5) until the audit record repository has them. Ids are never used twice.
CREATE TABLE audit_message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  failed INTEGER NOT NULL CHECK (failed IN (0, 1)),
  message TEXT NOT NULL
) STRICT;
