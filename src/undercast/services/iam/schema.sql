-- IAM is global: no row has a region. Roles, users, groups, policies, instance profiles, certificates and providers.
CREATE TABLE iam_entities (
    account TEXT NOT NULL,
    kind TEXT NOT NULL,           -- a Kind of model.py
    key TEXT NOT NULL,            -- the name in lower case: names differ by more than case
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    id TEXT NOT NULL,             -- AROA…, AIDA…; stays when the name changes, so relations use it
    created_at BIGINT NOT NULL,   -- milliseconds, as all times
    details TEXT NOT NULL,        -- JSON: what only this kind has
    PRIMARY KEY (account, kind, key)
) /* clustered */;

CREATE UNIQUE INDEX iam_entities_id ON iam_entities (account, id);

-- Users of groups, roles of instance profiles.
CREATE TABLE iam_members (
    account TEXT NOT NULL,
    container TEXT NOT NULL,
    member TEXT NOT NULL,
    PRIMARY KEY (account, container, member)
) /* clustered */;

CREATE INDEX iam_members_member ON iam_members (account, member, container);

-- Managed policies of roles, users and groups, attached or as a permissions boundary.
CREATE TABLE iam_attachments (
    account TEXT NOT NULL,
    owner TEXT NOT NULL,
    usage TEXT NOT NULL,          -- PermissionsPolicy or PermissionsBoundary
    policy_arn TEXT NOT NULL,
    seq BIGINT NOT NULL,          -- order of attaching
    PRIMARY KEY (account, owner, usage, policy_arn)
) /* clustered */;

CREATE INDEX iam_attachments_policy ON iam_attachments (account, policy_arn, usage, owner);

CREATE TABLE iam_inline_policies (
    account TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (account, owner, name)
);

CREATE TABLE iam_policy_versions (
    account TEXT NOT NULL,
    policy TEXT NOT NULL,
    number BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (account, policy, number)
);

-- What a user proves an identity with: access keys, MFA devices, SSH keys, certificates, service passwords.
CREATE TABLE iam_credentials (
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    owner TEXT NOT NULL,          -- a user's id; '' for an MFA device that nobody has enabled
    seq BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    details TEXT NOT NULL,        -- JSON
    PRIMARY KEY (account, kind, id)
) /* clustered */;

CREATE INDEX iam_credentials_owner ON iam_credentials (account, kind, owner, seq);

-- What an account has once: its alias, its password policy, its credential report.
CREATE TABLE iam_settings (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,          -- JSON
    PRIMARY KEY (account, name)
) /* clustered */;
