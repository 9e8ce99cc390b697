-- An API as it is being edited: one document with its resources, models, authorizers and the rest.
CREATE TABLE apigateway_apis (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,       -- JSON
    PRIMARY KEY (account, region, id)
);

-- Whose an API is: a request to a stage names nothing but the API.
CREATE TABLE apigateway_directory (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL
) /* clustered */;

CREATE TABLE apigateway_deployments (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    api_id TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at BIGINT NOT NULL,   -- milliseconds, as all times
    description TEXT,
    document TEXT NOT NULL,       -- JSON: the API as it was deployed; never changes
    PRIMARY KEY (account, region, api_id, id)
);

CREATE TABLE apigateway_stages (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    api_id TEXT NOT NULL,
    name TEXT NOT NULL,
    deployment_id TEXT NOT NULL,
    document TEXT NOT NULL,       -- JSON
    PRIMARY KEY (account, region, api_id, name)
) /* clustered */;

-- API keys and usage plans.
CREATE TABLE apigateway_keys (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    document TEXT NOT NULL,       -- JSON
    PRIMARY KEY (account, region, id)
) /* clustered */;

CREATE UNIQUE INDEX apigateway_keys_value ON apigateway_keys (account, region, value);

CREATE TABLE apigateway_plans (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    document TEXT NOT NULL,       -- JSON
    PRIMARY KEY (account, region, id)
) /* clustered */;

CREATE TABLE apigateway_plan_keys (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    PRIMARY KEY (account, region, plan_id, key_id)
) /* clustered */;

CREATE INDEX apigateway_plan_keys_key ON apigateway_plan_keys (account, region, key_id);

-- What a key used of a plan on one day (UTC), and what UpdateUsage granted on top.
CREATE TABLE apigateway_usage (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    day TEXT NOT NULL,            -- 2026-01-31
    used BIGINT NOT NULL,
    granted BIGINT NOT NULL,
    PRIMARY KEY (account, region, plan_id, key_id, day)
) /* clustered */;

CREATE TABLE apigateway_accounts (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    document TEXT NOT NULL,       -- JSON
    PRIMARY KEY (account, region)
) /* clustered */;
