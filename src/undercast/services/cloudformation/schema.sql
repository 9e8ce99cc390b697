CREATE TABLE cloudformation_stacks (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,             -- the ARN
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT NOT NULL,   -- 0: it is there
    facts TEXT NOT NULL,          -- JSON: the rest
    PRIMARY KEY (account, region, id)
);

CREATE UNIQUE INDEX cloudformation_stacks_name ON cloudformation_stacks (account, region, name) WHERE deleted_at = 0;
CREATE INDEX cloudformation_stacks_age ON cloudformation_stacks (account, region, created_at, id);

CREATE TABLE cloudformation_resources (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    stack_id TEXT NOT NULL,
    logical_id TEXT NOT NULL,
    generation BIGINT NOT NULL,   -- a replaced resource and its successor are two rows
    physical_id TEXT NOT NULL,
    facts TEXT NOT NULL,          -- JSON
    PRIMARY KEY (account, region, stack_id, logical_id, generation)
);

CREATE INDEX cloudformation_resources_physical ON cloudformation_resources (account, region, physical_id);

CREATE TABLE cloudformation_events (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    stack_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    event TEXT NOT NULL,          -- JSON, as DescribeStackEvents shows it
    PRIMARY KEY (account, region, stack_id, seq)
) /* clustered */;

CREATE TABLE cloudformation_exports (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    stack_id TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE INDEX cloudformation_exports_stack ON cloudformation_exports (account, region, stack_id);

CREATE TABLE cloudformation_imports (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,           -- of the export
    stack_id TEXT NOT NULL,       -- that imports it
    PRIMARY KEY (account, region, name, stack_id)
) /* clustered */;

CREATE TABLE cloudformation_change_sets (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,             -- the ARN
    stack_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    facts TEXT NOT NULL,          -- JSON
    PRIMARY KEY (account, region, id)
);

CREATE INDEX cloudformation_change_sets_stack ON cloudformation_change_sets (account, region, stack_id, name);

-- Who waits for an answer from outside: custom resources and wait handles, by the secret in their URL.
CREATE TABLE cloudformation_callbacks (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    token TEXT NOT NULL,
    stack_id TEXT NOT NULL,
    logical_id TEXT NOT NULL,
    PRIMARY KEY (account, region, token)
) /* clustered */;

-- What arrived at a wait handle.
CREATE TABLE cloudformation_signals (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    stack_id TEXT NOT NULL,
    logical_id TEXT NOT NULL,     -- of the handle, or of the resource that SignalResource named
    unique_id TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (account, region, stack_id, logical_id, unique_id)
) /* clustered */;

CREATE TABLE cloudformation_macros (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    function_name TEXT NOT NULL,
    PRIMARY KEY (account, region, name)
) /* clustered */;
