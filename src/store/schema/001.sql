-- terrier.db: what was observed. terrierd alone writes it; who may read the file may read all of it.
-- Times named *_us are microseconds since 1970-01-01T00:00:00Z; counters stop at 2^63-1.
-- Made for people: the views v_flows, v_hosts, v_names, v_runs, v_coverage and v_volume.

CREATE TABLE sensor (
	-- who listened; the number is the bit that stands for it in exchange.sensors
	number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 62),
	name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE host (
	-- an end of an exchange: one address of one segment, or a party of many addresses
	id INTEGER PRIMARY KEY,           -- a hash of segment and address: the same in every database
	segment TEXT NOT NULL,            -- '' is the default segment
	address TEXT NOT NULL,            -- as printed: '10.77.1.5', '[outlook.office365.com]'
	addr BLOB CHECK (length(addr) = 16), -- in network order, IPv4 mapped; NULL: a party of no one block
	is_party INTEGER NOT NULL,
	is_inside INTEGER NOT NULL,
	mac TEXT,                         -- hardware address of frames it sent, never a router's: '02:4c:41:00:00:01'
	empty_out INTEGER NOT NULL,       -- TCP connections without payload that it opened
	empty_in INTEGER NOT NULL,        -- … that it was offered
	unanswered_out INTEGER NOT NULL,  -- UDP flows that nobody claimed and nobody answered
	unanswered_in INTEGER NOT NULL,
	first_us INTEGER,                 -- of the counters above; NULL: never counted
	last_us INTEGER
) STRICT;

CREATE TABLE name_source (
	-- where a name comes from; the smallest rank gives the best name
	number INTEGER PRIMARY KEY,
	word TEXT NOT NULL UNIQUE,
	rank INTEGER NOT NULL UNIQUE
) STRICT;

INSERT INTO name_source (number, word, rank) VALUES
	(3, 'dns', 1), (4, 'sni', 2), (5, 'http_host', 3), (6, 'certificate', 4), (2, 'ae_title', 5), (1, 'hl7', 6),
	(9, 'kerberos', 7), (10, 'ldap', 8), (7, 'ntlm', 9), (8, 'smb', 10), (11, 'dhcp', 11), (12, 'netbios', 12),
	(13, 'mdns', 13), (14, 'banner', 14);

