CREATE TABLE firehose_streams (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    id BIGINT NOT NULL,           -- of its buffers; a stream of the same name made later has another
    type TEXT NOT NULL,           -- DirectPut or KinesisStreamAsSource
    version BIGINT NOT NULL,      -- 1, and one more with every change
    created_at BIGINT NOT NULL,   -- milliseconds, as all times
    updated_at BIGINT NOT NULL,
    source TEXT NOT NULL,         -- JSON
    kind TEXT NOT NULL,           -- of its destination: ExtendedS3, HttpEndpoint, …
    settings TEXT NOT NULL,       -- JSON: the destination's
    encryption TEXT NOT NULL,     -- JSON
    tags TEXT NOT NULL,           -- JSON
    PRIMARY KEY (account, region, name)
) /* clustered */;

-- The buffer that a stream fills at present.
CREATE TABLE firehose_buffers (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    stream_id BIGINT NOT NULL,
    holder BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    job_id BIGINT NOT NULL,       -- what flushes it when its time has come
    PRIMARY KEY (account, region, stream_id)
) /* clustered */;

-- Records in buffers and in parcels that wait for their delivery; `holder` is the buffer's or parcel's id.
CREATE TABLE firehose_records (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    holder BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    arrived_at BIGINT NOT NULL,
    data BYTEA NOT NULL,
    origin TEXT NOT NULL,         -- JSON: where in a Kinesis stream it comes from; '' for none
    data_key TEXT NOT NULL,       -- what `data` is sealed with, itself sealed by KMS; '' when it is not
    PRIMARY KEY (account, region, holder, seq)
);

-- Which process reads for a stream from its source, where there are several.
CREATE TABLE firehose_readers (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    stream_id BIGINT NOT NULL,
    node TEXT NOT NULL,
    reads_until BIGINT NOT NULL,
    PRIMARY KEY (account, region, stream_id)
) /* clustered */;
