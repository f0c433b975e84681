/* The data-flow register as a table. */
#include "terrier/cli/flow_table.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define EXCHANGES_SHOWN 32

/* registers.md 4.2: names and order are fixed. Columns without a name are for the terminal; those
 * after coverage_note are ours. */
static const struct table_column columns[] = {
        {"flow_id", "ID", TABLE_TEXT},
        {NULL, "From", TABLE_TEXT},
        {NULL, "", TABLE_TEXT},
        {NULL, "To", TABLE_TEXT},
        {"diagram_ref", NULL, TABLE_TEXT},
        {"flow_scope", NULL, TABLE_TEXT},
        {"source_asset_id", NULL, TABLE_TEXT},
        {"source_name", NULL, TABLE_TEXT},
        {"source_organisation", NULL, TABLE_TEXT},
        {"source_zone", NULL, TABLE_TEXT},
        {"source_country", NULL, TABLE_TEXT},
        {"destination_asset_id", NULL, TABLE_TEXT},
        {"destination_name", NULL, TABLE_TEXT},
        {"destination_organisation", NULL, TABLE_TEXT},
        {"destination_zone", NULL, TABLE_TEXT},
        {"destination_country", NULL, TABLE_TEXT},
        {"kind_id", NULL, TABLE_TEXT},
        {"information_kind", "Kind of data", TABLE_TEXT},
        {"categories_of_individuals", NULL, TABLE_TEXT},
        {"categories_of_personal_data", NULL, TABLE_TEXT},
        {"personal_data", NULL, TABLE_TEXT},
        {"special_category", NULL, TABLE_TEXT},
        {"sensitivity_tier", "Tier", TABLE_TEXT},
        {"kind_confidence", NULL, TABLE_TEXT},
        {"evidence", NULL, TABLE_TEXT},
        {"transfer_method", "Method", TABLE_TEXT},
        {"transport", NULL, TABLE_TEXT},
        {"initiated_by", NULL, TABLE_TEXT},
        {"encrypted_in_transit", "Encrypted", TABLE_TEXT},
        {"encryption_detail", NULL, TABLE_TEXT},
        {"crosses_zone", NULL, TABLE_TEXT},
        {"leaves_organisation", NULL, TABLE_TEXT},
        {"leaves_uk", NULL, TABLE_TEXT},
        {"first_seen", NULL, TABLE_TIME},
        {"last_seen", "Last seen", TABLE_TIME},
        {"days_seen", NULL, TABLE_INTEGER},
        {"days_observed", NULL, TABLE_INTEGER},
        {"frequency", NULL, TABLE_TEXT},
        {"messages", NULL, TABLE_INTEGER},
        {"bytes_to_destination", NULL, TABLE_BYTES},
        {"bytes_to_source", NULL, TABLE_BYTES},
        {"status", "Status", TABLE_TEXT},
        {"authorisation", "Authorisation", TABLE_TEXT},
        {"authorised_by_role", NULL, TABLE_TEXT},
        {"authorised_on", NULL, TABLE_TEXT},
        {"purpose", NULL, TABLE_TEXT},
        {"lawful_basis_art6", NULL, TABLE_TEXT},
        {"condition_art9", NULL, TABLE_TEXT},
        {"common_law_basis", NULL, TABLE_TEXT},
        {"sharing_agreement_ref", NULL, TABLE_TEXT},
        {"sharing_agreement_end", NULL, TABLE_TEXT},
        {"dpia_ref", NULL, TABLE_TEXT},
        {"information_asset_owner", NULL, TABLE_TEXT},
        {"risk_rating", NULL, TABLE_TEXT},
        {"risk_ref", NULL, TABLE_TEXT},
        {"review_due", NULL, TABLE_TEXT},
        {"comment", NULL, TABLE_TEXT},
        {"observed_from", NULL, TABLE_TIME},
        {"observed_to", NULL, TABLE_TIME},
        {"sensors", NULL, TABLE_TEXT},
        {"coverage_note", NULL, TABLE_TEXT},
        {"differences", "Differences", TABLE_TEXT},
        {"declared_kinds", NULL, TABLE_TEXT},
        {"source_addresses", NULL, TABLE_TEXT},
        {"destination_addresses", NULL, TABLE_TEXT},
        {"exchanges", NULL, TABLE_TEXT},
};