CREATE TABLE name (
	-- names seen for a host or party; at most 128 each, the first in the order of the key. Foreign: of a service
	-- outside that the catalogue knows, seen at an inside address: a proxy or filter stands in for it
	host INTEGER NOT NULL REFERENCES host(id),
	source INTEGER NOT NULL REFERENCES name_source(number),
	name TEXT NOT NULL,
	count INTEGER NOT NULL,
	first_us INTEGER NOT NULL,
	last_us INTEGER NOT NULL,
	is_foreign INTEGER NOT NULL,
	PRIMARY KEY (host, source, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE exchange (
	-- which data one end sends another: sums over all time
	id INTEGER PRIMARY KEY,           -- a hash of segment, both addresses, transport, server port and kind. Negative:
	                                  -- of connections whose label may still change, to be added to the row -id
	source INTEGER NOT NULL REFERENCES host(id),
	destination INTEGER NOT NULL REFERENCES host(id),
	ip_protocol INTEGER NOT NULL,     -- IANA's number: 6 TCP, 17 UDP
	server_port INTEGER NOT NULL,     -- 0: none
	kind_id TEXT NOT NULL,
	protocol TEXT NOT NULL,
	confidence INTEGER NOT NULL,      -- 0 low, 1 medium, 2 high
	is_both INTEGER NOT NULL,         -- 1: data goes both ways, the source is the client
	initiated_by_source INTEGER NOT NULL,
	initiated_by_destination INTEGER NOT NULL,
	was_clear INTEGER NOT NULL,
	was_encrypted INTEGER NOT NULL,
	has_messages INTEGER NOT NULL,    -- 0: the protocol has none, messages means nothing
	sensors INTEGER NOT NULL,         -- bit N: sensor N saw it
	connections INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	bytes_to_destination INTEGER NOT NULL,
	bytes_to_source INTEGER NOT NULL,
	first_us INTEGER NOT NULL,
	last_us INTEGER NOT NULL,
	hour INTEGER NOT NULL,            -- what volume does not tell belongs to this hour since 1970-01-01T00:00:00Z
	evidence TEXT NOT NULL            -- why it has its kind: JSON, [[type, text, count], …] in that order. At most 64
	                                  -- items, the rest is summed up in one of type 0. Counts are messages, or
	                                  -- connections where the protocol has no messages
) STRICT;

CREATE TABLE volume (
	-- what an exchange moved, hour by hour, without the hour that is named in exchange: most have but that one,
	-- and so cost one row and not two
	exchange INTEGER NOT NULL REFERENCES exchange(id),
	hour INTEGER NOT NULL,            -- hours since 1970-01-01T00:00:00Z
	connections INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	bytes_to_destination INTEGER NOT NULL,
	bytes_to_source INTEGER NOT NULL,
	PRIMARY KEY (exchange, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence_type (
	-- what kind of proof a piece of evidence is
	number INTEGER PRIMARY KEY,
	label TEXT NOT NULL               -- as printed before the evidence
) STRICT;

INSERT INTO evidence_type (number, label) VALUES
	(0, 'further'), (1, 'HL7'), (2, 'DICOM'), (3, 'DICOM'), (4, 'FHIR'), (5, 'FHIR'), (6, 'SOAP'), (7, 'Spine'),
	(8, 'HTTP'), (9, 'HTTP'), (10, 'POCT1-A'), (11, 'syslog'), (12, 'LDAP'), (13, 'XML'), (14, 'ASTM'),
	(15, 'share'), (16, 'database'), (17, 'topic'), (18, 'mail'), (19, 'queue'), (20, 'name'),
	(21, 'DNS'), (22, 'protocol'), (23, 'nDPI'), (24, 'port'), (25, 'other');

CREATE TABLE run (
	-- one start of terrierd, or one file read
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	sensor TEXT NOT NULL,
	source TEXT NOT NULL,             -- the interface, or the file's base name
	version TEXT NOT NULL,
	dpi_version TEXT NOT NULL,
	filter TEXT NOT NULL,
	exclusions TEXT NOT NULL,
	started_us INTEGER NOT NULL,      -- by the wall clock
	ended_us INTEGER NOT NULL,        -- 0: has not ended, or was killed
	first_us INTEGER NOT NULL,        -- by the packets; 0: none
	last_us INTEGER NOT NULL,
	is_file INTEGER NOT NULL,
	is_again INTEGER NOT NULL,        -- 1: the same file was counted more than once
	is_complete INTEGER NOT NULL,
	is_ended INTEGER NOT NULL,
	fault TEXT NOT NULL,              -- why it is incomplete
	file_size INTEGER NOT NULL,
	file_digest INTEGER NOT NULL,     -- of the first and last 64 KiB
	packets INTEGER NOT NULL DEFAULT 0,
	bytes INTEGER NOT NULL DEFAULT 0,
	kernel_drops INTEGER NOT NULL DEFAULT 0,
	interface_drops INTEGER NOT NULL DEFAULT 0,
	not_ip INTEGER NOT NULL DEFAULT 0,
	malformed INTEGER NOT NULL DEFAULT 0,
	excluded INTEGER NOT NULL DEFAULT 0,
	duplicates INTEGER NOT NULL DEFAULT 0,
	snap_cut INTEGER NOT NULL DEFAULT 0,
	fragments INTEGER NOT NULL DEFAULT 0,
	fragments_lost INTEGER NOT NULL DEFAULT 0,
	flows INTEGER NOT NULL DEFAULT 0,
	flows_midstream INTEGER NOT NULL DEFAULT 0,
	flows_one_way INTEGER NOT NULL DEFAULT 0,
	flows_unknown INTEGER NOT NULL DEFAULT 0,
	payload_bytes INTEGER NOT NULL DEFAULT 0,
	unknown_bytes INTEGER NOT NULL DEFAULT 0,
	evicted INTEGER NOT NULL DEFAULT 0,
	unfollowed INTEGER NOT NULL DEFAULT 0,
	gaps INTEGER NOT NULL DEFAULT 0,
	gap_bytes INTEGER NOT NULL DEFAULT 0,
	withheld INTEGER NOT NULL DEFAULT 0,
	dpi_refused INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX run_file ON run (file_size, file_digest) WHERE is_file = 1;

CREATE TABLE coverage (
	-- what a run saw and lost, minute by minute; no row: it did not listen
	run INTEGER NOT NULL REFERENCES run(id),
	minute INTEGER NOT NULL,          -- minutes since 1970-01-01T00:00:00Z
	packets INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	kernel_drops INTEGER NOT NULL,
	interface_drops INTEGER NOT NULL,
	not_ip INTEGER NOT NULL,
	malformed INTEGER NOT NULL,
	excluded INTEGER NOT NULL,
	duplicates INTEGER NOT NULL,
	snap_cut INTEGER NOT NULL,
	fragments INTEGER NOT NULL,
	fragments_lost INTEGER NOT NULL,
	flows INTEGER NOT NULL,
	flows_midstream INTEGER NOT NULL,
	flows_one_way INTEGER NOT NULL,
	flows_unknown INTEGER NOT NULL,
	payload_bytes INTEGER NOT NULL,
	unknown_bytes INTEGER NOT NULL,
	evicted INTEGER NOT NULL,
	unfollowed INTEGER NOT NULL,
	gaps INTEGER NOT NULL,
	gap_bytes INTEGER NOT NULL,
	withheld INTEGER NOT NULL,
	dpi_refused INTEGER NOT NULL,
	PRIMARY KEY (run, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE network (
	-- the networks in force when the daemon last wrote its settings, in the order of the configuration
	position INTEGER PRIMARY KEY,
	purpose TEXT NOT NULL CHECK (purpose IN ('own', 'outside', 'zone')),
	zone TEXT NOT NULL,               -- '' for own and outside
	network TEXT NOT NULL
) STRICT;

CREATE TABLE setting (
	-- own_is_set: 1 when the site has said which networks are its own; exclusions: one line for people
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIEW exchange_now AS
	-- Final and provisional together: one row an exchange.
SELECT e.id, e.source, e.destination, e.ip_protocol, e.server_port, e.kind_id,
	CASE WHEN p.confidence > e.confidence OR (p.confidence = e.confidence AND p.protocol < e.protocol)
		THEN p.protocol ELSE e.protocol END AS protocol,
	max(e.confidence, ifnull(p.confidence, 0)) AS confidence,
	e.is_both | ifnull(p.is_both, 0) AS is_both,
	e.initiated_by_source | ifnull(p.initiated_by_source, 0) AS initiated_by_source,
	e.initiated_by_destination | ifnull(p.initiated_by_destination, 0) AS initiated_by_destination,
	e.was_clear | ifnull(p.was_clear, 0) AS was_clear,
	e.was_encrypted | ifnull(p.was_encrypted, 0) AS was_encrypted,
	e.has_messages | ifnull(p.has_messages, 0) AS has_messages,
	e.sensors | ifnull(p.sensors, 0) AS sensors,
	e.connections + min(ifnull(p.connections, 0), 0x7fffffffffffffff - e.connections) AS connections,
	e.messages + min(ifnull(p.messages, 0), 0x7fffffffffffffff - e.messages) AS messages,
	e.bytes_to_destination + min(ifnull(p.bytes_to_destination, 0),
		0x7fffffffffffffff - e.bytes_to_destination) AS bytes_to_destination,
	e.bytes_to_source + min(ifnull(p.bytes_to_source, 0),
		0x7fffffffffffffff - e.bytes_to_source) AS bytes_to_source,
	min(e.first_us, ifnull(p.first_us, e.first_us)) AS first_us,
	max(e.last_us, ifnull(p.last_us, e.last_us)) AS last_us,
	e.evidence, ifnull(p.evidence, '[]') AS provisional_evidence
FROM exchange AS e LEFT JOIN exchange AS p ON p.id = -e.id
WHERE e.id > 0
UNION ALL
SELECT -id, source, destination, ip_protocol, server_port, kind_id, protocol, confidence, is_both, initiated_by_source,
	initiated_by_destination, was_clear, was_encrypted, has_messages, sensors, connections, messages,
	bytes_to_destination, bytes_to_source, first_us, last_us, '[]', evidence
FROM exchange AS p
WHERE id < 0 AND NOT EXISTS (SELECT 1 FROM exchange AS e WHERE e.id = -p.id);

CREATE VIEW exchange_name AS
	-- The id as printed: X- and 12 digits of Crockford's base 32.
SELECT id, 'X-' || substr(d, (n >> 55 & 31) + 1, 1) || substr(d, (n >> 50 & 31) + 1, 1)
	|| substr(d, (n >> 45 & 31) + 1, 1) || substr(d, (n >> 40 & 31) + 1, 1)
	|| substr(d, (n >> 35 & 31) + 1, 1) || substr(d, (n >> 30 & 31) + 1, 1)
	|| substr(d, (n >> 25 & 31) + 1, 1) || substr(d, (n >> 20 & 31) + 1, 1)
	|| substr(d, (n >> 15 & 31) + 1, 1) || substr(d, (n >> 10 & 31) + 1, 1)
	|| substr(d, (n >> 5 & 31) + 1, 1) || substr(d, (n & 31) + 1, 1) AS exchange_id
FROM (SELECT id, abs(id) AS n, '0123456789abcdefghjkmnpqrstvwxyz' AS d FROM exchange);

CREATE VIEW volume_all AS
	-- All hours of an exchange; a negative one's are provisional.
SELECT exchange, hour, connections, messages, bytes_to_destination, bytes_to_source FROM volume
UNION ALL
SELECT e.id, e.hour,
	max(0, e.connections - CAST(total(v.connections) AS INTEGER)),
	max(0, e.messages - CAST(total(v.messages) AS INTEGER)),
	max(0, e.bytes_to_destination - CAST(total(v.bytes_to_destination) AS INTEGER)),
	max(0, e.bytes_to_source - CAST(total(v.bytes_to_source) AS INTEGER))
FROM exchange AS e LEFT JOIN volume AS v ON v.exchange = e.id GROUP BY e.id;

CREATE VIEW best_name AS
	-- The best name of each host: by rank of its source, then most seen, then first by name. A name that several
	-- inside hosts of a segment have from the same source (a load balancer's, an alias) stands back behind one that is a host's own, and
	-- so do the names a host of very many was asked for (a proxy). An inside host never has the name of an outside
	-- service: one that the catalogue knows, or that is also the name of an outside party.
SELECT host, source, name FROM (
	SELECT n.host, n.source, n.name, row_number() OVER (PARTITION BY n.host
		ORDER BY shared.name IS NOT NULL OR asked.host IS NOT NULL, r.rank, n.count DESC, n.name) AS place
	FROM name AS n JOIN name_source AS r ON r.number = n.source JOIN host AS h ON h.id = n.host
	LEFT JOIN (
		SELECT h.segment, n.name, n.source FROM name AS n JOIN host AS h ON h.id = n.host
		WHERE h.is_inside = 1 AND h.is_party = 0
		GROUP BY h.segment, n.name, n.source HAVING count(DISTINCT h.id) > 1
	) AS shared ON h.is_inside = 1 AND shared.segment = h.segment AND shared.name = n.name AND shared.source = n.source
	LEFT JOIN (
		SELECT host, source FROM name WHERE source IN (4, 5) GROUP BY host, source HAVING count(*) > 16
	) AS asked ON asked.host = n.host AND asked.source = n.source AND h.is_party = 0
	LEFT JOIN (
		SELECT segment, address FROM host WHERE is_inside = 0 AND is_party = 1
	) AS outside ON h.is_inside = 1 AND outside.segment = h.segment AND outside.address = '[' || n.name || ']'
	WHERE outside.address IS NULL AND NOT (h.is_inside = 1 AND h.is_party = 0 AND n.is_foreign))
WHERE place = 1;

CREATE VIEW host_seen AS
	-- When each host was seen: in an exchange, or by its counters. One that was only named was not seen.
SELECT host, min(first_us) AS first_us, max(last_us) AS last_us FROM (
	SELECT source AS host, first_us, last_us FROM exchange
	UNION ALL SELECT destination, first_us, last_us FROM exchange
	UNION ALL SELECT id, first_us, last_us FROM host WHERE first_us IS NOT NULL)
GROUP BY host;

CREATE VIEW v_flows AS
	-- As `terrier flows` prints them.
SELECT (SELECT exchange_id FROM exchange_name AS x WHERE x.id IN (e.id, -e.id) LIMIT 1) AS exchange_id,
	ifnull(sn.name, '') AS source_name, s.address AS source_address,
	ifnull(dn.name, '') AS destination_name, d.address AS destination_address,
	iif(e.is_both, 'both', 'one_way') AS direction,
	CASE WHEN e.initiated_by_source AND e.initiated_by_destination THEN 'both'
		WHEN e.initiated_by_source THEN 'source'
		WHEN e.initiated_by_destination THEN 'destination' ELSE 'unknown' END AS initiated_by,
	CASE e.ip_protocol WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 6 THEN 'tcp' WHEN 17 THEN 'udp'
		WHEN 58 THEN 'icmpv6' WHEN 132 THEN 'sctp' ELSE e.ip_protocol END AS transport,
	nullif(e.server_port, 0) AS server_port, e.protocol, e.kind_id,
	CASE e.confidence WHEN 2 THEN 'high' WHEN 1 THEN 'medium' ELSE 'low' END AS confidence,
	CASE WHEN e.was_clear AND e.was_encrypted THEN 'mixed' WHEN e.was_encrypted THEN 'yes'
		WHEN e.was_clear THEN 'no' ELSE 'unknown' END AS encrypted,
	e.connections, iif(e.has_messages, e.messages, NULL) AS messages,
	e.bytes_to_destination, e.bytes_to_source,
	strftime('%Y-%m-%dT%H:%M:%SZ', e.first_us / 1000000, 'unixepoch') AS first_seen,
	strftime('%Y-%m-%dT%H:%M:%SZ', e.last_us / 1000000, 'unixepoch') AS last_seen,
	(SELECT group_concat(label || ' ' || text || ' ×' || count, '; ')
		FROM (SELECT t.label, i.value ->> 1 AS text, CAST(total(i.value ->> 2) AS INTEGER) AS count
			FROM (SELECT value FROM json_each(e.evidence)
				UNION ALL SELECT value FROM json_each(e.provisional_evidence)) AS i
			JOIN evidence_type AS t ON t.number = i.value ->> 0 AND t.label <> 'other'
			GROUP BY t.number, i.value ->> 1 ORDER BY count DESC, text LIMIT 5)) AS evidence,
	s.segment,
	(SELECT group_concat(name, '; ')
		FROM (SELECT name FROM sensor WHERE e.sensors >> number & 1 ORDER BY name)) AS sensor
FROM exchange_now AS e JOIN host AS s ON s.id = e.source JOIN host AS d ON d.id = e.destination
LEFT JOIN best_name AS sn ON sn.host = s.id LEFT JOIN best_name AS dn ON dn.host = d.id;

CREATE VIEW v_hosts AS
SELECT h.segment, h.address, ifnull(n.name, '') AS name, h.is_party, h.is_inside, h.mac,
	h.empty_out, h.empty_in, h.unanswered_out, h.unanswered_in,
	strftime('%Y-%m-%dT%H:%M:%SZ', t.first_us / 1000000, 'unixepoch') AS first_seen,
	strftime('%Y-%m-%dT%H:%M:%SZ', t.last_us / 1000000, 'unixepoch') AS last_seen
FROM host AS h JOIN host_seen AS t ON t.host = h.id LEFT JOIN best_name AS n ON n.host = h.id;

CREATE VIEW v_names AS
SELECT h.segment, h.address, r.word AS source, n.name, n.count,
	strftime('%Y-%m-%dT%H:%M:%SZ', n.first_us / 1000000, 'unixepoch') AS first_seen,
	strftime('%Y-%m-%dT%H:%M:%SZ', n.last_us / 1000000, 'unixepoch') AS last_seen
FROM name AS n JOIN host AS h ON h.id = n.host JOIN name_source AS r ON r.number = n.source;

CREATE VIEW v_volume AS
SELECT x.exchange_id, strftime('%Y-%m-%dT%H:00:00Z', v.hour * 3600, 'unixepoch') AS hour,
	v.connections, v.messages, v.bytes_to_destination, v.bytes_to_source
FROM volume_all AS v JOIN exchange_name AS x ON x.id = v.exchange;

CREATE VIEW v_runs AS
SELECT id, sensor, source,
	strftime('%Y-%m-%dT%H:%M:%SZ', started_us / 1000000, 'unixepoch') AS started,
	strftime('%Y-%m-%dT%H:%M:%SZ', nullif(ended_us, 0) / 1000000, 'unixepoch') AS ended,
	strftime('%Y-%m-%dT%H:%M:%SZ', nullif(first_us, 0) / 1000000, 'unixepoch') AS first_packet,
	strftime('%Y-%m-%dT%H:%M:%SZ', nullif(last_us, 0) / 1000000, 'unixepoch') AS last_packet,
	CASE WHEN NOT is_ended THEN 'not ended' WHEN is_complete THEN 'complete' ELSE 'incomplete' END AS state,
	fault, is_again, filter, exclusions, version, dpi_version, packets, bytes, kernel_drops, interface_drops,
	not_ip, malformed, excluded, duplicates, snap_cut, fragments, fragments_lost, flows, flows_midstream,
	flows_one_way, flows_unknown, payload_bytes, unknown_bytes, evicted, unfollowed, gaps, gap_bytes,
	withheld, dpi_refused
FROM run;

CREATE VIEW v_coverage AS
SELECT r.sensor, r.source, strftime('%Y-%m-%dT%H:%M:00Z', c.minute * 60, 'unixepoch') AS start, c.*
FROM coverage AS c JOIN run AS r ON r.id = c.run;
