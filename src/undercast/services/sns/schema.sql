CREATE TABLE sns_topics (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,       -- milliseconds, as all times
    attributes TEXT NOT NULL,         -- JSON: those that were set
    tags TEXT NOT NULL,               -- JSON
    data_protection TEXT NOT NULL,    -- the data protection policy; '' for none
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE sns_subscriptions (
    account TEXT NOT NULL,            -- the topic's
    region TEXT NOT NULL,
    topic TEXT NOT NULL,
    id TEXT NOT NULL,
    protocol TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    owner TEXT NOT NULL,              -- the account that subscribed
    principal TEXT NOT NULL,          -- who subscribed
    state TEXT NOT NULL,              -- pending, confirmed or deleted (which its token can undo for a while)
    token TEXT NOT NULL,              -- that confirms it
    authenticated BIGINT NOT NULL,    -- whether who confirmed it was
    owner_unsubscribes BIGINT NOT NULL,  -- AuthenticateOnUnsubscribe
    attributes TEXT NOT NULL,         -- JSON: those that were set
    PRIMARY KEY (account, region, topic, id)
) /* clustered */;

CREATE UNIQUE INDEX sns_subscriptions_endpoint ON sns_subscriptions (account, region, topic, protocol, endpoint);

-- What was published to a FIFO topic in the last five minutes.
CREATE TABLE sns_recent (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    topic TEXT NOT NULL,
    token TEXT NOT NULL,              -- scope and deduplication id
    expires_at BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    sequence_number TEXT NOT NULL,
    PRIMARY KEY (account, region, topic, token)
) /* clustered */;

CREATE INDEX sns_recent_expiry ON sns_recent (account, region, topic, expires_at);

CREATE TABLE sns_applications (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,               -- ADM/shop
    attributes TEXT NOT NULL,         -- JSON
    PRIMARY KEY (account, region, name)
) /* clustered */;

CREATE TABLE sns_endpoints (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    application TEXT NOT NULL,        -- ADM/shop
    id TEXT NOT NULL,
    token TEXT NOT NULL,              -- of the device
    attributes TEXT NOT NULL,         -- JSON: CustomUserData, Enabled
    PRIMARY KEY (account, region, application, id)
) /* clustered */;

CREATE UNIQUE INDEX sns_endpoints_token ON sns_endpoints (account, region, application, token);

CREATE TABLE sns_sms_settings (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    attributes TEXT NOT NULL,         -- JSON
    PRIMARY KEY (account, region)
) /* clustered */;

CREATE TABLE sns_opted_out (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (account, region, number)
) /* clustered */;

CREATE TABLE sns_sandbox (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    number TEXT NOT NULL,
    status TEXT NOT NULL,             -- Pending or Verified
    password TEXT NOT NULL,           -- the one-time password that was sent
    expires_at BIGINT NOT NULL,       -- of the password
    PRIMARY KEY (account, region, number)
) /* clustered */;

-- What would leave for phones, mailboxes and apps, kept for the user to look at.
CREATE TABLE sns_captured (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    seq BIGINT NOT NULL,              -- order, led by the time
    protocol TEXT NOT NULL,
    target TEXT NOT NULL,             -- phone number, mail address, endpoint's ARN
    content TEXT NOT NULL,            -- JSON
    PRIMARY KEY (account, region, seq)
) /* clustered */;

-- The key that signs messages; one for the database, so its account and region are ''.
CREATE TABLE sns_signing_keys (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    slot BIGINT NOT NULL,             -- 0: there is one
    id TEXT NOT NULL,                 -- in the certificate's URL
    private_key BYTEA NOT NULL,       -- PEM
    certificate BYTEA NOT NULL,       -- PEM
    PRIMARY KEY (account, region, slot)
) /* clustered */;
