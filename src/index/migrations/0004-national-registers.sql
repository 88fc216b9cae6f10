-- Registers of the national archive's world: who archives, what is certified, which codes are valid.

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
  joined_on TEXT NOT NULL, -- YYYYMMDD, '' when not yet
  attributes TEXT NOT NULL -- JSON of what only people read
) STRICT, WITHOUT ROWID;
