#ifndef TERRIER_REGISTER_RECONCILE_H
#define TERRIER_REGISTER_RECONCILE_H

#include "terrier/model/register_flow.h"
#include "terrier/register/directory.h"

/* Declared against observed: exchanges become flows between assets, hosts that no asset is, and zones in which mere
 * clients are folded; each flow is held to the declarations. Computed, never stored. */
struct reconciliation;

/* What becomes of clients (directory_is_client()) that no asset is. */
enum reconcile_clients {
	CLIENTS_APART,     /* each stands for itself */
	CLIENTS_FOLDED,    /* all of a zone together */
	CLIENTS_PSEUDONYM, /* each under a name that only the key's owner can make again */
};

struct reconcile_options {
	const struct catalogue *catalogue;
	const struct directory *directory;
	const struct entries *assets, *declarations, *decisions; /* each may be NULL: none */
	enum reconcile_clients clients;
	const void *key; /* of the pseudonyms */
	size_t key_len;
	const char *today; /* 2026-11-21, to which people's dates are held */
	bool own_is_set;
	bool shows_addresses;
};

/* Begins. Options are copied, what they point to must outlive the reconciliation. */
struct reconciliation *reconcile_new(const struct reconcile_options *options);
void reconcile_free(struct reconciliation *r); /* NULL is allowed */

/* Adds an exchange of the window; `is_asked`: its flow is one that was asked for. All of them are added, for what is
 * left out would look as if it had not been observed. */
void reconcile_add(struct reconciliation *r, const struct exchange *e, bool is_asked);

/* Tells of an exchange of before, so that it is known when a flow was last seen. After all reconcile_add(). */
void reconcile_add_past(struct reconciliation *r, const struct exchange *e);

/* Adds when an exchange was seen; hours and days as of struct activity_row. */
void reconcile_add_activity(struct reconciliation *r, const char *exchange_id, const int64_t *days, size_t n_days,
                            const int64_t *hours, size_t n_hours);

/* Ends: adds declared flows that were not observed, holds all to the declarations and decisions, and orders them: by
 * source, destination, kind. */
void reconcile_finish(struct reconciliation *r);

/* The flows; they belong to the reconciliation. Only after reconcile_finish(). */
size_t reconcile_count(const struct reconciliation *r);
const struct register_flow *reconcile_get(const struct reconciliation *r, size_t i);
const struct register_flow *reconcile_find(const struct reconciliation *r, const char *id); /* F-…; or NULL */

/* The flow that an exchange is part of; NULL when it was not added. */
const struct register_flow *reconcile_flow_of(const struct reconciliation *r, const char *exchange_id);

/* What was seen of an asset, or declared to go to it or from it; NULL: nothing. */
const struct flow_end *reconcile_end_of(const struct reconciliation *r, const struct entry *asset);

/* All ends, by type and key: iterate by hh.next. */
const struct flow_end *reconcile_first_end(const struct reconciliation *r);

#endif
