-- What goes into the transparency log, written in the transaction of the change that it tells of.

-- Entries by their position in the log. Those that a signed checkpoint covers are dropped: the log has them.
CREATE TABLE log_entry (
    position BIGINT NOT NULL PRIMARY KEY,
    entry    BYTES NOT NULL
);

-- The log's name and when it began; one row, none before the log is opened.
CREATE TABLE log_origin (
    origin    TEXT NOT NULL PRIMARY KEY,
    opened_ms BIGINT NOT NULL
);

-- The next position. The first, 0, is kept for the entry that opens the log.
INSERT INTO counter (name, value) VALUES ('log', 1);

-- Where in the log a record stands; null for one that came before there was a log.
ALTER TABLE proof_record ADD COLUMN position BIGINT;
ALTER TABLE record_conflict ADD COLUMN position BIGINT;
