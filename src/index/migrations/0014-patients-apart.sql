-- What tells patient rows apart beside Patient ID and issuer: of one without a Patient ID its study (packed UID); under disclosure control
-- the organisation whose studies it has, as text, since what one of them says of a patient is nothing that others are told.
ALTER TABLE patient RENAME COLUMN nameless_study TO apart;
