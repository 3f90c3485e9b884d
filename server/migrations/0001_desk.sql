-- The desk's tables, first version.
-- One dialect for SQLite and PostgreSQL: BIGINT, TEXT and BYTES, which the program replaces by the name that the
-- database has for bytes. Times are milliseconds since 1970 in UTC (…_ms). Numbers without a sign are kept bit for bit.

-- Counters that rise: 'changes' with every write of what is planned, 'acts' with every act.
CREATE TABLE counter (
    name  TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('changes', 0), ('acts', 0);

-- What people have written: places, players, campaigns, slides, programmes, orders.
CREATE TABLE definition (
    kind       TEXT NOT NULL,
    id         TEXT NOT NULL,
    document   TEXT NOT NULL,
    source     TEXT NOT NULL,
    applied_ms BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);

-- What stood there before each change; null where nothing did, null after where it was removed.
CREATE TABLE definition_history (
    change       BIGINT NOT NULL,
    line         BIGINT NOT NULL,
    kind         TEXT NOT NULL,
    id           TEXT NOT NULL,
    was_document TEXT,
    is_document  TEXT,
    at_ms        BIGINT NOT NULL,
    who          TEXT NOT NULL,
    PRIMARY KEY (change, line)
);
CREATE INDEX definition_history_of ON definition_history (kind, id, change);

CREATE TABLE clip (
    id             TEXT NOT NULL PRIMARY KEY,
    rendition_hash BYTES NOT NULL,
    source_hash    BYTES NOT NULL,
    size_bytes     BIGINT NOT NULL,
    duration_ms    BIGINT NOT NULL,
    added_ms       BIGINT NOT NULL,
    document       TEXT NOT NULL
);
CREATE INDEX clip_source ON clip (source_hash);
CREATE INDEX clip_rendition ON clip (rendition_hash);

-- Content lies in files named by hash; here is what is known of it.
CREATE TABLE blob_known (
    hash         BYTES NOT NULL PRIMARY KEY,
    size_bytes   BIGINT NOT NULL,
    kind         TEXT NOT NULL,
    chunk_hashes BYTES NOT NULL
);

CREATE TABLE signed_order (
    hash          BYTES NOT NULL PRIMARY KEY,
    id            TEXT NOT NULL,
    campaign      TEXT NOT NULL,
    programme     TEXT NOT NULL,
    made_ms       BIGINT NOT NULL,
    stored_ms     BIGINT NOT NULL,
    sealed        BYTES NOT NULL,
    revoked_ms    BIGINT,
    superseded_by BYTES
);
CREATE INDEX signed_order_id ON signed_order (id, made_ms);
CREATE INDEX signed_order_campaign ON signed_order (campaign);

CREATE TABLE player_key (
    id        TEXT NOT NULL PRIMARY KEY,
    public    BYTES NOT NULL,
    pinned_ms BIGINT NOT NULL
);

CREATE TABLE player_state (
    id            TEXT NOT NULL PRIMARY KEY,
    public        BYTES NOT NULL,
    last_hello_ms BIGINT NOT NULL,
    in_force      BIGINT,
    incoming      BIGINT,
    epoch         BIGINT NOT NULL,
    next_seq      BIGINT NOT NULL,
    outbox        BIGINT NOT NULL,
    free_bytes    BIGINT NOT NULL,
    version       TEXT NOT NULL,
    online        BIGINT NOT NULL,
    refused       TEXT,
    air_order     BYTES,
    air_ms        BIGINT
);

CREATE TABLE issued_release (
    player     TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    sealed     BYTES NOT NULL,
    issued_ms  BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    digest     BYTES NOT NULL,
    PRIMARY KEY (player, seq)
);

-- Records of players. when_ms is the planned time of a cue, else the time the record was made.
CREATE TABLE proof_record (
    player         TEXT NOT NULL,
    epoch          BIGINT NOT NULL,
    seq            BIGINT NOT NULL,
    hash           BYTES NOT NULL,
    sealed         BYTES NOT NULL,
    received_ms    BIGINT NOT NULL,
    made_ms        BIGINT NOT NULL,
    when_ms        BIGINT NOT NULL,
    kind           TEXT NOT NULL,
    detail         BIGINT,
    order_hash     BYTES,
    outcome        TEXT,
    reason         TEXT,
    began_ms       BIGINT,
    ended_ms       BIGINT,
    heard_ms       BIGINT,
    length_ms      BIGINT,
    volume         BIGINT,
    evidence       TEXT,
    clock_source   TEXT NOT NULL,
    clock_error_ms BIGINT NOT NULL,
    PRIMARY KEY (player, epoch, seq)
);
CREATE INDEX proof_record_when ON proof_record (when_ms);
-- Holds all that an account needs of a cue, so that a player's month is read from here alone, without the table.
CREATE INDEX proof_record_player ON proof_record
    (player, when_ms, order_hash, outcome, reason, evidence, heard_ms, received_ms);
-- Holds all that a report's sums need: over a million records they are read from here alone, without the table.
CREATE INDEX proof_record_order ON proof_record (order_hash, when_ms, player, outcome, reason, heard_ms, length_ms);
CREATE INDEX proof_record_outcome ON proof_record (outcome, when_ms);

-- A second record under a number that is taken: kept as evidence against the player or its key.
CREATE TABLE record_conflict (
    player      TEXT NOT NULL,
    epoch       BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    hash        BYTES NOT NULL,
    sealed      BYTES NOT NULL,
    received_ms BIGINT NOT NULL,
    PRIMARY KEY (player, epoch, seq, hash)
);

-- What people did.
CREATE TABLE act (
    number  BIGINT NOT NULL PRIMARY KEY,
    at_ms   BIGINT NOT NULL,
    who     TEXT NOT NULL,
    what    TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail  TEXT NOT NULL
);
