#ifndef TERRIER_CLI_SHOW_H
#define TERRIER_CLI_SHOW_H

#include "terrier/base/words.h"
#include "terrier/cli/session.h"

struct directory_host;

/* How ends and exchanges are spelt, and what each view leaves out. */

/* One end of an exchange, or a host. Texts are borrowed. */
struct end {
	const char *segment, *address, *name;
	struct addr addr;
	bool is_party, is_inside;
};
struct end end_source(const struct exchange_row *row);
struct end end_destination(const struct exchange_row *row);

/* What tells a host apart wherever hosts are looked up: "SEGMENT\nADDRESS" (struct exchange_end, struct directory_host);
 * free(). */
char *host_key(const char *segment, const char *address);

/* The host of an end as the register knows it; NULL before register_learn(). */
const struct directory_host *end_host(const struct session *s, const struct end *end);

/* The zone an end is in: configured, else ZONE_OUTSIDE or ZONE_GROUP (broadcast, multicast), else
 * its subnet, which the public view does not tell. */
#define ORGANISATION_OWN   "This organisation"
#define ORGANISATION_OTHER "Outside party that is not in the register"
#define ZONE_OUTSIDE "Outside"
#define ZONE_OWN     "Own network"
#define ZONE_GROUP   "Broadcast and multicast"
#define ZONE_MAX     96
char *end_zone(const struct session *s, const struct end *end, char out[ZONE_MAX]);

/* What the view of the session lets be seen of an end: `name` and `address` as columns. Texts live
 * in `*out` or with the end. Where the session knows who is who, the IG view has clients that are no asset as their
 * zone, or under a pseudonym. */
#define PSEUDONYM_MAX 24
struct shown {
	char zone[ZONE_MAX];
	char pseudonym[PSEUDONYM_MAX];
	const char *name, *address;
};
void show_end(const struct session *s, const struct end *end, struct shown *out);

/* `name` where there is one, else `address`. */
const char *shown_label(const struct shown *shown);

/* Words of CONTRACT. */
const char *show_encrypted(bool was_clear, bool was_encrypted);
const char *show_initiated(bool by_source, bool by_destination);
const char *show_kind(const struct session *s, const char *kind_id);
enum tier show_tier(const struct session *s, const char *kind_id);

/* Evidence as the view allows: but in the network view "(address)" stands for an address, as of a share that was asked
 * for by one; free(). */
char *show_evidence(const struct session *s, const char *evidence);

/* Cells that are empty where there is nothing to tell: no text, no word (joined with "; "), the time 0. */
void show_text(struct table *t, const char *text);
void show_words(struct table *t, const struct words *words);
void show_time(struct table *t, int64_t us);

/* Empty cells; and a row of three texts, part, item and value, the rest of its cells empty. */
void show_nothing(struct table *t, size_t n);
void show_fact(struct table *t, const char *part, const char *item, const char *value);

/* A counter as a cell: a table holds signed integers. */
void show_count(struct table *t, uint64_t value);

/* "tcp/2575", "icmp"; free(). */
char *show_port(uint8_t ip_protocol, uint16_t port);

#endif
