CREATE TABLE pipes_pipes (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,          -- the CurrentState
    reason TEXT NOT NULL,         -- of the state; '' for none
    desired TEXT NOT NULL,        -- RUNNING or STOPPED
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    settings TEXT NOT NULL,       -- JSON: source, enrichment, target, their parameters…
    tags TEXT NOT NULL,           -- JSON
    created_at BIGINT NOT NULL,   -- milliseconds, as all times
    modified_at BIGINT NOT NULL,
    generation BIGINT NOT NULL,   -- a change gives a new one
    runner TEXT NOT NULL,         -- the process that runs it, and until when it may
    runs_until BIGINT NOT NULL,
    PRIMARY KEY (account, region, name)
);
