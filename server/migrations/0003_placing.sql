-- What officers said of each player: which key it has and where it stands. The newest one counts.
CREATE TABLE player_placing (
    id      TEXT NOT NULL PRIMARY KEY,
    public  BYTES NOT NULL,
    made_ms BIGINT NOT NULL,
    sealed  BYTES NOT NULL
);

-- Keys that announced themselves and that nobody enrolled yet. Not part of the log: anybody can announce a key.
CREATE TABLE player_waiting (
    id      TEXT NOT NULL,
    public  BYTES NOT NULL,
    said_ms BIGINT NOT NULL,
    PRIMARY KEY (id, public)
);
