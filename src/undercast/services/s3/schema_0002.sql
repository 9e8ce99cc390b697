-- Lines of server access logs that are not delivered yet, by the bucket that they are about.
CREATE TABLE s3_log_lines (
    account TEXT NOT NULL,
    bucket TEXT NOT NULL,
    seq BIGINT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (account, bucket, seq)
) /* clustered */;
