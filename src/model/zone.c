/* Zones of a configuration. A site has tens of them: a list will do. */
#include "terrier/model/zone.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <stdlib.h>

struct block {
	char *name;
	struct prefix prefix;
};

struct zones {
	struct block *blocks;
	size_t n;
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
	for (size_t i = 0; i < z->n; i++) {
		free(z->blocks[i].name);
	}
	free(z->blocks);
	free(z);
}

void zones_add(struct zones *z, const char *name, const struct prefix *block)
{
	z->blocks = mem_resize(z->blocks, z->n + 1, sizeof *z->blocks);
	z->blocks[z->n++] = (struct block){.name = mem_strdup(name), .prefix = *block};
}

const char *zones_find(const struct zones *z, const struct addr *a)
{
	const struct block *best = NULL;

	for (size_t i = 0; i < z->n; i++) {
		const struct block *b = &z->blocks[i];

		if (prefix_has(&b->prefix, a) &&
		    (best == NULL || b->prefix.bits > best->prefix.bits)) {
			best = b;
		}
	}
	return best != NULL ? best->name : NULL;
}

bool zones_has(const struct zones *z, const char *name)
{
	for (size_t i = 0; i < z->n; i++) {
		if (text_casecmp(z->blocks[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

char *zone_subnet(const struct addr *a, char out[PREFIX_TEXT_MAX])
{
	struct prefix p = prefix_of(a, addr_is_v4(a) ? 96 + 24 : 64);

	return prefix_format(&p, out);
}
