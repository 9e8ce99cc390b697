CREATE TABLE clock (
    id BIGINT NOT NULL PRIMARY KEY,  -- 1: there is one clock
    ahead_ms BIGINT NOT NULL         -- how far it was moved ahead of the world's
);
