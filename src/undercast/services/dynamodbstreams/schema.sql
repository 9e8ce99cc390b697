CREATE TABLE dynamodbstreams_streams (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    resource TEXT NOT NULL,       -- of its ARN: table/{table}/stream/{label}
    id BIGINT NOT NULL,           -- of its shards and records
    view_type TEXT NOT NULL,
    key_schema TEXT NOT NULL,     -- JSON, as DescribeTable has it
    created_at BIGINT NOT NULL,   -- milliseconds, as all times
    disabled_at BIGINT NOT NULL,  -- 0 while it is enabled
    next_number BIGINT NOT NULL,  -- of the next record
    rolls_at BIGINT NOT NULL,     -- when the open shard is closed by the next record
    trimmed BIGINT NOT NULL,      -- the number of the last record that was deleted
    trims_at BIGINT NOT NULL,     -- when the job that deletes records runs; 0 when there is nothing to delete
    PRIMARY KEY (account, region, resource)
) /* clustered */;

CREATE TABLE dynamodbstreams_shards (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    stream_id BIGINT NOT NULL,
    first_number BIGINT NOT NULL,
    last_number BIGINT NOT NULL,  -- 0 while it is open
    id TEXT NOT NULL,
    parent_id TEXT NOT NULL,      -- '' for the first
    closed_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, stream_id, first_number)
) /* clustered */;

CREATE TABLE dynamodbstreams_records (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    stream_id BIGINT NOT NULL,
    number BIGINT NOT NULL,       -- in the order of the commits, without gaps within a shard
    at BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    record BYTEA NOT NULL,        -- JSON: what the record says, binary in base64
    PRIMARY KEY (account, region, stream_id, number)
) /* clustered */;
