CREATE TABLE jobs (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id BIGINT NOT NULL,
    service TEXT NOT NULL,
    name TEXT NOT NULL,
    due_at BIGINT NOT NULL,        -- milliseconds
    payload BYTEA NOT NULL,        -- JSON
    failures BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,  -- 0: free
    ordering TEXT NOT NULL,        -- jobs of one ordering run one after the other; '' for none
    PRIMARY KEY (account, region, id)
) /* clustered */;

CREATE INDEX jobs_due ON jobs (due_at, id);
CREATE INDEX jobs_ordering ON jobs (account, region, ordering, id);
