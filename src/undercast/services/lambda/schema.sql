CREATE TABLE lambda_functions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,       -- milliseconds, as all times
    last_version BIGINT NOT NULL,     -- the highest number that was published
    reserved BIGINT NOT NULL,         -- concurrent executions; -1: none reserved
    provisioned TEXT NOT NULL,        -- JSON: version -> environments kept
    recursion TEXT NOT NULL,          -- Terminate or Allow
    code_signing_arn TEXT NOT NULL,   -- '' for none
    tags TEXT NOT NULL,               -- JSON
    PRIMARY KEY (account, region, name)
) /* clustered */;

-- $LATEST and what was published of it.
CREATE TABLE lambda_versions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    number BIGINT NOT NULL,           -- 0 for $LATEST
    revision TEXT NOT NULL,
    modified_at BIGINT NOT NULL,
    state TEXT NOT NULL,              -- Pending, Active or Failed
    state_reason TEXT NOT NULL,       -- '' for none, as in the columns below
    update_status TEXT NOT NULL,      -- InProgress, Successful or Failed
    update_reason TEXT NOT NULL,
    code_key TEXT NOT NULL,           -- of the blob that is its zip; '' when it runs from code_folder
    code_folder TEXT NOT NULL,        -- a folder of the user's that it runs from
    code_sha256 TEXT NOT NULL,        -- base64, as shown
    code_size BIGINT NOT NULL,
    config TEXT NOT NULL,             -- JSON: the members of FunctionConfiguration that were set or have defaults
    PRIMARY KEY (account, region, name, version)
) /* clustered */;

CREATE TABLE lambda_aliases (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,               -- of the function
    alias TEXT NOT NULL,
    version TEXT NOT NULL,
    description TEXT NOT NULL,
    weights TEXT NOT NULL,            -- JSON: other version -> its share
    revision TEXT NOT NULL,
    PRIMARY KEY (account, region, name, alias)
) /* clustered */;

-- What a function or one of its versions and aliases has at most one of, by kind.
CREATE TABLE lambda_settings (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    qualifier TEXT NOT NULL,          -- $LATEST for the function itself
    kind TEXT NOT NULL,               -- policy, event-invoke, url, provisioned, runtime-management
    content TEXT NOT NULL,            -- JSON
    PRIMARY KEY (account, region, name, kind, qualifier)
) /* clustered */;

CREATE TABLE lambda_urls (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    PRIMARY KEY (account, id)         -- a path with an id says nothing of the region
) /* clustered */;

CREATE TABLE lambda_layers (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    number BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    code_key TEXT NOT NULL,
    code_sha256 TEXT NOT NULL,
    code_size BIGINT NOT NULL,
    deleted BIGINT NOT NULL,          -- functions that have it keep it
    config TEXT NOT NULL,             -- JSON
    policy TEXT NOT NULL,             -- JSON: statements and revision
    PRIMARY KEY (account, region, name, number)
) /* clustered */;

CREATE TABLE lambda_code_signing (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    modified_at BIGINT NOT NULL,
    config TEXT NOT NULL,             -- JSON
    tags TEXT NOT NULL,               -- JSON
    PRIMARY KEY (account, region, id)
) /* clustered */;

-- Events that wait for an asynchronous invocation; each has a job.
CREATE TABLE lambda_events (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,                 -- the request id
    name TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,         -- of the function, throttled ones not counted
    throttles BIGINT NOT NULL,
    context TEXT NOT NULL,            -- JSON: client context, trace, depth
    payload BYTEA NOT NULL,
    PRIMARY KEY (account, region, id)
);

CREATE TABLE lambda_mappings (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    source_arn TEXT NOT NULL,
    name TEXT NOT NULL,               -- of the function
    qualifier TEXT NOT NULL,          -- '' for none
    state TEXT NOT NULL,
    reason TEXT NOT NULL,             -- of the last change of state
    modified_at BIGINT NOT NULL,
    generation BIGINT NOT NULL,       -- a change gives a new one
    poller TEXT NOT NULL,             -- the process that polls it, and until when it may
    polls_until BIGINT NOT NULL,
    config TEXT NOT NULL,             -- JSON
    tags TEXT NOT NULL,               -- JSON
    PRIMARY KEY (account, region, id)
) /* clustered */;

CREATE INDEX lambda_mappings_function ON lambda_mappings (account, region, name);