struct table *flow_table_new(void)
{
	return table_new("flows", columns, sizeof columns / sizeof columns[0]);
}

static void take(struct table *t, char *text)
{
	show_text(t, text);
	free(text);
}

/* What is inside and declared to be nobody else's is the organisation's own. */
static const char *organisation_of(const struct register_state *state, const struct flow_end *end)
{
	const char *declared = flow_end_organisation(end);
	bool is_own = end->asset == NULL && end->is_inside && !end->is_group &&
	              state->session->summary.own_is_set;

	return declared[0] == '\0' && is_own ? state->session->organisation : declared;
}

static void add_end(struct table *t, const struct register_state *state, const struct flow_end *end)
{
	char country[COUNTRY_MAX];

	show_text(t, flow_end_asset_id(end));
	show_text(t, end->name);
	show_text(t, organisation_of(state, end));
	take(t, flow_end_zone(end));
	show_text(t, register_country(state, end, country));
}

static void add_kind(struct table *t, const struct register_flow *f)
{
	const struct kind *kind = f->kind;

	show_text(t, f->kind_id);
	show_text(t, f->kind_title);
	show_text(t, kind != NULL ? kind->data_subjects : "");
	show_text(t, kind != NULL ? kind->register_text : "");
	show_text(t, kind != NULL ? kind->personal_data : "unknown");
	show_text(t, kind != NULL ? kind->special_category : "");
	show_text(t, tier_name(f->tier));
	show_text(t, f->n_exchanges > 0 ? confidence_name(f->confidence) : "");
	show_words(t, &f->evidence);
}

/* What stays in the organisation, a trust, stays in the country. */
static const char *leaves_uk(const struct register_state *state, const struct register_flow *f)
{
	char from_text[COUNTRY_MAX], to_text[COUNTRY_MAX];
	const char *from = register_country(state, f->source, from_text),
	           *to = register_country(state, f->destination, to_text);

	if (strcmp(flow_leaves_organisation(f, state->session->summary.own_is_set), "no") == 0) {
		return "no";
	}
	if (strcmp(from, "unknown") == 0 || strcmp(to, "unknown") == 0) {
		return "unknown";
	}
	return strcmp(from, "GB") == 0 && strcmp(to, "GB") == 0 ? "no" : "yes";
}

static void add_method(struct table *t, const struct register_state *state,
                       const struct register_flow *f)
{
	show_words(t, &f->protocols);
	show_words(t, &f->transports);
	show_text(t, f->n_exchanges > 0
	               ? show_initiated(f->initiated_by_source, f->initiated_by_destination)
	               : "");
	show_text(t, f->n_exchanges > 0 ? flow_encrypted(f) : "");
	show_words(t, &f->encryption);
	show_text(t, flow_crosses_zone(f));
	show_text(t, flow_leaves_organisation(f, state->session->summary.own_is_set));
	show_text(t, leaves_uk(state, f));
}

static void add_volume(struct table *t, const struct register_state *state,
                       const struct register_flow *f)
{
	show_time(t, f->first_us);
	show_time(t, f->last_us);
	show_count(t, f->n_days);
	show_count(t, state->days_watched);
	show_text(t, flow_frequency(f, state->days_watched, state->hours_watched));
	if (f->has_messages) {
		show_count(t, f->messages);
	} else {
		table_add_empty(t);
	}
	show_count(t, f->bytes_to_destination);
	show_count(t, f->bytes_to_source);
}

static void add_declared(struct table *t, const struct register_flow *f,
                         enum declaration_column column)
{
	show_text(t, f->declared != NULL ? entry_text(f->declared, column) : "");
}

