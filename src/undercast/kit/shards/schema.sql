-- How far a reader of a stream came in each shard.
CREATE TABLE shard_checkpoints (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    reader TEXT NOT NULL,         -- the id of an event source mapping, the ARN of a pipe
    shard TEXT NOT NULL,
    position TEXT NOT NULL,       -- JSON of a Position
    PRIMARY KEY (account, region, reader, shard)
) /* clustered */;
