-- Objects that an organisation sent and that lie in a study of another one, or under a SOP Instance UID that another one's object has. Whoever
-- may not know of that study is answered from here, as if there were only what it sent itself.
CREATE TABLE guest_object (
  id INTEGER PRIMARY KEY, -- in the order in which they came
  organisation TEXT NOT NULL, -- that sent it
  sop_instance_uid BLOB NOT NULL, -- packed
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32), -- of bytes that the instance, or one of its conflicts, has
  study_instance_uid BLOB NOT NULL, -- packed; of the study that the object names
  arrival TEXT NOT NULL, -- JSON of what the index was told of it
  UNIQUE (organisation, sop_instance_uid, sha256)
) STRICT;
CREATE INDEX guest_object_of ON guest_object (organisation); -- in the order of id
