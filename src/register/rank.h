#ifndef TERRIER_REGISTER_RANK_INTERNAL_H
#define TERRIER_REGISTER_RANK_INTERNAL_H

/* What the files of the ranking share. */

#include "terrier/register/rank.h"

/* Who is at an end: a system, a zone of clients, an outside party. */
struct rank_node {
	char *key;
	const struct flow_end *end;
	const struct entry *asset;
	bool is_clients, is_outside;
	bool is_nobody;           /* broadcast, [unspecified]: no machine of ours */
	enum tier tier;           /* the highest of what it holds, sends or takes */
	bool has_tier;
	struct words kinds, titles; /* ids; what people call those of the highest tier */
	size_t n_systems, n_zones;  /* that use it */
	size_t n_clear;
	enum tier clear_tier;       /* the worst of what goes in clear */
	unsigned clear_points;
	struct words recipients;    /* outside */
	struct words backups;       /* to which it was seen to send backups */
	bool keeps_backups, backup_was_seen;
	size_t n_undeclared;
	struct rank_node **next;    /* whom it sends clinical information */
	size_t n_next;
	size_t mark;                /* the last search that came by */
	UT_hash_handle hh;
};

/* Reads all flows. The nodes are a hash table by key; rank_graph_free(). */
struct rank_node *rank_graph(const struct rank_options *options);
void rank_graph_free(struct rank_node **nodes);

/* How many systems clinical information from a node reaches in RANK_STEPS steps, beyond those that it sends to itself; counts up to `most`. `mark` is another number in each search, from 1 on. */
#define RANK_STEPS 3
size_t rank_reach(struct rank_node *from, size_t most, size_t mark);

/* Points of a flow in clear, by its tier. */
unsigned rank_clear_points(enum tier tier);

#endif
