CREATE TABLE secretsmanager_secrets (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    suffix TEXT NOT NULL,            -- the six characters at the end of its ARN
    description TEXT NOT NULL,
    kms_key TEXT NOT NULL,           -- '' for alias/aws/secretsmanager
    tags TEXT NOT NULL,              -- JSON; '' when it never had one
    policy TEXT NOT NULL,
    created_at BIGINT NOT NULL,      -- milliseconds, as all times
    changed_at BIGINT NOT NULL,
    accessed_at BIGINT NOT NULL,     -- a day's beginning; 0: never
    deleted_at BIGINT NOT NULL,      -- when it will be gone; 0: it stays
    deletion_job BIGINT NOT NULL,
    stages TEXT NOT NULL,            -- JSON: version id to its staging labels
    rotation TEXT NOT NULL,          -- JSON; '' when it was never set up
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE INDEX secretsmanager_secrets_created ON secretsmanager_secrets (account, region, created_at, name);

CREATE TABLE secretsmanager_versions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,              -- 'string', 'binary', or '' while a rotation has not given a value
    value TEXT NOT NULL,             -- JSON: its pieces encrypted by KMS
    created_at BIGINT NOT NULL,
    accessed_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, name, id)
) /* clustered */;
