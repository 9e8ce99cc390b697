CREATE TABLE logs_groups (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    id BIGINT NOT NULL,              -- of its streams and events; a group made anew has a new one
    created_at BIGINT NOT NULL,      -- milliseconds, as all times
    class TEXT NOT NULL,
    kms_key TEXT NOT NULL,           -- ARN or ''
    retention_days BIGINT NOT NULL,  -- 0: for ever
    protected BIGINT NOT NULL,       -- 1: cannot be deleted
    tags TEXT NOT NULL,              -- JSON
    subscriptions BIGINT NOT NULL,   -- how many subscription filters
    metric_filters BIGINT NOT NULL,
    expiry_job BIGINT NOT NULL,      -- 0: none
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE logs_streams (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    group_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    first_at BIGINT NOT NULL,        -- of its events, 0: it never had one
    last_at BIGINT NOT NULL,
    ingested_at BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (account, region, group_id, name)
) /* clustered */;

CREATE INDEX logs_streams_recent ON logs_streams (account, region, group_id, last_at, name);
CREATE INDEX logs_streams_id ON logs_streams (account, region, group_id, id);

-- Events lie in the order in which a group is read and expires. A stream is read through the index; it leaves out the
-- group, so that the planner has no reason to walk the group instead.
CREATE TABLE logs_events (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    group_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    seq BIGINT NOT NULL,             -- order of arrival
    stream_id BIGINT NOT NULL,
    ingested_at BIGINT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (account, region, group_id, at, seq)
) /* clustered */;

CREATE INDEX logs_events_stream ON logs_events (account, region, stream_id, at, seq);

CREATE TABLE logs_filters (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,              -- 'metric' or 'subscription'
    group_name TEXT NOT NULL,
    name TEXT NOT NULL,
    pattern TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    settings TEXT NOT NULL,          -- JSON: the rest, by the model's names
    PRIMARY KEY (account, region, kind, group_name, name)
) /* clustered */;

CREATE TABLE logs_policies (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE logs_exports (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    status TEXT NOT NULL,            -- as in the model: PENDING, RUNNING, COMPLETED, …
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    completed_at BIGINT NOT NULL,
    task TEXT NOT NULL,              -- JSON: the rest, by the model's names
    PRIMARY KEY (account, region, id)
) /* clustered */;
