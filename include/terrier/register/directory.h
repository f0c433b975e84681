#ifndef TERRIER_REGISTER_DIRECTORY_H
#define TERRIER_REGISTER_DIRECTORY_H

#include "terrier/model/exchange.h"
#include "terrier/model/role.h"
#include "terrier/register/match.h"

/* Who is who: the hosts that were seen, what they were seen doing, and which asset each is. Filled in three steps:
 * hosts, their names, all exchanges; then directory_finish(). */
struct directory;

/* A host or party. Texts belong to the directory. */
struct directory_host {
	char *key;     /* "SEGMENT\nADDRESS", as struct exchange_end has it */
	char *address; /* as printed */
	char *name;    /* best name, or "" */
	char *mac;
	struct addr addr;
	bool is_party, is_inside, is_group;
	int64_t first_us, last_us;
	struct role_deeds deeds;
	bool serves; /* was connected to, and not only asked whether it is there */
	struct match_name *names; /* all of them; texts are owned */
	size_t n_names;
	struct match *matches; /* assets that fit, the most exact first */
	size_t n_matches;
	UT_hash_handle hh;
};

struct directory *directory_new(const struct entries *assets); /* NULL: none; must outlive the directory */
void directory_free(struct directory *d);                      /* NULL is allowed */

/* Adds a host; the texts are copied, names and all that follows them are empty. */
void directory_add_host(struct directory *d, const struct directory_host *host);

/* Adds a name of the host with this key; unknown keys are passed over. */
void directory_add_name(struct directory *d, const char *key, enum name_source source, const char *name);

/* Notes what an exchange shows of its ends: the hosts, who opened it, protocol, kind, tier, confidence. */
void directory_note(struct directory *d, const struct exchange *e);

/* Joins the hosts to the assets. */
void directory_finish(struct directory *d);

/* All assets of a matcher, also of another than the directory's, that fit a host; as of matcher_candidates(). */
struct match *directory_candidates(const struct directory_host *host, const struct matcher *m, size_t *n);

/* The host of this key; NULL when there is none. */
const struct directory_host *directory_find(const struct directory *d, const char *key);

/* All hosts, in the order they came: iterate by hh.next. */
const struct directory_host *directory_first(const struct directory *d);

/* The asset that an end of an exchange is; NULL when none is declared. `*rival`: as of match_pick(). */
const struct entry *directory_asset(const struct directory *d, const struct exchange *e,
                                    const struct exchange_end *end, const struct match **rival);

/* The asset that a host is when nothing is said about a port. */
const struct entry *directory_host_asset(const struct directory_host *host);

/* True for an inside host that was only seen as somebody's client: no role but that, no service. Whether it is
 * declared is not asked. */
bool directory_is_client(const struct directory_host *host);

/* The name of a client that only who has the key can make again: "client-3f9kq2m7" (free()). */
char *directory_pseudonym(const void *key, size_t key_len, const char *host);

#endif
