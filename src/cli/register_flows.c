/* The flows of the register, at the level that is asked for. */
#include "terrier/cli/register_flows.h"

#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/flow_table.h"
#include "terrier/register/fold.h"

#include <stdlib.h>
#include <string.h>

#define NO_ZONE "Zone not known"

enum flow_level flow_level_of(const struct options *o, enum flow_level otherwise)
{
	static const char *const names[] = {"host", "asset", "zone", "organisation"};
	const char *text = o->text[OPTION_LEVEL];

	for (size_t i = 0; text != NULL && i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(text, names[i]) == 0) {
			return (enum flow_level)i;
		}
	}
	return otherwise == LEVEL_HOST && o->text[OPTION_STATUS] != NULL ? LEVEL_ASSET : otherwise;
}

struct telling {
	const struct register_state *state;
	enum flow_level level;
	bool names_systems;
};

static char *name_zone(const struct flow_end *end)
{
	char *zone = flow_end_zone(end);

	if (zone[0] != '\0') {
		return zone;
	}
	free(zone);
	return mem_strdup(end->is_inside ? NO_ZONE : ZONE_OUTSIDE);
}

static char *name_organisation(const struct telling *telling, const struct flow_end *end)
{
	const char *organisation = flow_end_organisation(end);

	if (telling->names_systems && end->asset != NULL) {
		return mem_strdup(end->name);
	}
	if (organisation[0] != '\0') {
		return mem_strdup(organisation);
	}
	if (!end->is_group && !end->is_inside) {
		return mem_strdup(ORGANISATION_OTHER);
	}
	organisation = telling->state->session->organisation;
	return mem_strdup(organisation[0] != '\0' ? organisation : ORGANISATION_OWN);
}

static char *name_end(void *context, const struct flow_end *end)
{
	const struct telling *telling = context;

	return telling->level == LEVEL_ZONE ? name_zone(end) : name_organisation(telling, end);
}

bool register_wants(const struct register_state *state, const struct register_flow *f)
{
	const char *status = state->session->options->text[OPTION_STATUS];

	return register_passes(state, f) &&
	       (status == NULL || strcmp(status, flow_status_name(f->status)) == 0);
}

static bool is_wanted(void *context, const struct register_flow *f)
{
	const struct telling *telling = context;

	return register_wants(telling->state, f);
}

int register_check_status(const struct options *o)
{
	const char *text = o->text[OPTION_STATUS];

	for (int i = FLOW_DECLARED_AND_OBSERVED; text != NULL && i <= FLOW_RETIRED; i++) {
		if (strcmp(text, flow_status_name((enum flow_status)i)) == 0) {
			return EXIT_DONE;
		}
	}
	return text == NULL ? EXIT_DONE
	                    : complain(EXIT_CALLER,
	                               "option --status: '%s': write declared_and_observed, "
	                               "observed_only, "
	                               "declared_not_observed or retired",
	                               text);
}

static struct table *tell(const struct telling *telling)
{
	const struct reconciliation *flows = telling->state->flows;
	bool is_folded = telling->level == LEVEL_ZONE || telling->level == LEVEL_ORGANISATION;
	struct reconciliation *folded =
	        is_folded ? fold_flows(flows, name_end, is_wanted, (void *)telling) : NULL;
	const struct reconciliation *told = is_folded ? folded : flows;
	struct table *t = flow_table_new();

	for (size_t i = 0; i < reconcile_count(told); i++) {
		const struct register_flow *f = reconcile_get(told, i);

		if (is_folded || is_wanted((void *)telling, f)) {
			flow_table_add(t, telling->state, f);
		}
	}
	reconcile_free(folded);
	return t;
}

struct table *register_flow_rows(const struct register_state *state, enum flow_level level)
{
	const struct options *o = state->session->options;
	const struct telling telling = {
	        .state = state,
	        .level = state->session->view == VIEW_PUBLIC ? LEVEL_ORGANISATION : level,
	        .names_systems = o->text[OPTION_SYSTEM_NAMES] != NULL,
	};

	return tell(&telling);
}

int register_flows(struct register_state *state, struct session *s, struct filter *filter,
                   enum flow_level level, struct table **out)
{
	int status = register_check_status(s->options);

	*out = NULL;
	status = status != EXIT_DONE ? status : register_load(state, s->options, REGISTER_READ);
	status = status != EXIT_DONE ? status : register_learn(state, s);
	status = status != EXIT_DONE ? status : register_reconcile(state, filter);
	if (status == EXIT_DONE) {
		*out = register_flow_rows(state, level);
	}
	return status;
}
