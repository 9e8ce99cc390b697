CREATE TABLE schemas_registries (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    tags TEXT NOT NULL,           -- JSON
    policy TEXT NOT NULL,         -- JSON; '' for none
    policy_revision TEXT NOT NULL,
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE schemas_schemas (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    registry TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    modified_at BIGINT NOT NULL,  -- milliseconds, as all times
    tags TEXT NOT NULL,           -- JSON
    latest BIGINT NOT NULL,       -- the number of its newest version
    version_count BIGINT NOT NULL,
    PRIMARY KEY (account, region, registry, name)
) /* clustered */;

CREATE TABLE schemas_versions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    registry TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    type TEXT NOT NULL,           -- OpenApi3 or JSONSchemaDraft4
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, registry, name, version)
);

CREATE TABLE schemas_discoverers (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    source_arn TEXT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL,          -- STARTED or STOPPED
    cross_account BIGINT NOT NULL,
    tags TEXT NOT NULL,           -- JSON
    PRIMARY KEY (account, region, id)
) /* clustered */;
