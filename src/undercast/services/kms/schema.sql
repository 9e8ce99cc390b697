CREATE TABLE kms_keys (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    manager TEXT NOT NULL,           -- CUSTOMER or AWS
    spec TEXT NOT NULL,
    usage TEXT NOT NULL,
    origin TEXT NOT NULL,            -- AWS_KMS or EXTERNAL
    created_at BIGINT NOT NULL,      -- milliseconds, as all times
    description TEXT NOT NULL,
    policy TEXT NOT NULL,
    tags TEXT NOT NULL,              -- JSON
    enabled BIGINT NOT NULL,         -- 0 or 1
    deletion_at BIGINT NOT NULL,     -- 0: it stays
    deletion_job BIGINT NOT NULL,
    rotation_days BIGINT NOT NULL,   -- 0: not rotated by itself
    rotation_at BIGINT NOT NULL,
    rotation_job BIGINT NOT NULL,
    PRIMARY KEY (account, region, id)
) /* clustered */;

-- What a key encrypts and signs with. See docs/decisions/0007-kms-key-material.md.
CREATE TABLE kms_materials (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    key_id TEXT NOT NULL,
    seq BIGINT NOT NULL,             -- 1, 2, …: named in every ciphertext
    id TEXT NOT NULL,                -- 64 hexadecimal digits
    state TEXT NOT NULL,             -- CURRENT, NON_CURRENT or PENDING_ROTATION
    content BYTEA NOT NULL,          -- empty while it must be imported again
    description TEXT NOT NULL,
    expires_at BIGINT NOT NULL,      -- 0: never
    rotated_at BIGINT NOT NULL,      -- when it became current by rotation; 0: it was the first
    rotation_type TEXT NOT NULL,
    PRIMARY KEY (account, region, key_id, seq)
) /* clustered */;

CREATE TABLE kms_aliases (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    key_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE INDEX kms_aliases_key ON kms_aliases (account, region, key_id, name);

CREATE TABLE kms_grants (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    key_id TEXT NOT NULL,
    id TEXT NOT NULL,
    token TEXT NOT NULL,
    retiring TEXT NOT NULL,          -- principal, or ''
    content TEXT NOT NULL,           -- JSON: the entry as ListGrants shows it
    PRIMARY KEY (account, region, key_id, id)
) /* clustered */;

CREATE INDEX kms_grants_token ON kms_grants (account, region, token);
CREATE INDEX kms_grants_retiring ON kms_grants (account, region, retiring, key_id, id);

-- The private halves of wrapping keys, for a day each.
CREATE TABLE kms_imports (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    key_id TEXT NOT NULL,
    token TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    wrapping_key BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, key_id, token)
) /* clustered */;
