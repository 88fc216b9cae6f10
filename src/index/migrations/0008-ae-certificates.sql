-- Certificates by which an AE is known (PS3.15 B.12): one of them must be shown when there are any.
ALTER TABLE ae ADD COLUMN certificates TEXT NOT NULL DEFAULT '[]'; -- JSON array of subject names and SHA-256 fingerprints
