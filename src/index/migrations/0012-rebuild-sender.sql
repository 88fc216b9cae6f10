-- While a reindex is at work: who had sent each object, and of which organisation he was. The object tree does not tell it, and whose an object
-- is decides who may see it and which rejection notes speak of it.
CREATE TABLE rebuild_sender (
  sha256 BLOB PRIMARY KEY,
  aet TEXT NOT NULL,
  organisation TEXT NOT NULL -- '' for none
) STRICT, WITHOUT ROWID;
