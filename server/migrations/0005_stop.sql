-- What officers stopped: told to players again when they come back.
CREATE TABLE stop (
    hash      BYTES NOT NULL PRIMARY KEY,
    made_ms   BIGINT NOT NULL,
    sealed    BYTES NOT NULL,
    stored_ms BIGINT NOT NULL
);
