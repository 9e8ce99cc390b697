-- Whose a bucket's name is. Names are one space for all accounts and regions, so this table alone does not begin with an
-- account; everything that a bucket holds does.
CREATE TABLE s3_names (
    name TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (name)
) /* clustered */;

CREATE TABLE s3_buckets (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    region TEXT NOT NULL,
    created_at BIGINT NOT NULL,   -- milliseconds, as all times
    versioning TEXT NOT NULL,     -- '', 'Enabled' or 'Suspended'
    settings TEXT NOT NULL,       -- JSON: what was put on the bucket, by name
    PRIMARY KEY (account, name)
) /* clustered */;

-- The current version of each key that has one which is not a delete marker. Keys are bytes, because their order is
-- that of UTF-8 whatever the collation of the database.
CREATE TABLE s3_objects (
    account TEXT NOT NULL,
    bucket TEXT NOT NULL,
    key BYTEA NOT NULL,
    rank BIGINT NOT NULL,         -- minus its sequence number, so that the newest is the first
    is_null BIGINT NOT NULL,      -- 1: its version id is 'null'
    marker BIGINT NOT NULL,       -- always 0 here
    modified_at BIGINT NOT NULL,
    size BIGINT NOT NULL,
    etag TEXT NOT NULL,           -- without quotes
    upload TEXT NOT NULL,         -- the multipart upload whose parts hold the content, or ''
    blob TEXT NOT NULL,           -- the file that holds the content, or ''
    about TEXT NOT NULL,          -- JSON: headers and checksum
    tags TEXT NOT NULL,           -- JSON; '' for none
    data BYTEA,                   -- content that is small enough to stand here
    PRIMARY KEY (account, bucket, key)
);

-- All other versions, and every delete marker.
CREATE TABLE s3_versions (
    account TEXT NOT NULL,
    bucket TEXT NOT NULL,
    key BYTEA NOT NULL,
    rank BIGINT NOT NULL,
    is_null BIGINT NOT NULL,
    marker BIGINT NOT NULL,       -- 1: a delete marker
    modified_at BIGINT NOT NULL,
    size BIGINT NOT NULL,
    etag TEXT NOT NULL,
    upload TEXT NOT NULL,
    blob TEXT NOT NULL,
    about TEXT NOT NULL,
    tags TEXT NOT NULL,
    data BYTEA,
    PRIMARY KEY (account, bucket, key, rank)
);

CREATE INDEX s3_versions_null ON s3_versions (account, bucket, key) WHERE is_null = 1;

-- How many versions and parts name a file. The file goes when the last of them does.
CREATE TABLE s3_blobs (
    account TEXT NOT NULL,
    blob TEXT NOT NULL,
    uses BIGINT NOT NULL,
    PRIMARY KEY (account, blob)
) /* clustered */;

CREATE INDEX s3_blobs_of_file ON s3_blobs (blob);

CREATE TABLE s3_uploads (
    account TEXT NOT NULL,
    bucket TEXT NOT NULL,
    key BYTEA NOT NULL,
    id TEXT NOT NULL,             -- in the order of their start
    started_at BIGINT NOT NULL,
    initiator TEXT NOT NULL,      -- JSON
    about TEXT NOT NULL,          -- JSON: headers, and which checksum was asked for
    tags TEXT NOT NULL,
    disturbed BIGINT NOT NULL,    -- 1: the key was deleted meanwhile, so that a conditional completion fails
    PRIMARY KEY (account, bucket, key, id)
) /* clustered */;

-- The parts of uploads, and of the objects that came of them.
CREATE TABLE s3_parts (
    account TEXT NOT NULL,
    upload TEXT NOT NULL,
    number BIGINT NOT NULL,
    start BIGINT NOT NULL,        -- where it begins in the finished object, in bytes; -1 before that
    modified_at BIGINT NOT NULL,
    size BIGINT NOT NULL,
    etag TEXT NOT NULL,
    checksum TEXT NOT NULL,
    blob TEXT NOT NULL,
    data BYTEA,
    PRIMARY KEY (account, upload, number)
);
