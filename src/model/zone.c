/* Zones of a configuration. A site has tens of them: a list will do. */
#include "terrier/model/zone.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <stdlib.h>
#include <string.h>

struct block {
	const char *name;
	struct prefix prefix;
};

struct zones {
	struct block *blocks;
	char **names; /* each once; blocks borrow them */
	size_t n, n_names;
};

struct zones *zones_new(void)
{
	return mem_zalloc(1, sizeof(struct zones));
}

void zones_free(struct zones *z)
{
	if (z == NULL) {
		return;
	}
	for (size_t i = 0; i < z->n_names; i++) {
		free(z->names[i]);
	}
	free(z->names);
	free(z->blocks);
	free(z);
}

static const char *keep_name(struct zones *z, const char *name)
{
	for (size_t i = 0; i < z->n_names; i++) {
		if (strcmp(z->names[i], name) == 0) {
			return z->names[i];
		}
	}
	z->names = mem_resize(z->names, z->n_names + 1, sizeof *z->names);
	return z->names[z->n_names++] = mem_strdup(name);
}

void zones_add(struct zones *z, const char *name, const struct prefix *block)
{
	z->blocks = mem_resize(z->blocks, z->n + 1, sizeof *z->blocks);
	z->blocks[z->n++] = (struct block){.name = keep_name(z, name), .prefix = *block};
}

static const struct block *find(const struct zones *z, const struct addr *a)
{
	const struct block *best = NULL;

	for (size_t i = 0; i < z->n; i++) {
		const struct block *b = &z->blocks[i];

		if (prefix_has(&b->prefix, a) &&
		    (best == NULL || b->prefix.bits > best->prefix.bits)) {
			best = b;
		}
	}
	return best;
}

const char *zones_find(const struct zones *z, const struct addr *a)
{
	const struct block *b = find(z, a);

	return b != NULL ? b->name : NULL;
}

bool zones_block(const struct zones *z, const struct addr *a, struct prefix *out)
{
	const struct block *b = find(z, a);

	if (b != NULL) {
		*out = b->prefix;
	}
	return b != NULL;
}

bool zones_has(const struct zones *z, const char *name)
{
	for (size_t i = 0; i < z->n_names; i++) {
		if (text_casecmp(z->names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

size_t zones_names(const struct zones *z, const char *const **names)
{
	*names = (const char *const *)z->names;
	return z->n_names;
}

char *zone_subnet(const struct addr *a, char out[PREFIX_TEXT_MAX])
{
	struct prefix p = prefix_of(a, addr_is_v4(a) ? 96 + 24 : 64);

	return prefix_format(&p, out);
}
