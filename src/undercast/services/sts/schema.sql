-- What the secrets of an account's temporary keys are made with, so that no session needs a row of its own.
CREATE TABLE sts_seals (
    account TEXT NOT NULL,
    seal TEXT NOT NULL,           -- 64 hexadecimal digits
    PRIMARY KEY (account)
) /* clustered */;
