CREATE TABLE events_buses (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,   -- milliseconds, as all times
    modified_at BIGINT NOT NULL,
    version BIGINT NOT NULL,      -- of its rules and targets; never the same twice
    settings TEXT NOT NULL,       -- JSON: Description, DeadLetterConfig, LogConfig
    policy TEXT NOT NULL,         -- '' for none
    tags TEXT NOT NULL,           -- JSON
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE events_rules (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    bus TEXT NOT NULL,
    name TEXT NOT NULL,
    pattern TEXT NOT NULL,        -- '' for none
    schedule TEXT NOT NULL,       -- '' for none
    state TEXT NOT NULL,
    description TEXT NOT NULL,
    role_arn TEXT NOT NULL,
    managed_by TEXT NOT NULL,     -- the service that made it; '' for the user
    version BIGINT NOT NULL,      -- a new one with every change: what an older one's timer is told by
    tags TEXT NOT NULL,           -- JSON
    revision BIGINT NOT NULL,     -- a new one with every change of the rule or its targets
    PRIMARY KEY (account, region, bus, name)
) /* clustered */;

CREATE TABLE events_targets (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    bus TEXT NOT NULL,
    rule TEXT NOT NULL,
    id TEXT NOT NULL,
    arn TEXT NOT NULL,
    settings TEXT NOT NULL,       -- JSON: the target as PutTargets got it
    PRIMARY KEY (account, region, bus, rule, id)
) /* clustered */;

CREATE INDEX events_targets_arn ON events_targets (account, region, bus, arn, rule);

CREATE TABLE events_archives (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    id BIGINT NOT NULL,           -- of its events
    bus TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    description TEXT NOT NULL,
    pattern TEXT NOT NULL,        -- '' for every event
    retention_days BIGINT NOT NULL,  -- 0: for ever
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE events_archived (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    archive_id BIGINT NOT NULL,
    time BIGINT NOT NULL,         -- the event's own
    seq BIGINT NOT NULL,          -- order of arrival
    stored_at BIGINT NOT NULL,
    size BIGINT NOT NULL,         -- bytes
    event TEXT NOT NULL,
    PRIMARY KEY (account, region, archive_id, time, seq)
) /* clustered */;

CREATE INDEX events_archived_age ON events_archived (account, region, archive_id, stored_at, size);

CREATE TABLE events_replays (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    archive TEXT NOT NULL,
    archive_id BIGINT NOT NULL,
    bus TEXT NOT NULL,
    description TEXT NOT NULL,
    filter_arns TEXT NOT NULL,    -- JSON: the rules that get the events; empty for all
    from_time BIGINT NOT NULL,
    to_time BIGINT NOT NULL,
    state TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,     -- 0 while it runs
    last_time BIGINT NOT NULL,    -- of the event that was replayed last; 0 for none
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE events_connections (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    id TEXT NOT NULL,
    description TEXT NOT NULL,
    type TEXT NOT NULL,
    parameters TEXT NOT NULL,     -- JSON: AuthParameters without what is secret
    secret_arn TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,         -- of the state; '' for none
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    authorized_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE events_destinations (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    id TEXT NOT NULL,
    description TEXT NOT NULL,
    connection_arn TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    method TEXT NOT NULL,
    per_second BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE events_endpoints (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    id TEXT NOT NULL,
    settings TEXT NOT NULL,       -- JSON: as CreateEndpoint got it
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE INDEX events_endpoints_id ON events_endpoints (account, id);  -- an id is known in every region
