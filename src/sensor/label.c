/* Interned evidence: a text is matched against the catalogue once, however many connections show it. */
#include "terrier/sensor/label.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define TYPE_NAME 255 /* a plain name: no evidence */
#define BYTES_EACH 48

struct labels {
	const struct catalogue *catalogue;
	struct label *labels; /* from 1 */
	uint32_t *places;     /* label number, 0: empty */
	uint32_t *hashes;
	char *text;
	size_t text_used, text_max;
	uint32_t n, max, mask;
	uint64_t refused;
};

struct labels *labels_new(const struct catalogue *catalogue, uint32_t max)
{
	struct labels *l = mem_zalloc(1, sizeof *l);
	uint32_t places = 64;

	while (places < max * 2) {
		places *= 2;
	}
	l->catalogue = catalogue;
	l->max = max;
	l->mask = places - 1;
	l->text_max = (size_t)max * BYTES_EACH;
	l->labels = mem_map(sizeof *l->labels * (max + 1));
	l->hashes = mem_map(sizeof *l->hashes * (max + 1));
	l->places = mem_map(sizeof *l->places * places);
	l->text = mem_map(l->text_max);
	l->labels[0] = (struct label){.kind = KIND_NONE, .text = ""};
	return l;
}

void labels_free(struct labels *l)
{
	if (l == NULL) {
		return;
	}
	mem_unmap(l->labels, sizeof *l->labels * (l->max + 1));
	mem_unmap(l->hashes, sizeof *l->hashes * (l->max + 1));
	mem_unmap(l->places, sizeof *l->places * (l->mask + 1));
	mem_unmap(l->text, l->text_max);
	free(l);
}

/* FNV-1a: texts are short and few. */
static uint32_t hash(uint8_t type, const char *text, size_t len)
{
	uint32_t h = (2166136261u ^ type) * 16777619u;

	for (size_t i = 0; i < len; i++) {
		h = (h ^ (uint8_t)text[i]) * 16777619u;
	}
	return h ^ h >> 15;
}

static uint32_t add(struct labels *l, uint8_t type, const char *text, size_t len, uint32_t h)
{
	struct kind_match match = {.kind = KIND_NONE, .direction = INFO_BOTH, .confidence = CONFIDENCE_LOW};
	bool found;

	if (l->n == l->max || l->text_max - l->text_used < len + 1) {
		l->refused++;
		return 0;
	}
	char *copy = l->text + l->text_used;
	memcpy(copy, text, len);
	copy[len] = '\0';
	l->text_used += len + 1;
	found = type != TYPE_NAME && catalogue_match(l->catalogue, type, copy, len, &match);
	l->labels[++l->n] = (struct label){
		.type = type,
		.direction = (uint8_t)match.direction,
		.confidence = (uint8_t)match.confidence,
		.has_kind = found,
		.kind = match.kind,
		.text = copy,
	};
	l->hashes[l->n] = h;
	return l->n;
}

static uint32_t intern(struct labels *l, uint8_t type, const char *text, size_t len)
{
	uint32_t h = hash(type, text, len), at;

	for (at = h & l->mask; l->places[at] != 0; at = (at + 1) & l->mask) {
		uint32_t number = l->places[at];
		const struct label *label = &l->labels[number];

		if (l->hashes[number] == h && label->type == type && strlen(label->text) == len &&
		    memcmp(label->text, text, len) == 0) {
			return number;
		}
	}
	l->places[at] = add(l, type, text, len, h);
	return l->places[at];
}

uint32_t labels_intern(struct labels *l, enum evidence_type type, const char *text, size_t len)
{
	return intern(l, (uint8_t)type, text, len);
}

uint32_t labels_intern_name(struct labels *l, const char *text, size_t len)
{
	return intern(l, TYPE_NAME, text, len);
}

const struct label *labels_get(const struct labels *l, uint32_t number)
{
	return &l->labels[number <= l->n ? number : 0];
}

uint64_t labels_refused(const struct labels *l)
{
	return l->refused;
}
