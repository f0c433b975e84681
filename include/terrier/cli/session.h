#ifndef TERRIER_CLI_SESSION_H
#define TERRIER_CLI_SESSION_H

#include "terrier/cli/options.h"
#include "terrier/export.h"
#include "terrier/model/kind.h"
#include "terrier/model/table.h"
#include "terrier/model/zone.h"
#include "terrier/store.h"

struct register_state;

/* What every command works with: the open database, the catalogue, the zones in force, the window
 * asked for. */
struct session {
	const struct options *options;
	enum view view;
	const struct exporter *format;
	struct store *store;
	struct catalogue *catalogue;
	struct zones *zones;
	struct store_summary summary; /* its texts are those below */
	char *sensors, *exclusions, *organisation, *ods_code;
	struct store_query query;
	const struct register_state *reg; /* who is who, once register_learn() has been asked; NULL before */
};

/* Opens; `view` and `format` are what holds when the options do not say. `is_map`: the format draws
 * maps. Returns an exit status, after having said what is wrong. session_close() in any case. */
int session_open(struct session *s, const struct options *o, enum view view, const char *format,
                 bool is_map);
void session_close(struct session *s);

/* The catalogue alone, with the site's own rows (catalogue_free()). Returns an exit status, after having said what is
 * wrong. */
int session_load_catalogue(struct catalogue **out);

/* Says why the last call of the store failed; returns the exit status. */
int session_complain(struct session *s);

/* The part of the recorded period that the window holds. */
void session_period(const struct session *s, int64_t *from_us, int64_t *to_us);

/* Cuts `t` to --limit and adds query and coverage. */
void session_annotate(struct session *s, struct table *t);

/* Answers with `t`: limits it, adds query and coverage, writes and frees it. Returns an exit
 * status. */
int session_answer(struct session *s, struct table *t);

/* The catalogue's entry of a kind; NULL for an id that it does not know (any more). */
const struct kind *session_kind(const struct session *s, const char *id);

/* What the answer does not know, one line each, for maps and pages: `put` gets key and text. */
typedef void session_note_fn(void *context, const char *key, const char *text, bool is_integer);
void session_each_coverage(const struct session *s, session_note_fn *put, void *context);

#endif
