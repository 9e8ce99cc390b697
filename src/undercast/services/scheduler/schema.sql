CREATE TABLE scheduler_groups (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,          -- ACTIVE or DELETING
    created_at BIGINT NOT NULL,   -- milliseconds, as all times
    modified_at BIGINT NOT NULL,
    tags TEXT NOT NULL,           -- JSON
    token TEXT NOT NULL,          -- the client's, of its creation
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE scheduler_schedules (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    group_name TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,          -- ENABLED or DISABLED
    settings TEXT NOT NULL,       -- JSON: what the request said of the rest
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    since BIGINT NOT NULL,        -- where a rate counts from
    next_at BIGINT,               -- NULL: never
    token TEXT NOT NULL,
    PRIMARY KEY (account, region, group_name, name)
);

CREATE INDEX scheduler_schedules_next ON scheduler_schedules (account, region, next_at) WHERE next_at IS NOT NULL;

-- Tokens of deletions, so that a client may ask for the same again.
CREATE TABLE scheduler_deletions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    token TEXT NOT NULL,
    arn TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, token)
) /* clustered */;

CREATE INDEX scheduler_deletions_expiry ON scheduler_deletions (account, region, expires_at);
