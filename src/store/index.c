/* A hash table that holds numbers: where in an array to look. */
#include "index.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void index_init(struct index *x, size_t capacity)
{
	for (x->size = 16; x->size < 2 * capacity;) {
		x->size *= 2;
	}
	x->slots = mem_zalloc(x->size, sizeof *x->slots);
	x->seed = (uint64_t)clock_steady_us() ^ (uint64_t)(uintptr_t)x->slots;
}

void index_fini(struct index *x)
{
	free(x->slots);
}

#define MULTIPLIER UINT64_C(0x9fb21c651e98df25)

static inline uint64_t fold(uint64_t hash, const uint8_t *p, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, p, n);
	hash = (hash ^ word) * MULTIPLIER;
	return hash ^ hash >> 32;
}

uint32_t index_hash(const struct index *x, uint32_t before, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint64_t hash = x->seed ^ before ^ n;

	for (; n >= 8; n -= 8, p += 8) {
		hash = fold(hash, p, 8);
	}
	if (n > 0) {
		hash = fold(hash, p, n);
	}
	hash *= MULTIPLIER; /* what the last word brought is still in the upper half */
	return (uint32_t)(hash >> 32);
}

uint32_t index_next(const struct index *x, uint32_t hash, size_t *at)
{
	for (;;) {
		const struct index_slot *slot = &x->slots[*at & (x->size - 1)];

		if (slot->number == 0) {
			return INDEX_NONE;
		}
		++*at;
		if (slot->hash == hash) {
			return slot->number - 1;
		}
	}
}

void index_add(struct index *x, uint32_t hash, size_t at, uint32_t number)
{
	struct index_slot *slot = &x->slots[at & (x->size - 1)];

	assert(slot->number == 0);
	slot->hash = hash;
	slot->number = number + 1;
}

void index_clear(struct index *x)
{
	memset(x->slots, 0, x->size * sizeof *x->slots);
}
