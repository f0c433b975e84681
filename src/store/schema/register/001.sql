-- register.db: what people entered. `terrier` writes it for those of its group; rows are only ever added.
-- Times named *_us are microseconds since 1970-01-01T00:00:00Z. Made for people: the view v_records.

CREATE TABLE record (
	-- one change of one entry; what holds is the last record of each type and id
	number INTEGER PRIMARY KEY,       -- 1, 2, 3 … without a hole
	made_us INTEGER NOT NULL,
	account TEXT NOT NULL,            -- of the operating system
	source TEXT NOT NULL,             -- the command, and the file it read
	type TEXT NOT NULL,               -- 'asset', 'declaration', 'decision'
	id TEXT NOT NULL,
	body TEXT NOT NULL,               -- JSON object of the cells that are not empty; '': the entry was taken back
	previous BLOB NOT NULL,           -- hash of the record before; zeros before the first
	hash BLOB NOT NULL                -- BLAKE2b-256 of "terrier register 1", previous, number, made_us, account, source,
	                                  -- type, id and body, each behind its length in 8 octets, least significant first
) STRICT;

CREATE INDEX record_of_entry ON record (type, id, number);

CREATE TABLE head (
	-- where the chain ends, so that a cut at its end shows
	one INTEGER PRIMARY KEY CHECK (one = 1),
	records INTEGER NOT NULL,
	hash BLOB NOT NULL
) STRICT;

INSERT INTO head (one, records, hash) VALUES (1, 0, zeroblob(32));

CREATE VIEW v_records AS
SELECT number, strftime('%Y-%m-%dT%H:%M:%SZ', made_us / 1000000, 'unixepoch') AS made, account, source, type, id,
	CASE body WHEN '' THEN 'taken back' ELSE 'entered' END AS what, body, lower(hex(hash)) AS hash
FROM record ORDER BY number;