/* A decision in force authorises, and otherwise the declaration. */
static void add_authorisation(struct table *t, const struct register_flow *f)
{
	enum flow_authorisation authorisation = flow_authorisation(f);
	bool is_decided = f->decision != NULL && f->decision_state == DECISION_VALID &&
	                  strcmp(entry_text(f->decision, DECISION_VERDICT), "accept") == 0;

	show_text(t, flow_authorisation_name(authorisation));
	if (authorisation != FLOW_AUTHORISED) {
		show_nothing(t, 2);
	} else if (is_decided) {
		show_text(t, entry_text(f->decision, DECISION_ROLE));
		show_text(t, entry_text(f->decision, DECISION_DECIDED_ON));
	} else {
		add_declared(t, f, DECLARED_AUTHORISED_BY);
		add_declared(t, f, DECLARED_AUTHORISED_ON);
	}
}

static void add_law(struct table *t, const struct register_flow *f)
{
	static const enum declaration_column shown[] = {
	        DECLARED_PURPOSE,    DECLARED_ART6,          DECLARED_ART9,
	        DECLARED_COMMON_LAW, DECLARED_AGREEMENT_REF, DECLARED_AGREEMENT_END,
	        DECLARED_DPIA_REF,   DECLARED_OWNER,         DECLARED_RISK_RATING,
	        DECLARED_RISK_REF,   DECLARED_REVIEW_DUE,    DECLARED_COMMENT,
	};

	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		add_declared(t, f, shown[i]);
	}
}

char *flow_coverage_note(const struct register_state *state, const struct register_flow *f)
{
	bool from = f->source->n_hosts > 0, to = f->destination->n_hosts > 0;
	char time[CLOCK_TEXT_MAX], *past, *text;

	if (f->n_exchanges > 0) {
		return mem_strdup("");
	}
	past = f->past_us != 0 ? mem_printf("last seen %.10s", clock_format(f->past_us, time))
	                       : mem_strdup("never seen");
	text = mem_printf("%s; not seen on %" PRIu64 " day%s watched; %s", past,
	                  state->days_watched, state->days_watched == 1 ? "" : "s",
	                  from && to ? "both ends were seen with other traffic: what goes between "
	                               "them passes the "
	                               "watched points or should"
	                  : from || to ? "only one end was seen at all: the path may not be watched"
	                               : "neither end was seen: the path is probably not watched");
	free(past);
	return text;
}

static void add_honesty(struct table *t, const struct register_state *state,
                        const struct register_flow *f)
{
	int64_t from, to;

	session_period(state->session, &from, &to);
	show_time(t, from);
	show_time(t, to);
	show_words(t, &f->sensors);
	take(t, flow_coverage_note(state, f));
}

static void add_own(struct table *t, const struct register_state *state,
                    const struct register_flow *f)
{
	show_words(t, &f->differences);
	show_text(t, f->declared_kinds);
	if (state->session->view != VIEW_NETWORK) {
		show_nothing(t, 3);
		return;
	}
	show_words(t, &f->source->addresses);
	show_words(t, &f->destination->addresses);

	struct words ids = {.text = f->exchanges, .n = f->n_exchanges};

	take(t, words_join(&ids, "; ", EXCHANGES_SHOWN));
}

void flow_table_add(struct table *t, const struct register_state *state,
                    const struct register_flow *f)
{
	show_text(t, state->session->view != VIEW_PUBLIC ? f->id : "");
	show_text(t, f->source->name);
	show_text(t, f->is_both ? "↔" : "→");
	show_text(t, f->destination->name);
	table_add_empty(t); /* diagram_ref */
	show_text(t, flow_scope(f));
	add_end(t, state, f->source);
	add_end(t, state, f->destination);
	add_kind(t, f);
	add_method(t, state, f);
	add_volume(t, state, f);
	show_text(t, flow_status_name(f->status));
	add_authorisation(t, f);
	add_law(t, f);
	add_honesty(t, state, f);
	add_own(t, state, f);
}
