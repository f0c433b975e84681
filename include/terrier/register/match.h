#ifndef TERRIER_REGISTER_MATCH_H
#define TERRIER_REGISTER_MATCH_H

#include "terrier/base/addr.h"
#include "terrier/model/entry.h"
#include "terrier/model/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which asset of the register a host is. An asset fits by any of its match_ columns; the most exact counts: an
 * address, then a hardware address, a host name, an AE title or HL7 application, a host-name glob, a DNS suffix (the
 * longer the better), a block of addresses (the smaller the better), a maker's half of a hardware address. Host names
 * and globs without a dot are about the first label: pacs is pacs.trust.example too. match_port
 * narrows the others down to what the host serves on these ports, and then goes before any asset without; where it is
 * an asset's only match_ column, it fits every inside host that serves the port, last of all. */
struct matcher;

/* `assets` (NULL: none) must outlive the matcher. */
struct matcher *matcher_new(const struct entries *assets);
void matcher_free(struct matcher *m); /* NULL is allowed */

struct match_name {
	enum name_source source;
	const char *name;
};

/* What is known of a host, or of a party of many. Borrowed. */
struct match_subject {
	const struct addr *addr; /* NULL: none; of a block its first address */
	uint8_t bits;            /* of a party's block; 128 (as struct prefix counts) for a host */
	const char *mac;         /* "02:4c:41:00:00:01"; empty: none */
	const struct match_name *names;
	size_t n_names;
};

/* One asset that fits, and by what: "address 10.77.1.50". `by` belongs to the matcher. */
struct match {
	const struct entry *asset;
	const char *by;
	unsigned score; /* the higher, the more exact */
};

/* All assets that fit a host, the most exact first, then by id; port or not. `*n` how many. free() the array. */
struct match *matcher_candidates(const struct matcher *m, const struct match_subject *subject, size_t *n);

/* The one of the candidates for an end of an exchange; `port` is what it serves there, 0 where it is the client.
 * `*rival` (may be NULL) is another asset that fits exactly as well: the choice is by id then, and has to be told.
 * NULL when none fits. */
const struct match *match_pick(const struct match *candidates, size_t n, uint8_t ip_protocol, uint16_t port,
                               const struct match **rival);

/* The asset that fits by its port alone, the first by id; NULL when none does. `*rival` is the next, or NULL. */
const struct entry *matcher_by_port(const struct matcher *m, uint8_t ip_protocol, uint16_t port,
                                    const struct match **rival);

#endif
