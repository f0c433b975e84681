#ifndef TERRIER_MAP_DRAFT_H
#define TERRIER_MAP_DRAFT_H

#include "terrier/map/input.h"
#include "terrier/model/map.h"

/* What was seen, before it is a picture: shared by the files of src/map/ that build a map, and by nobody else. */

/* What a system is drawn as. */
enum fold {
	FOLD_NONE,
	FOLD_UNNAMED,
	FOLD_CLIENTS,
	FOLD_OUTSIDE,
	FOLD_ZONE,
	FOLD_ORGANISATION
};

struct draft_system {
	const struct map_end *end;
	const char *name;    /* best, or NULL */
	bool serves, stores; /* is the server of something; of files, databases, backups or images */
	bool is_sent_images, wants_images; /* others bring it images; it asks others for them */
	bool cares;          /* takes part in more than infrastructure of tier 2 and below */
	bool is_drawn;       /* has a link that is */
	enum fold fold, least; /* `least` is what view and level demand: nothing unfolds it */
};

struct draft_link {
	const struct map_row *row;
	size_t from, to; /* systems */
	bool is_hidden;
};

struct draft {
	struct draft_system *systems; /* in the order of their addresses */
	size_t n_systems;
	struct draft_link *links;
	size_t n_links;
};

/* Finds the systems of the input's rows, those of its focus only. draft_free() it before the input goes. */
struct draft *draft_new(const struct map_input *input);
void draft_free(struct draft *d);

/* `text`, or `other` when it is NULL or empty. */
const char *draft_text(const char *text, const char *other);

/* Orders texts (NULL is empty), numbers, and ends by address. */
int draft_text_cmp(const char *a, const char *b);
int draft_number_cmp(uint64_t a, uint64_t b);
int draft_end_cmp(const struct map_end *a, const struct map_end *b);

/* Adds a line to what the page must say. */
void fold_add_note(struct map *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Decides what each system is drawn as and which links are left out, and says so in the map's notes. */
void fold_draft(struct draft *d, const struct map_input *input, struct map *m);

/* Name of the zone a system is drawn in. Belongs to the system, or is a constant. */
const char *fold_zone(const struct draft_system *s);

/* Orders systems by zone; 0 when the two are drawn as one. */
int fold_cmp(const struct draft_system *a, const struct draft_system *b);

/* Keeps the first `top` arrows of a map, which stand in order of weight, with the nodes and zones they touch. */
void fold_top(struct map *m, size_t top);

/* Gathers the links that are drawn into arrows, heaviest first. `numbers` gives each system's node. */
void arrow_add_all(struct map *m, const struct draft *d, const size_t *numbers, enum map_view view);

#endif
