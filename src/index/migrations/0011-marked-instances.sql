-- Which instance brought a mark of its study (study.flags): one that is rejected no longer speaks against the others.
CREATE TABLE marked_instance (
  study_fk INTEGER NOT NULL, -- of study
  instance_id INTEGER NOT NULL, -- of instance; below 0: nobody knows which
  marks INTEGER NOT NULL,
  PRIMARY KEY (study_fk, instance_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX marked_instance_id ON marked_instance (instance_id);

INSERT INTO marked_instance (study_fk, instance_id, marks) SELECT id, -id, flags FROM study WHERE flags <> 0;
