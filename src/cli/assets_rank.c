/* terrier assets rank: which systems matter most and are most exposed, and why, term by term. */
#include "terrier/cli/assets_rank.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/cli/command.h"
#include "terrier/cli/register.h"
#include "terrier/register/rank.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMN_ID, COLUMN_NAME, COLUMN_TYPE, COLUMN_ZONE, COLUMN_SCORE, COLUMN_TERMS };
#define COLUMNS (COLUMN_TERMS + 2 * RANK_TERMS + 1)

/* Points and reason of each term for files; one line of all of them for people. */
struct columns {
	struct table_column all[COLUMNS];
	char *names[RANK_TERMS]; /* of the reasons */
};

static void make_columns(struct columns *c)
{
	c->all[COLUMN_ID] = (struct table_column){"asset_id", "Asset ID", TABLE_TEXT};
	c->all[COLUMN_NAME] = (struct table_column){"name", "Name", TABLE_TEXT};
	c->all[COLUMN_TYPE] = (struct table_column){"asset_type", NULL, TABLE_TEXT};
	c->all[COLUMN_ZONE] = (struct table_column){"zone", "Zone", TABLE_TEXT};
	c->all[COLUMN_SCORE] = (struct table_column){"score", "Score", TABLE_INTEGER};
	for (unsigned term = 0; term < RANK_TERMS; term++) {
		struct table_column *at = &c->all[COLUMN_TERMS + 2 * term];

		c->names[term] = mem_printf("%s_why", rank_name((enum rank_term)term));
		at[0] = (struct table_column){rank_name((enum rank_term)term), rank_label((enum rank_term)term),
		                              TABLE_INTEGER};
		at[1] = (struct table_column){c->names[term], NULL, TABLE_TEXT};
	}
	c->all[COLUMNS - 1] = (struct table_column){"how", "How", TABLE_TEXT};
}

static char *zone_of(const struct rank_system *system)
{
	return system->end != NULL ? flow_end_zone(system->end) : mem_strdup(entry_text(system->asset, ASSET_ZONE));
}

/* "30: tier 3 (Medical images) + 10: no backup was seen": as the sum is made. */
static char *how_of(const struct rank_system *system)
{
	struct words parts = {0};
	char *text;

	for (unsigned term = 0; term < RANK_TERMS; term++) {
		if (system->points[term] > 0) {
			text = mem_printf("%u: %s", system->points[term], system->why[term]);
			words_put(&parts, text);
			free(text);
		}
	}
	text = words_join(&parts, " + ", 0);
	words_clear(&parts);
	return text;
}

static void add_row(struct table *t, const struct rank_system *system)
{
	char *zone = zone_of(system), *how = how_of(system);

	show_text(t, system->asset != NULL ? system->asset->id : "");
	show_text(t, system->name);
	show_text(t, system->asset != NULL ? entry_text(system->asset, ASSET_TYPE) : "");
	show_text(t, zone);
	table_add_integer(t, system->score);
	for (unsigned term = 0; term < RANK_TERMS; term++) {
		table_add_integer(t, system->points[term]);
		show_text(t, system->why[term]);
	}
	show_text(t, how);
	free(zone);
	free(how);
}

/* A system is told whole, however little of it was asked for. */
static bool is_wanted(const struct session *s, const struct filter *f, const struct rank_system *system)
{
	const char *zone = s->options->text[OPTION_ZONE];
	char *own = zone_of(system);
	bool is_in = zone == NULL || text_casecmp(zone, own) == 0, has_kind = s->options->text[OPTION_KIND] == NULL;

	for (size_t i = 0; system->end != NULL && i < system->end->zones.n && !is_in; i++) {
		is_in = text_casecmp(zone, system->end->zones.text[i]) == 0;
	}
	for (size_t i = 0; i < system->kinds.n && !has_kind; i++) {
		has_kind = filter_passes_kind(f, system->kinds.text[i]);
	}
	free(own);
	return is_in && has_kind;
}

static int answer(struct session *s, const struct filter *f, const struct rank *rank)
{
	struct columns c;
	struct table *t;
	int status;

	make_columns(&c);
	t = table_new("assets", c.all, COLUMNS);
	for (size_t i = 0; i < rank_count(rank); i++) {
		if (is_wanted(s, f, rank_get(rank, i))) {
			add_row(t, rank_get(rank, i));
		}
	}
	table_add_note(t, TABLE_NOTE_QUERY, "score",
	               "the sum of the columns behind it; terrier assets --help has the formula");
	status = session_answer(s, t);
	for (unsigned term = 0; term < RANK_TERMS; term++) {
		free(c.names[term]);
	}
	return status;
}

static int list(struct session *s, struct filter *f)
{
	struct register_state state = {0};
	struct rank *rank;
	int status = s->view != VIEW_PUBLIC
	                     ? EXIT_DONE
	                     : complain(EXIT_CALLER, "option --view: public: the ranking names systems: write --view "
	                                             "network or --view ig");

	status = status != EXIT_DONE ? status : register_load(&state, s->options, REGISTER_READ);
	status = status != EXIT_DONE ? status : register_learn(&state, s);
	status = status != EXIT_DONE ? status : register_reconcile(&state, NULL);
	if (status == EXIT_DONE) {
		rank = rank_new(&(struct rank_options){
		        .flows = state.flows,
		        .directory = state.directory,
		        .catalogue = s->catalogue,
		        .assets = state.assets,
		});
		status = answer(s, f, rank);
		rank_free(rank);
	}
	register_unload(&state);
	return status;
}

int assets_rank(const struct options *o)
{
	return filter_answer(o, list);
}

void assets_rank_help(void)
{
	printf("\nThe score of rank is the sum of:\n");
	for (unsigned term = 0; term < RANK_TERMS; term++) {
		char *formula = rank_formula((enum rank_term)term);

		printf("  %-11s %s\n", rank_name((enum rank_term)term), formula);
		free(formula);
	}
}
