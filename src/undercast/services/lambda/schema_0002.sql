-- What came of the last batch of a stream.
ALTER TABLE lambda_mappings ADD COLUMN result TEXT NOT NULL DEFAULT '';
