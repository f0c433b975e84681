/* The text of the writer's statements. */
#include "sql.h"

#include "terrier/base/mem.h"

#include <stdio.h>

/* clang-format off: it breaks SQL where no reader would */

/* How two rows of the same key become one; the order in which rows come must not matter. */
#define SUM(column)                                                                                \
#column " = " #column " + min(excluded." #column ", 0x7fffffffffffffff - " #column ")"
#define UNION(column) #column " = " #column " | excluded." #column
#define SPAN          "first_us = min(first_us, excluded.first_us), last_us = max(last_us, excluded.last_us)"

#define EXCHANGE_COLUMNS                                                                           \
	"source, destination, ip_protocol, server_port, kind_id, protocol, confidence, is_both, "  \
	"initiated_by_source, initiated_by_destination, was_clear, was_encrypted, has_messages, "  \
	"sensors, "                                                                                \
	"connections, messages, bytes_to_destination, bytes_to_source, first_us, last_us, hour, "  \
	"evidence"
#define EXCHANGE_VALUES                                                                            \
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, "     \
	"?18, ?19, ?20, "                                                                          \
	"?21, ?22, ?23)"
/* The hour stays the first one's: what came in another hour is in volume. */
#define EXCHANGE_MERGE                                                                                                                                                           \
	" ON CONFLICT DO UPDATE SET protocol = CASE WHEN excluded.confidence > confidence "                                                                                      \
	"OR (excluded.confidence = confidence AND excluded.protocol < protocol) "                                                                                                \
	"THEN excluded.protocol ELSE protocol END, confidence = max(confidence, "                                                                                                \
	"excluded.confidence), " UNION(is_both) ", " UNION(initiated_by_source) ", " UNION(initiated_by_destination) ", " UNION(was_clear) ", " UNION(was_encrypted) ", " UNION( \
	        has_messages) ", " UNION(sensors) ", " SUM(connections) ", " SUM(messages) ","                                                                                   \
	                                                                                   " " SUM(bytes_to_destination) ", " SUM(                                               \
	                                                                                           bytes_to_source) ", " SPAN                                                    \
	                                                                                                            ", evidence = merge_evidence(evidence, excluded.evidence)"

#define VOLUME_COLUMNS "hour, connections, messages, bytes_to_destination, bytes_to_source"
#define VOLUME_MERGE                                                                               \
	" ON CONFLICT DO UPDATE SET " SUM(connections) ", " SUM(messages) ", " SUM(                \
	        bytes_to_destination) ", " SUM(bytes_to_source)

