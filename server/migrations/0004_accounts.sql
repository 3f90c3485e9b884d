-- Accounts of people and programs at the desk. No secret can be had from here: passwords are stretched, ids of sessions
-- and devices and the texts of tokens are hashed, codes of a second factor are made with a key that is not in the store.
-- The log tells what was done to accounts, not these rows: a store made again from the log takes them over.

CREATE TABLE account (
    name             TEXT NOT NULL PRIMARY KEY,
    display          TEXT NOT NULL,
    salt             BYTES NOT NULL,
    hash             BYTES NOT NULL,
    memory_kib       BIGINT NOT NULL,
    passes           BIGINT NOT NULL,
    lanes            BIGINT NOT NULL,
    -- Null for a password of one's own; else when a one-time password ends.
    once_until_ms    BIGINT,
    -- Null without a second factor.
    second_nonce     BYTES,
    second_confirmed BIGINT NOT NULL,
    second_step      BIGINT NOT NULL,
    disabled         BIGINT NOT NULL,
    made_ms          BIGINT NOT NULL,
    last_login_ms    BIGINT
);

-- Roles by place; an empty place is the whole tree.
CREATE TABLE account_role (
    account TEXT NOT NULL,
    role    TEXT NOT NULL,
    place   TEXT NOT NULL,
    PRIMARY KEY (account, role, place)
);

CREATE TABLE account_session (
    hash         BYTES NOT NULL PRIMARY KEY,
    account      TEXT NOT NULL,
    made_ms      BIGINT NOT NULL,
    seen_ms      BIGINT NOT NULL,
    ends_ms      BIGINT NOT NULL,
    confirmed_ms BIGINT NOT NULL,
    agent        TEXT NOT NULL,
    source       TEXT NOT NULL
);
CREATE INDEX account_session_of ON account_session (account, made_ms);

-- Browsers that have logged in before: they need not wait behind strangers' failures.
CREATE TABLE account_device (
    hash    BYTES NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    seen_ms BIGINT NOT NULL
);
CREATE INDEX account_device_of ON account_device (account, seen_ms);

CREATE TABLE account_token (
    hash       BYTES NOT NULL PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    account    TEXT NOT NULL,
    title      TEXT NOT NULL,
    actions    TEXT NOT NULL,
    place      TEXT NOT NULL,
    made_ms    BIGINT NOT NULL,
    ends_ms    BIGINT NOT NULL,
    used_ms    BIGINT,
    revoked_ms BIGINT
);
CREATE INDEX account_token_of ON account_token (account, made_ms);
