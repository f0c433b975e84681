#ifndef TERRIER_REGISTER_SUGGEST_H
#define TERRIER_REGISTER_SUGGEST_H

#include "terrier/model/exchange.h"
#include "terrier/model/zone.h"
#include "terrier/register/directory.h"

/* A draft of the register, made of what was seen: hosts are put together to systems by their names, by what they do
 * and by whom they talk to; each system is a row with its reasons. Only what can be observed is proposed (registers.md
 * section 3: O and O>D); purpose, law, owner and all else that people declare stays empty. */
struct suggest;

struct suggest_options {
	const struct catalogue *catalogue;
	const struct directory *directory; /* finished */
	const struct entries *assets;      /* in force; NULL: none */
	const struct zones *zones;
	const char *from, *to;             /* days of what was seen: 2026-11-21 */
	bool shows_addresses;              /* else match_ip stays empty, and no reason names an address */
	bool takes_declared;               /* also hosts that an asset in force is */
};

/* One proposed asset. */
struct suggestion {
	struct entry *entry; /* in the kept spelling, ready to be imported */
	char *why;           /* for people */
	const struct directory_host **hosts;
	size_t n_hosts;
};

/* Begins. Options are copied, what they point to must outlive the draft. */
struct suggest *suggest_new(const struct suggest_options *options);
void suggest_free(struct suggest *s); /* NULL is allowed */

/* Tells of an exchange; hosts that no exchange names, and addresses that only were asked, are not proposed. */
void suggest_add(struct suggest *s, const struct exchange *e);

/* Ends: makes the rows, each of which matches (match.h) its own hosts and no others that were seen, beside the assets
 * in force. Only rows of clients may match by a whole block, and only where most of what was seen in it is clients. */
void suggest_finish(struct suggest *s);

/* The rows: systems, then what serves the network, client machines, outside parties; each by id. They belong to the
 * draft. Only after suggest_finish(). */
size_t suggest_count(const struct suggest *s);
const struct suggestion *suggest_get(const struct suggest *s, size_t i);

/* How many hosts were left out since an asset in force is them. */
size_t suggest_declared(const struct suggest *s);

#endif
