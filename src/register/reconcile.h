#ifndef TERRIER_SRC_REGISTER_RECONCILE_H
#define TERRIER_SRC_REGISTER_RECONCILE_H

#include "terrier/register/reconcile.h"

/* Which hosts an end was seen as. */
struct seen_host {
	struct {
		const struct flow_end *end;
		const struct directory_host *host;
	} key;
	UT_hash_handle hh;
};

/* Which flow an exchange is part of. */
struct part {
	char id[DIGEST_ID_MAX];
	struct register_flow *flow;
	UT_hash_handle hh;
};

/* The declarations between two assets, or from one asset. */
struct declared_group;

struct reconciliation {
	struct reconcile_options options;
	struct flow_end *ends; /* by uid */
	struct register_flow *flows;
	struct seen_host *seen;
	struct part *parts;
	struct declared_group *pairs, *sources;
	struct register_flow **sorted;
	size_t n;
};

/* The flow of this id, made when it is not there. */
struct register_flow *reconcile_get_flow(struct reconciliation *r, const struct flow_end *source,
                                         const struct flow_end *destination, const char *kind_id);

/* The end that an asset is, made when it is not there. */
struct flow_end *reconcile_get_end(struct reconciliation *r, const struct entry *asset);

/* The end that stands for all of this name, made when it is not there. Takes over the name. */
struct flow_end *reconcile_get_zone(struct reconciliation *r, char *name);

/* At most UINT64_MAX. */
uint64_t reconcile_sum(uint64_t a, uint64_t b);

/* Both ascending; `*into` becomes their union. */
void reconcile_unite(int64_t **into, size_t *n_into, const int64_t *from, size_t n_from);

/* Puts the flows into their order; those that only are of the past are not told. */
void reconcile_sort(struct reconciliation *r);

/* declared.c: makes the indexes of the declarations, and frees them. */
void declared_index(struct reconciliation *r);
void declared_free(struct reconciliation *r);

/* Adds a flow for each declaration of which nothing was seen. */
void declared_add_unseen(struct reconciliation *r);

/* Holds a flow to the declarations: its status, its tier, and what is different. */
void declared_judge(struct reconciliation *r, struct register_flow *f);

#endif
