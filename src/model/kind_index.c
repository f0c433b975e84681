/* Texts to numbers: an open-addressing table that never forgets, made at start and then only read.
 */
#include "catalogue.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct index_entry {
	uint32_t hash, value;
	unsigned space;
	size_t len;
	const char *text; /* NULL: free */
};

static uint32_t hash_text(const char *text, size_t len)
{
	uint32_t hash = HASH_START;

	for (size_t i = 0; i < len; i++) {
		hash = hash_step(hash, text[i]);
	}
	return hash;
}

/* The entry of this text, or the free one where it belongs. The table must not be full. */
static struct index_entry *seek(const struct text_index *x, uint32_t hash, unsigned space,
                                const char *text, size_t len)
{
	size_t at = (hash ^ space * UINT32_C(2654435769)) & (x->room - 1);

	for (;; at = (at + 1) & (x->room - 1)) {
		struct index_entry *e = &x->entries[at];

		if (e->text == NULL || (e->hash == hash && e->space == space && e->len == len &&
		                        memcmp(e->text, text, len) == 0)) {
			return e;
		}
	}
}

uint32_t kind_index_get_hashed(const struct text_index *x, uint32_t hash, unsigned space,
                          const char *text, size_t len)
{
	if (x->used == 0) {
		return INDEX_NOTHING;
	}
	const struct index_entry *e = seek(x, hash, space, text, len);

	return e->text != NULL ? e->value : INDEX_NOTHING;
}

uint32_t kind_index_get(const struct text_index *x, unsigned space, const char *text, size_t len)
{
	return kind_index_get_hashed(x, hash_text(text, len), space, text, len);
}

static void grow(struct text_index *x)
{
	struct text_index larger = {.room = x->room > 0 ? x->room * 2 : 1024};

	larger.entries = mem_zalloc(larger.room, sizeof *larger.entries);
	for (size_t i = 0; i < x->room; i++) {
		const struct index_entry *e = &x->entries[i];

		if (e->text != NULL) {
			*seek(&larger, e->hash, e->space, e->text, e->len) = *e;
			larger.used++;
		}
	}
	free(x->entries);
	*x = larger;
}

void kind_index_put(struct text_index *x, unsigned space, const char *text, size_t len, uint32_t value)
{
	uint32_t hash = hash_text(text, len);

	if (x->used * 2 >= x->room) {
		grow(x);
	}
	struct index_entry *e = seek(x, hash, space, text, len);

	x->used += e->text == NULL;
	*e = (struct index_entry){
	        .hash = hash, .value = value, .space = space, .len = len, .text = text};
}

void kind_index_fini(struct text_index *x)
{
	free(x->entries);
	*x = (struct text_index){0};
}
