CREATE TABLE dynamodb_tables (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    id BIGINT NOT NULL,           -- of its items; a table of the same name later has another
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,   -- milliseconds, as all times
    definition TEXT NOT NULL,     -- JSON: keys, indexes, settings
    tags TEXT NOT NULL,           -- JSON
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE dynamodb_items (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    table_id BIGINT NOT NULL,
    pk BYTEA NOT NULL,            -- partition key, led by four bytes of its hash
    sk BYTEA NOT NULL,            -- sort key; empty for none
    size BIGINT NOT NULL,         -- in DynamoDB's count
    item BYTEA NOT NULL,          -- DynamoDB's JSON
    PRIMARY KEY (account, region, table_id, pk, sk)
) /* clustered */;

-- What secondary indexes hold of items, global and local ones.
CREATE TABLE dynamodb_index_items (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    index_id BIGINT NOT NULL,
    pk BYTEA NOT NULL,            -- the index's keys
    sk BYTEA NOT NULL,
    table_pk BYTEA NOT NULL,      -- the item's
    table_sk BYTEA NOT NULL,
    size BIGINT NOT NULL,
    item BYTEA NOT NULL,          -- its projected attributes
    PRIMARY KEY (account, region, index_id, pk, sk, table_pk, table_sk)
) /* clustered */;

-- How many items a table or an index held when they were last counted.
CREATE TABLE dynamodb_counts (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id BIGINT NOT NULL,           -- of the table or index
    counted_at BIGINT NOT NULL,
    items BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (account, region, id)
) /* clustered */;

-- Client request tokens of transactions, for ten minutes.
CREATE TABLE dynamodb_tokens (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    token TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    digest BYTEA NOT NULL,        -- of the request
    units TEXT NOT NULL,          -- JSON: what reading the same costs
    PRIMARY KEY (account, region, token)
) /* clustered */;

CREATE INDEX dynamodb_tokens_expiry ON dynamodb_tokens (account, region, expires_at);

-- Unused capacity of tables and indexes whose throttling is switched on.
CREATE TABLE dynamodb_capacity (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id BIGINT NOT NULL,           -- of the table or index
    kind TEXT NOT NULL,           -- read or write
    units DOUBLE PRECISION NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (account, region, id, kind)
) /* clustered */;
