-- Care documents beside the images, and what links them to studies.

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
