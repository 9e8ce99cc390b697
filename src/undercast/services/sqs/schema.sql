CREATE TABLE sqs_queues (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    id BIGINT NOT NULL,           -- of its messages; a purge gives a new one
    created_at BIGINT NOT NULL,   -- milliseconds, as all times
    modified_at BIGINT NOT NULL,
    purged_at BIGINT NOT NULL,
    attributes TEXT NOT NULL,     -- JSON: those that were set
    tags TEXT NOT NULL,           -- JSON
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE sqs_messages (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    queue_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,          -- order of arrival
    visible_at BIGINT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    attributes TEXT NOT NULL,     -- JSON; '' for none
    system_attributes TEXT NOT NULL,
    sender_id TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    first_received_at BIGINT NOT NULL,
    receives BIGINT NOT NULL,
    group_id TEXT,
    dedup_id TEXT,
    source_arn TEXT,              -- of the queue that gave it up
    fifo_group TEXT,              -- group_id in a FIFO queue
    PRIMARY KEY (account, region, queue_id, seq)
) /* clustered */;

CREATE INDEX sqs_messages_visible ON sqs_messages (account, region, queue_id, visible_at, seq, receives);
CREATE INDEX sqs_messages_group ON sqs_messages (account, region, queue_id, fifo_group, seq)
    WHERE fifo_group IS NOT NULL;

-- The groups of FIFO queues that hold messages; a group is free when none of its messages is in flight.
CREATE TABLE sqs_groups (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    queue_id BIGINT NOT NULL,
    fifo_group TEXT NOT NULL,
    free_at BIGINT NOT NULL,
    head BIGINT NOT NULL,
    PRIMARY KEY (account, region, queue_id, fifo_group)
) /* clustered */;

CREATE INDEX sqs_groups_free ON sqs_groups (account, region, queue_id, free_at, head);

-- What was sent to, or received from, a FIFO queue in the last five minutes.
CREATE TABLE sqs_recent (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    queue_id BIGINT NOT NULL,
    token TEXT NOT NULL,          -- 'send:' or 'receive:', scope and deduplication or attempt id
    expires_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,        -- JSON
    PRIMARY KEY (account, region, queue_id, token)
) /* clustered */;

CREATE INDEX sqs_recent_expiry ON sqs_recent (account, region, queue_id, expires_at);

CREATE TABLE sqs_moves (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    source TEXT NOT NULL,         -- the dead-letter queue's name
    id TEXT NOT NULL,
    destination_arn TEXT NOT NULL,
    per_second BIGINT NOT NULL,   -- 0: as fast as it goes
    status TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    to_move BIGINT NOT NULL,
    moved BIGINT NOT NULL,
    failure TEXT NOT NULL,
    PRIMARY KEY (account, region, source, id)
) /* clustered */;
