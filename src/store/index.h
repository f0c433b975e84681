#ifndef TERRIER_STORE_INDEX_H
#define TERRIER_STORE_INDEX_H

#include <stddef.h>
#include <stdint.h>

/* Open addressing from a hash to a number: a look-up touches one line of memory before it touches
 * the object itself, where chains touch one for each object passed. Nothing is removed but all at
 * once. */
struct index {
	struct index_slot {
		uint32_t hash, number; /* number + 1; 0: free */
	} * slots;
	size_t size;   /* a power of two, at least twice what it holds */
	uint64_t seed; /* so that nobody on the network can choose addresses that collide */
};

#define INDEX_NONE UINT32_MAX

void index_init(struct index *x, size_t capacity);
void index_fini(struct index *x);

/* The hash of `n` bytes; `before` is that of what came before them, 0 at first. */
uint32_t index_hash(const struct index *x, uint32_t before, const void *bytes, size_t n);

/* Walks over the numbers with this hash: `*at` is the hash at first, and is then left to these two.
 * INDEX_NONE after the last; index_add() puts a new one there. */
uint32_t index_next(const struct index *x, uint32_t hash, size_t *at);
void index_add(struct index *x, uint32_t hash, size_t at, uint32_t number);

void index_clear(struct index *x);

#endif
