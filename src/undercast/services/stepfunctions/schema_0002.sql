-- What came of tasks that were done in a transaction of their own, until their execution is told.
CREATE TABLE stepfunctions_outcomes (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    execution BIGINT NOT NULL,
    frame BIGINT NOT NULL,
    serial BIGINT NOT NULL,
    kind TEXT NOT NULL,            -- Done, Submitted or Failed
    content BYTEA NOT NULL,        -- JSON
    PRIMARY KEY (account, region, execution, frame, serial)
) /* clustered */;
