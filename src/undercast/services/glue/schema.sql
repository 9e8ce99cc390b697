CREATE TABLE glue_databases (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,   -- milliseconds, as all times
    input TEXT NOT NULL,          -- JSON: the DatabaseInput
    PRIMARY KEY (account, region, name)
) /* clustered */;

-- Tables are kept by versions; the newest is the table.
CREATE TABLE glue_tables (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    database TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    newest BIGINT NOT NULL,       -- 1 for the newest version
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    input TEXT NOT NULL,          -- JSON: the TableInput
    PRIMARY KEY (account, region, database, name, version)
);

CREATE INDEX glue_tables_newest ON glue_tables (account, region, database, name) WHERE newest = 1;