static const char *const texts[SQL_STATEMENTS] = {
        /* a deferred transaction that turns into a writer can fail at once, whatever the busy
           time-out */
        [SQL_BEGIN] = "BEGIN IMMEDIATE",
        [SQL_COMMIT] = "COMMIT",
        [SQL_HOST] =
                "INSERT INTO host (id, segment, address, addr, is_party, is_inside, mac, "
                "empty_out, empty_in, "
                "unanswered_out, unanswered_in, first_us, last_us) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
                "ON CONFLICT DO UPDATE SET " UNION(
                        is_inside) ", "
                                   "mac = min(ifnull(mac, excluded.mac), "
                                   "ifnull(excluded.mac, mac)), " SUM(empty_out) ", " SUM(empty_in) ", " SUM(
                                           unanswered_out) ", " SUM(unanswered_in) ", "
                                                                                   "first_us = "
                                                                                   "min(ifnull("
                                                                                   "first_us, "
                                                                                   "excluded.first_"
                                                                                   "us), "
                                                                                   "ifnull("
                                                                                   "excluded.first_"
                                                                                   "us, "
                                                                                   "first_us)), "
                                                                                   "last_us = "
                                                                                   "max(ifnull("
                                                                                   "last_us, "
                                                                                   "excluded.last_"
                                                                                   "us), "
                                                                                   "ifnull("
                                                                                   "excluded.last_"
                                                                                   "us, last_us))",
        [SQL_EXCHANGE_ADD] = "INSERT INTO exchange (id, " EXCHANGE_COLUMNS ") " EXCHANGE_VALUES
                             " ON CONFLICT DO NOTHING",
        [SQL_EXCHANGE_MERGE] =
                "INSERT INTO exchange (id, " EXCHANGE_COLUMNS ") " EXCHANGE_VALUES EXCHANGE_MERGE,
        [SQL_EXCHANGE_HOUR] = "SELECT hour FROM exchange WHERE id = ?1",
        [SQL_VOLUME] = "INSERT INTO volume (exchange, " VOLUME_COLUMNS
                       ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)" VOLUME_MERGE,
        [SQL_NAME_UPDATE] =
                "UPDATE name SET count = count + min(?4, 0x7fffffffffffffff - count), first_us = "
                "min(first_us, ?5), "
                "last_us = max(last_us, ?6), is_foreign = ?7 WHERE host = ?1 AND source = ?2 AND name = ?3",
        [SQL_NAME_INSERT] = "INSERT INTO name (host, source, name, count, first_us, last_us, is_foreign) "
                            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        [SQL_NAMES_UNRANK] = "UPDATE name_source SET rank = -number",
        [SQL_NAMES_RANK] = "UPDATE name_source SET rank = ?2 WHERE number = ?1",
        [SQL_NAME_CUT] = "DELETE FROM name WHERE (host, source, name) IN (SELECT host, source, name FROM "
                         "(SELECT host, source, name, row_number() OVER (PARTITION BY host ORDER BY "
                         "source, name) AS place FROM name) WHERE place > ?1)",
        [SQL_SENSOR_LIST] = "SELECT number, name FROM sensor ORDER BY number",
        [SQL_SENSOR_ADD] = "INSERT INTO sensor (number, name) VALUES (?1, ?2)",
        [SQL_CLEAR_EXCHANGE] = "DELETE FROM exchange WHERE id < 0",
        [SQL_CLEAR_VOLUME] = "DELETE FROM volume WHERE exchange < 0",
        /* before the exchanges: the hour named in a row will be the final one's, else the
           provisional one's */
        [SQL_SETTLE_VOLUME] =
                "INSERT INTO volume (exchange, " VOLUME_COLUMNS
                ") SELECT -exchange, " VOLUME_COLUMNS " FROM volume_all AS v WHERE exchange < 0 "
                "AND hour <> (SELECT hour FROM exchange AS e "
                "WHERE e.id IN (-v.exchange, v.exchange) ORDER BY e.id DESC LIMIT 1)" VOLUME_MERGE,
        [SQL_SETTLE_EXCHANGE] =
                "INSERT INTO exchange (id, " EXCHANGE_COLUMNS ") SELECT -id, " EXCHANGE_COLUMNS
                " FROM exchange WHERE id < 0" EXCHANGE_MERGE,
        [SQL_RUN_ADD] = "INSERT INTO run (sensor, source, version, dpi_version, filter, "
                        "exclusions, started_us, ended_us, "
                        "first_us, last_us, is_file, is_again, is_complete, is_ended, fault, "
                        "file_size, file_digest) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
                        "?16, ?17)",
        [SQL_RUN_END] = "UPDATE run SET ended_us = ?2, first_us = ?3, last_us = ?4, is_complete = "
                        "?5, is_ended = ?6, "
                        "fault = ?7 WHERE id = ?1",
        [SQL_RUN_AGAIN] = "UPDATE run SET is_again = 1 WHERE id = ?1",
        [SQL_RUN_FIND] = "SELECT id FROM run WHERE is_file = 1 AND is_ended = 1 AND file_size = ?1 "
                         "AND file_digest = ?2 ORDER BY id LIMIT 1",
        [SQL_RUN_PERIOD] = "UPDATE run SET first_us = iif(first_us = 0, ?2, min(first_us, ?2)), "
                           "last_us = iif(last_us = 0, ?3, max(last_us, ?3)) WHERE id = ?1",
        [SQL_NETWORKS_CLEAR] = "DELETE FROM network",
        [SQL_NETWORK] =
                "INSERT INTO network (position, purpose, zone, network) VALUES (?1, ?2, ?3, ?4)",
        [SQL_SETTING] = "INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)",
};

/* clang-format on */

/* The two statements with a column for each counter. */
static char *counters_text(enum sql which)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		return mem_strdup("");
	}
	fputs(which == SQL_RUN_COUNT ? "UPDATE run SET " : "INSERT INTO coverage (run, minute",
	      out);
	for (int i = 0; which == SQL_COVERAGE && i < COVERAGE_COUNTERS; i++) {
		fprintf(out, ", %s", coverage_names[i]);
	}
	fputs(which == SQL_RUN_COUNT ? "" : ") VALUES (?1, ?2", out);
	for (int i = 0; which == SQL_COVERAGE && i < COVERAGE_COUNTERS; i++) {
		fprintf(out, ", ?%d", i + 3);
	}
	fputs(which == SQL_RUN_COUNT ? "" : ") ON CONFLICT DO UPDATE SET ", out);
	for (int i = 0; i < COVERAGE_COUNTERS; i++) {
		const char *name = coverage_names[i];
		fprintf(out, "%s%s = %s + min(?%d, 0x7fffffffffffffff - %s)", i > 0 ? ", " : "",
		        name, name, i + 3, name);
	}
	fputs(which == SQL_RUN_COUNT ? " WHERE id = ?1" : "", out);
	fclose(out);
	return text;
}

char *sql_statement_text(enum sql which)
{
	if (which == SQL_RUN_COUNT || which == SQL_COVERAGE) {
		return counters_text(which);
	}
	return mem_strdup(texts[which]);
}
