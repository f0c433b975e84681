#ifndef TERRIER_CLI_FILTER_H
#define TERRIER_CLI_FILTER_H

#include "terrier/cli/show.h"

/* What --from, --to, --with, --kind and --zone select. */
struct filter;

/* Reads the options of the session; looks names up in the database. NULL, `*status` set and the
 * reason said, when one makes no sense. */
struct filter *filter_new(struct session *s, int *status);
void filter_free(struct filter *f); /* NULL is allowed */

/* Also takes the host with this key ("SEGMENT\nADDRESS") for what `option` (--from, --to, --with) names. */
void filter_add_host(struct filter *f, enum option option, const char *key);

/* True when the exchange is selected. */
bool filter_passes(const struct filter *f, const struct exchange_row *row);

/* The parts of it: by --kind; by --from and --to alone; this end by --with and --zone. */
bool filter_passes_kind(const struct filter *f, const char *kind_id);
bool filter_passes_way(const struct filter *f, const struct exchange_row *row);
bool filter_passes_end(const struct filter *f, const struct end *end);

/* True when --from, --to, --with or --zone was given; when --from, --to or --kind was. */
bool filter_has_ends(const struct filter *f);
bool filter_has_way_or_kind(const struct filter *f);

/* Opens a session and a filter, has `list` answer, closes both. Returns an exit status. */
int filter_answer(const struct options *o, int (*list)(struct session *s, struct filter *f));

#endif
