-- What officers said of each player: which key it has and where it stands. The newest one counts.
CREATE TABLE player_placing (
    id      TEXT NOT NULL PRIMARY KEY,
    public  BYTES NOT NULL,
    made_ms BIGINT NOT NULL,
    sealed  BYTES NOT NULL
);
