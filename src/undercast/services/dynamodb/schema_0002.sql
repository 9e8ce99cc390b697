-- When items of tables with a time to live expire.
CREATE TABLE dynamodb_expiries (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    table_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,   -- milliseconds, as all times
    pk BYTEA NOT NULL,
    sk BYTEA NOT NULL,
    PRIMARY KEY (account, region, table_id, expires_at, pk, sk)
) /* clustered */;

-- When the job that deletes expired items runs next.
CREATE TABLE dynamodb_expiry_jobs (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    table_id BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, table_id)
) /* clustered */;

-- What items were before they changed: of tables with point-in-time recovery, and of those that are being copied.
CREATE TABLE dynamodb_history (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    table_id BIGINT NOT NULL,
    pk BYTEA NOT NULL,
    sk BYTEA NOT NULL,
    moment BIGINT NOT NULL,       -- of the change: the time, then its place within the millisecond (Ids.sequence)
    size BIGINT NOT NULL,
    old_item BYTEA,               -- none: there was no item
    PRIMARY KEY (account, region, table_id, pk, sk, moment)
) /* clustered */;

CREATE INDEX dynamodb_history_moment ON dynamodb_history (account, region, table_id, moment);

-- Backups; their items are in dynamodb_items, with the backup's id for the table's.
CREATE TABLE dynamodb_backups (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    table_name TEXT NOT NULL,
    label TEXT NOT NULL,          -- the last part of the ARN; it begins with the time
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,           -- USER or SYSTEM
    status TEXT NOT NULL,         -- CREATING, AVAILABLE or DELETED
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,   -- 0 for never
    size BIGINT NOT NULL,
    items BIGINT NOT NULL,
    restores BIGINT NOT NULL,     -- how many are under way
    table_row TEXT NOT NULL,      -- JSON: the table as it was
    PRIMARY KEY (account, region, table_name, label)
) /* clustered */;

-- Exports of tables to S3, and imports from there.
CREATE TABLE dynamodb_transfers (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,           -- export or import
    table_name TEXT NOT NULL,
    label TEXT NOT NULL,          -- the last part of the ARN; it begins with the time
    table_arn TEXT NOT NULL,
    token TEXT NOT NULL,          -- the client's, '' for none
    token_until BIGINT NOT NULL,
    description TEXT NOT NULL,    -- JSON: what DescribeExport or DescribeImport says
    PRIMARY KEY (account, region, kind, table_name, label)
) /* clustered */;

CREATE INDEX dynamodb_transfers_token ON dynamodb_transfers (account, region, kind, token);

-- Global tables of version 2017.11.29: named groups of tables of one name.
CREATE TABLE dynamodb_global_tables (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    regions TEXT NOT NULL,        -- JSON: those of the replicas
    PRIMARY KEY (account, region, name)
) /* clustered */;
