-- What the object tree does not hold: registers and promises. `kuva reindex` leaves these alone.

CREATE TABLE ae (
  aet TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  port INTEGER NOT NULL CHECK (port BETWEEN 0 AND 65535),
  tls INTEGER NOT NULL CHECK (tls IN (0, 1)),
  organisation TEXT, -- NULL: belongs to none
  addresses TEXT NOT NULL, -- JSON array of CIDR
  called_aets TEXT NOT NULL, -- JSON array
  services TEXT NOT NULL, -- JSON array
  max_sub_associations INTEGER NOT NULL,
  description TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Storage commitment requests (PS3.4 annex J) until their report has been delivered or given up.
CREATE TABLE commitment (
  id INTEGER PRIMARY KEY,
  transaction_uid TEXT NOT NULL,
  calling_aet TEXT NOT NULL,
  called_aet TEXT NOT NULL,
  references_json TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('PENDING', 'DONE', 'GIVEN_UP')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER NOT NULL,
  last_error TEXT NOT NULL DEFAULT '',
  UNIQUE (calling_aet, transaction_uid)
) STRICT;

CREATE INDEX commitment_due ON commitment (next_attempt_at) WHERE state = 'PENDING';
