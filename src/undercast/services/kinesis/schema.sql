CREATE TABLE kinesis_streams (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    id BIGINT NOT NULL,           -- of its shards and records
    created_at BIGINT NOT NULL,   -- milliseconds, as all times
    mode TEXT NOT NULL,
    retention_hours BIGINT NOT NULL,
    next_shard BIGINT NOT NULL,   -- the number of the next shard; grows with every change of the shards
    settings TEXT NOT NULL,       -- JSON
    tags TEXT NOT NULL,           -- JSON
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE kinesis_shards (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    stream_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    parent BIGINT,
    adjacent BIGINT,              -- the other parent of a merged one
    first_hash TEXT NOT NULL,     -- 39 digits
    last_hash TEXT NOT NULL,
    opened BIGINT NOT NULL,       -- sequence: the time in milliseconds << 20, and a count
    closed BIGINT,                -- sequence; NULL while open
    last BIGINT NOT NULL,         -- sequence of the last record, where several processes write
    PRIMARY KEY (account, region, stream_id, number)
) /* clustered */;

CREATE TABLE kinesis_records (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    stream_id BIGINT NOT NULL,
    shard BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    size BIGINT NOT NULL,         -- bytes of data and partition key
    partition_key TEXT NOT NULL,
    lock TEXT NOT NULL,           -- the encrypted data key (base64) of encrypted data, else ''
    data BYTEA NOT NULL,
    PRIMARY KEY (account, region, stream_id, shard, seq)
) /* clustered */;

CREATE TABLE kinesis_consumers (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    stream_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    settings TEXT NOT NULL,       -- JSON: a policy
    tags TEXT NOT NULL,           -- JSON
    PRIMARY KEY (account, region, stream_id, name)
) /* clustered */;

CREATE TABLE kinesis_accounts (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    settings TEXT NOT NULL,       -- JSON
    PRIMARY KEY (account, region)
) /* clustered */;
