/* terrier kinds: the catalogue of data kinds, and how often each was seen. */
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/filter.h"

#include <stdlib.h>
#include <string.h>

static const struct table_column columns[] = {
        {"kind_id", "ID", TABLE_TEXT},
        {"kind", "Kind of data", TABLE_TEXT},
        {"group", NULL, TABLE_TEXT},
        {"tier", "Tier", TABLE_TEXT},
        {"personal_data", "Personal", TABLE_TEXT},
        {"special_category", "Special category", TABLE_TEXT},
        {"data_subjects", NULL, TABLE_TEXT},
        {"exchanges", "Flows", TABLE_INTEGER},
        {"connections", "Connections", TABLE_INTEGER},
        {"messages", "Messages", TABLE_INTEGER},
        {"bytes", "Size", TABLE_BYTES},
        {"first_seen", NULL, TABLE_TIME},
        {"last_seen", "Last seen", TABLE_TIME},
        {"meaning", NULL, TABLE_TEXT},
};

/* How often one kind was seen. */
struct tally {
	char *id; /* of a kind that the catalogue does not know (any more); else NULL */
	uint64_t exchanges, connections, messages, bytes;
	bool has_messages;
	int64_t first_us, last_us;
};

struct work {
	struct session *session;
	struct filter *filter;
	struct tally *tallies; /* those of the catalogue, then the unknown */
	size_t n, n_known;
};

static struct tally *find(struct work *w, const char *id)
{
	uint16_t index = catalogue_find(w->session->catalogue, id);

	if (index != KIND_NONE) {
		return &w->tallies[index];
	}
	for (size_t i = w->n_known; i < w->n; i++) {
		if (strcmp(w->tallies[i].id, id) == 0) {
			return &w->tallies[i];
		}
	}
	w->tallies = mem_resize(w->tallies, w->n + 1, sizeof *w->tallies);
	w->tallies[w->n] = (struct tally){.id = mem_strdup(id)};
	return &w->tallies[w->n++];
}

static bool see_exchange(void *context, const struct exchange_row *row)
{
	struct work *w = context;
	struct tally *tally;

	if (!filter_passes(w->filter, row)) {
		return true;
	}
	tally = find(w, row->kind_id);
	if (tally->exchanges == 0 || row->first_us < tally->first_us) {
		tally->first_us = row->first_us;
	}
	if (tally->exchanges == 0 || row->last_us > tally->last_us) {
		tally->last_us = row->last_us;
	}
	tally->exchanges++;
	tally->connections += row->connections;
	tally->messages += row->messages;
	tally->has_messages |= row->has_messages;
	tally->bytes += row->bytes_to_destination + row->bytes_to_source;
	return true;
}

static void add_tally(struct table *t, const struct kind *kind, const struct tally *tally)
{
	table_add_text(t, kind->id);
	table_add_text(t, kind->title);
	table_add_text(t, kind->group);
	table_add_text(t, tier_name(kind->tier));
	table_add_text(t, kind->personal_data);
	table_add_text(t, kind->special_category);
	table_add_text(t, kind->data_subjects);
	show_count(t, tally->exchanges);
	show_count(t, tally->connections);
	if (tally->has_messages) {
		show_count(t, tally->messages);
	} else {
		table_add_empty(t);
	}
	show_count(t, tally->bytes);
	if (tally->exchanges > 0) {
		table_add_time(t, tally->first_us);
		table_add_time(t, tally->last_us);
	} else {
		table_add_empty(t);
		table_add_empty(t);
	}
	table_add_text(t, kind->note);
}

/* Kinds nobody exchanged belong to the catalogue, not to an answer about some systems. */
static struct table *make_table(const struct work *w)
{
	struct table *t = table_new("kinds", columns, sizeof columns / sizeof columns[0]);

	for (size_t i = 0; i < w->n; i++) {
		const struct tally *tally = &w->tallies[i];
		const struct kind unknown = {
		        .id = tally->id,
		        .title = tally->id,
		        .group = "",
		        .data_subjects = "",
		        .personal_data = "unknown",
		        .special_category = "unknown",
		        .tier = TIER_UNKNOWN,
		        .note = "Not in the catalogue.",
		};
		const struct kind *kind =
		        tally->id != NULL ? &unknown
		                          : catalogue_kind(w->session->catalogue, (uint16_t)i);

		if (filter_passes_kind(w->filter, kind->id) &&
		    (tally->exchanges > 0 || !filter_has_ends(w->filter))) {
			add_tally(t, kind, tally);
		}
	}
	return t;
}

static int list(struct session *s, struct filter *f)
{
	struct work w = {.session = s, .filter = f, .n_known = catalogue_count(s->catalogue)};
	int failed, status;

	w.n = w.n_known;
	w.tallies = mem_zalloc(w.n, sizeof *w.tallies);
	failed = store_each_exchange(s->store, &s->query, see_exchange, &w);
	status = failed == 0 ? session_answer(s, make_table(&w)) : session_complain(s);
	for (size_t i = w.n_known; i < w.n; i++) {
		free(w.tallies[i].id);
	}
	free(w.tallies);
	return status;
}

static int run(const struct options *o)
{
	return filter_answer(o, list);
}

const struct command command_kinds = {
        .name = "kinds",
        .summary = "the catalogue of data kinds, and how often each was seen",
        .arguments = "",
        .usage = "Lists the kinds of data that Terrier tells apart, with their tier (0 public to\n"
                 "3 most sensitive) and how much of each was seen. With --from, --to, --with or\n"
                 "--zone only the kinds that these exchanged.\n\n"
                 "Examples:\n"
                 "  terrier kinds --since 24h\n"
                 "  terrier kinds --with pacs\n"
                 "  terrier kinds --kind 'clin.*' --format csv\n",
        .takes = TAKES_OUTPUT | TAKES_FILTER | TAKES(OPTION_LIMIT),
        .run = run,
};
