#ifndef TERRIER_REGISTER_RANK_H
#define TERRIER_REGISTER_RANK_H

#include "terrier/register/reconcile.h"

/* Which systems matter most and are most exposed. A score is the sum of a few terms, each with its points and its
 * reason in words; there is nothing else in it. */
struct rank;

/* The terms, in the order in which they are told. */
enum rank_term {
	RANK_TIER,        /* how sensitive is what it holds, sends or takes */
	RANK_DEPENDANTS,  /* who uses it */
	RANK_REACH,       /* whom clinical information from it reaches by others */
	RANK_CLEAR,       /* what goes in clear, or weakly protected */
	RANK_EXTERNAL,    /* outside recipients */
	RANK_BACKUP,      /* no backup seen, or a single one */
	RANK_CRITICALITY, /* what people declared */
	RANK_UNDECLARED,  /* what nobody declared */
	RANK_TERMS,
};

/* A system: an asset, or a host that no asset is. Mere clients and outside parties are none. */
struct rank_system {
	const struct flow_end *end;  /* NULL: an asset of which nothing was seen or declared to flow */
	const struct entry *asset;   /* NULL: a host that no asset is */
	const char *name;
	unsigned points[RANK_TERMS]; /* at most rank_most() */
	char *why[RANK_TERMS];       /* in words; "" where there are no points */
	unsigned score;              /* the sum */
	struct words kinds;          /* ids of what it holds, sends or takes */
};

struct rank_options {
	const struct reconciliation *flows; /* finished */
	const struct directory *directory;
	const struct catalogue *catalogue;
	const struct entries *assets;       /* in force; NULL: none */
};

/* Ranks all systems. What the options point to must outlive it. */
struct rank *rank_new(const struct rank_options *options);
void rank_free(struct rank *r); /* NULL is allowed */

/* The systems: the highest score first, then by name. They belong to the rank. */
size_t rank_count(const struct rank *r);
const struct rank_system *rank_get(const struct rank *r, size_t i);

/* Word of a term for files ("dependants"), what people call it, and the most points that it gives. Constants. */
const char *rank_name(enum rank_term term);
const char *rank_label(enum rank_term term);
unsigned rank_most(enum rank_term term);

/* How its points are made, in words with the weights in force: "2 for each …, at most 20" (free()). */
char *rank_formula(enum rank_term term);

#endif
