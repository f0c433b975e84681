#ifndef TERRIER_DAEMON_SETTINGS_H
#define TERRIER_DAEMON_SETTINGS_H

#include "terrier/base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* terrier.conf (INI) and its defaults. One table in settings.c is the source of the parser, of the sample file
 * and of terrier.conf(5). */
struct zone {
	char *name;
	struct prefix *networks;
	size_t n_networks;
};

/* Where the same address may mean another host. Matches when all that is given matches. Index 0 is the default
 * segment: name "", no conditions. */
struct segment {
	char *name, *sensor, *interface; /* NULL: any */
	int vlan;                        /* -1: any; outermost tag */
};

struct settings {
	char **interfaces;
	size_t n_interfaces;
	char *filter;                 /* NULL: none */
	uint32_t ring_bytes;
	bool promiscuous;
	struct prefix *exclude_networks;
	size_t n_exclude_networks;
	uint16_t *exclude_vlans, *exclude_ports;
	size_t n_exclude_vlans, n_exclude_ports;

	struct prefix *own, *outside;
	size_t n_own, n_outside;
	bool own_is_set;
	char *organisation, *ods_code; /* NULL: not stated */
	struct zone *zones;
	size_t n_zones;
	struct segment *segments;     /* at least one */
	size_t n_segments;

	char **name_order;            /* words of name sources, the most believed first; the rest follow as by default */
	size_t n_name_order;

	uint32_t max_flows;           /* of one sensor */
	uint64_t max_memory;          /* bytes of one sensor's tables */
	uint32_t max_hosts, max_parties;
	uint32_t flush_s;             /* live: seconds between commits */

	int64_t retain_hours_us, retain_days_us, retain_months_us, retain_clients_us;
	uint64_t max_database;        /* bytes; 0: no cap */

	bool fold_clients;
	char **safe_paths;
	size_t n_safe_paths;
	char **dissectors_off;        /* names, or "all" */
	size_t n_dissectors_off;
	char *user;
	char *sensor;                 /* --sensor, else the host name */

	const struct settings_row *not_in_force; /* the first key given that this version does not act on; or NULL */
};

/* Reads `path`, or only the defaults when it is NULL. NULL on any mistake, with `*error` (free()): every fault,
 * one a line, `FILE: line N: [section] key: what was read, what is allowed`. */
struct settings *settings_load(const char *path, char **error);
void settings_free(struct settings *s); /* NULL is allowed */

/* The segment of a frame: the first match in the order of the file, else 0. `vlan` is -1 without a tag. */
uint16_t settings_segment(const struct settings *s, const char *sensor, const char *interface, int vlan);

/* One line that names all exclusions, for runs and exports (free()); empty when there are none. */
char *settings_exclusions(const struct settings *s);

/* One row of the table: all that the manual, the sample file and the parser know about a setting. */
struct settings_row {
	const char *section; /* "capture"; "zone NAME" and "segment NAME" repeat */
	const char *key, *type, *fallback, *help;
	bool is_later; /* accepted, but not in force in this version */
	const struct setting *setting; /* how it is read: the parser's own */
};

/* The rows of the table, for the manual and the sample, by section; `*n` gets their number. */
const struct settings_row *settings_rows(size_t *n);

#endif
