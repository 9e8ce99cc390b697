CREATE TABLE ssm_parameters (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    latest BIGINT NOT NULL,        -- version
    tags TEXT NOT NULL,            -- JSON
    expiry_job BIGINT NOT NULL,    -- 0: none
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE ssm_versions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    type TEXT NOT NULL,
    value TEXT NOT NULL,           -- of a SecureString: JSON, its pieces encrypted by KMS
    key_id TEXT NOT NULL,          -- '' unless a SecureString
    tier TEXT NOT NULL,
    data_type TEXT NOT NULL,
    description TEXT NOT NULL,
    allowed_pattern TEXT NOT NULL,
    policies TEXT NOT NULL,        -- JSON, as given; '' for none
    labels TEXT NOT NULL,          -- JSON
    modified_at BIGINT NOT NULL,   -- milliseconds
    modified_by TEXT NOT NULL,
    PRIMARY KEY (account, region, name, version)
) /* clustered */;
