CREATE TABLE stepfunctions_machines (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,            -- STANDARD or EXPRESS
    revision TEXT NOT NULL,        -- the current one
    versions BIGINT NOT NULL,      -- the number of the last version
    tags TEXT NOT NULL,            -- JSON
    created_at BIGINT NOT NULL,    -- milliseconds, as all times
    PRIMARY KEY (account, region, name)
) /* clustered */;

-- What a machine said at a time; an execution keeps the one it began with. Never changed.
CREATE TABLE stepfunctions_revisions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    machine TEXT NOT NULL,
    number BIGINT NOT NULL,        -- 0: the first, which has no revision id for AWS
    definition TEXT NOT NULL,
    role TEXT NOT NULL,
    settings TEXT NOT NULL,        -- JSON: logging, tracing, encryption
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, id)
);

CREATE INDEX stepfunctions_revisions_machine ON stepfunctions_revisions (account, region, machine);

CREATE TABLE stepfunctions_versions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    machine TEXT NOT NULL,
    number BIGINT NOT NULL,
    revision TEXT NOT NULL,
    description TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, machine, number)
) /* clustered */;

CREATE TABLE stepfunctions_aliases (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    machine TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    routing TEXT NOT NULL,         -- JSON: [[version, weight], …]
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, machine, name)
) /* clustered */;

CREATE TABLE stepfunctions_activities (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    tags TEXT NOT NULL,            -- JSON
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, name)
) /* clustered */;

-- Tasks that no worker took yet.
CREATE TABLE stepfunctions_activity_tasks (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    activity TEXT NOT NULL,
    id BIGINT NOT NULL,
    token TEXT NOT NULL,
    execution BIGINT NOT NULL,
    input TEXT NOT NULL,
    PRIMARY KEY (account, region, activity, id)
);

CREATE INDEX stepfunctions_activity_tasks_execution ON stepfunctions_activity_tasks (account, region, execution);

CREATE TABLE stepfunctions_executions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    machine TEXT NOT NULL,         -- its name; that of a map run's children has its label: "name/label"
    name TEXT NOT NULL,
    number BIGINT NOT NULL,        -- what its frames and events call it
    revision TEXT NOT NULL,
    version BIGINT,                -- what it was started by, if not by the machine itself
    alias TEXT,
    status TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    stopped_at BIGINT,
    input TEXT NOT NULL,
    output TEXT,
    error TEXT,
    cause TEXT,
    trace TEXT,
    events BIGINT NOT NULL,        -- how many its history has
    redrives BIGINT NOT NULL,
    redriven_at BIGINT,
    parent TEXT,                   -- JSON: where it stands below a machine, and its item, for a child of a map run
    map_run TEXT,                  -- the id of the map run it is a child of
    position BIGINT NOT NULL,      -- its index among them
    redrive_token TEXT,            -- the client's, of the last redrive
    test_case TEXT,                -- of the mock configuration, which its tasks come from
    PRIMARY KEY (account, region, machine, name)
);

CREATE UNIQUE INDEX stepfunctions_executions_number ON stepfunctions_executions (account, region, number);
CREATE INDEX stepfunctions_executions_listed ON stepfunctions_executions (account, region, machine, started_at, number);
CREATE INDEX stepfunctions_executions_status
    ON stepfunctions_executions (account, region, machine, status, started_at, number);
CREATE INDEX stepfunctions_executions_children
    ON stepfunctions_executions (account, region, map_run, position) WHERE map_run IS NOT NULL;
CREATE INDEX stepfunctions_executions_ended
    ON stepfunctions_executions (account, region, stopped_at) WHERE stopped_at IS NOT NULL;
CREATE INDEX stepfunctions_executions_revision ON stepfunctions_executions (account, region, revision);

-- One row for each branch or iteration that runs; frame 0 is the machine itself.
CREATE TABLE stepfunctions_frames (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    execution BIGINT NOT NULL,
    id BIGINT NOT NULL,
    parent BIGINT NOT NULL,        -- -1: none
    position BIGINT NOT NULL,      -- its index among its siblings
    status TEXT NOT NULL,
    content BYTEA NOT NULL,        -- JSON: the rest
    PRIMARY KEY (account, region, execution, id)
);

CREATE INDEX stepfunctions_frames_ready ON stepfunctions_frames (account, region, execution, status, id);
CREATE INDEX stepfunctions_frames_children ON stepfunctions_frames (account, region, execution, parent, position);

CREATE TABLE stepfunctions_history (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    execution BIGINT NOT NULL,
    id BIGINT NOT NULL,
    content BYTEA NOT NULL,        -- JSON
    PRIMARY KEY (account, region, execution, id)
) /* clustered */;

-- Tasks that wait for another execution to end.
CREATE TABLE stepfunctions_watchers (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    watched TEXT NOT NULL,         -- the ARN of the execution
    execution BIGINT NOT NULL,     -- who waits
    frame BIGINT NOT NULL,
    serial BIGINT NOT NULL,
    PRIMARY KEY (account, region, watched, execution, frame)
) /* clustered */;

CREATE TABLE stepfunctions_map_runs (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    execution BIGINT NOT NULL,     -- whose map it runs
    frame BIGINT NOT NULL,
    serial BIGINT NOT NULL,
    machine TEXT NOT NULL,         -- the name of its children's machine: "name/label"
    status TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    stopped_at BIGINT,
    items BIGINT NOT NULL,         -- how many it has
    batches BIGINT NOT NULL,       -- how many children will be
    begun BIGINT NOT NULL,         -- how many of them were started
    content BYTEA NOT NULL,        -- JSON: limits, counts, what the children need
    PRIMARY KEY (account, region, id)
);

CREATE INDEX stepfunctions_map_runs_execution ON stepfunctions_map_runs (account, region, execution, started_at, id);

-- What the children of a map run will be given.
CREATE TABLE stepfunctions_map_items (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    map_run TEXT NOT NULL,
    position BIGINT NOT NULL,
    content BYTEA NOT NULL,        -- JSON: {"input": …, "items": how many}
    PRIMARY KEY (account, region, map_run, position)
);

-- Where ended executions are swept away by a job that comes again every day.
CREATE TABLE stepfunctions_sweeps (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    PRIMARY KEY (account, region)
) /* clustered */;
