/* terrier assets suggest: a draft of the register, made of what was seen. */
#include "terrier/cli/assets_suggest.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/cli/command.h"
#include "terrier/cli/exchanges.h"
#include "terrier/cli/register.h"
#include "terrier/register/suggest.h"

#include <stdlib.h>
#include <string.h>

#define DATE_LEN 10
#define EXTRA    2 /* columns for the terminal alone */

/* Day of a time within what was seen. */
static const char *day(int64_t us, char out[CLOCK_TEXT_MAX])
{
	clock_format(us, out);
	out[DATE_LEN] = '\0';
	return out;
}

static bool add_exchange(void *context, const struct exchange *e, const struct exchange_row *row)
{
	(void)row;
	suggest_add(context, e);
	return true;
}

/* A host as the filter knows them. */
static bool passes(const struct filter *f, const struct directory_host *host)
{
	char *segment = mem_printf("%.*s", (int)strcspn(host->key, "\n"), host->key);
	const struct end end = {
	        .segment = segment,
	        .address = host->address,
	        .name = host->name,
	        .addr = host->addr,
	        .is_party = host->is_party,
	        .is_inside = host->is_inside,
	};
	bool is_wanted = filter_passes_end(f, &end);

	free(segment);
	return is_wanted;
}

static bool is_wanted(const struct filter *f, const struct suggestion *suggestion)
{
	for (size_t i = 0; i < suggestion->n_hosts; i++) {
		if (passes(f, suggestion->hosts[i])) {
			return true;
		}
	}
	return !filter_has_ends(f);
}

/* The columns of assets.csv; the terminal shows few of them, and how many hosts there are and why. */
static struct table_column *make_columns(size_t *n)
{
	const struct entry_column *of_assets = entry_columns(ENTRY_ASSET, n);
	struct table_column *columns = mem_zalloc(*n + EXTRA, sizeof *columns);
	static const char *const headings[] = {[ASSET_ID] = "ID", [ASSET_NAME] = "Name", [ASSET_TYPE] = "Type"};

	for (size_t i = 0; i < *n; i++) {
		columns[i].name = of_assets[i].name;
		columns[i].heading = i <= ASSET_TYPE ? headings[i] : NULL;
	}
	columns[*n] = (struct table_column){NULL, "Hosts", TABLE_INTEGER};
	columns[*n + 1] = (struct table_column){NULL, "Why", TABLE_TEXT};
	return columns;
}

static void add_row(struct table *t, const struct suggestion *suggestion, size_t n_columns)
{
	for (size_t i = 0; i < n_columns; i++) {
		show_text(t, entry_text(suggestion->entry, i));
	}
	show_count(t, suggestion->n_hosts);
	table_add_text(t, suggestion->why);
}

static void add_notes(struct table *t, const struct session *s, const struct suggest *draft)
{
	if (suggest_declared(draft) > 0) {
		table_add_note_integer(t, TABLE_NOTE_QUERY, "hosts_left_out_as_declared",
		                       (int64_t)suggest_declared(draft));
	}
	if (s->view != VIEW_NETWORK) {
		table_add_note(t, TABLE_NOTE_QUERY, "addresses",
		               "left out in this view: take --view network for a file to import");
	}
}

static int answer(struct session *s, const struct filter *f, const struct suggest *draft)
{
	size_t n_columns;
	struct table_column *columns = make_columns(&n_columns);
	struct table *t = table_new("assets", columns, n_columns + EXTRA);
	int status;

	for (size_t i = 0; i < suggest_count(draft); i++) {
		if (is_wanted(f, suggest_get(draft, i))) {
			add_row(t, suggest_get(draft, i), n_columns);
		}
	}
	add_notes(t, s, draft);
	status = session_answer(s, t);
	free(columns);
	return status;
}

static int suggest(struct session *s, struct filter *f, struct register_state *state)
{
	char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];
	int64_t from_us, to_us;

	session_period(s, &from_us, &to_us);

	struct suggest *draft = suggest_new(&(struct suggest_options){
	        .catalogue = s->catalogue,
	        .directory = state->directory,
	        .assets = state->assets,
	        .zones = s->zones,
	        .from = day(from_us, from),
	        .to = day(to_us, to),
	        .shows_addresses = s->view == VIEW_NETWORK,
	        .takes_declared = s->options->text[OPTION_ALL] != NULL,
	});
	int status = exchanges_each(s, &s->query, add_exchange, draft) == 0 ? EXIT_DONE : session_complain(s);

	if (status == EXIT_DONE) {
		suggest_finish(draft);
		status = answer(s, f, draft);
	}
	suggest_free(draft);
	return status;
}

static int list(struct session *s, struct filter *f)
{
	struct register_state state = {0};
	int status = s->view != VIEW_PUBLIC
	                     ? EXIT_DONE
	                     : complain(EXIT_CALLER, "option --view: public: the register names systems: write --view "
	                                             "network or --view ig");

	status = status != EXIT_DONE ? status : register_load(&state, s->options, REGISTER_READ);
	status = status != EXIT_DONE ? status : register_learn(&state, s);
	status = status != EXIT_DONE ? status : suggest(s, f, &state);
	register_unload(&state);
	return status;
}

int assets_suggest(const struct options *o)
{
	return filter_answer(o, list);
}
