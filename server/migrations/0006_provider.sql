-- People who log in at a provider of identities (OpenID Connect): which of its subjects is which account. A session that
-- began there says so: the provider asked for the password, not the desk.
CREATE TABLE account_link (
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX account_link_of ON account_link (account, issuer, subject);
ALTER TABLE account_session ADD COLUMN provided BIGINT NOT NULL DEFAULT 0;
