/* The register on the map: its flows with their status, and what makes the page a record. */
#include "terrier/cli/map_rows.h"

#include "terrier/base/mem.h"
#include "terrier/cli/register_flows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_SHOWN      12 /* of the chain's head in the version; the notes have all of it */
#define ADDRESSES_SHOWN 2

struct adding {
	struct map_rows *rows;
	const struct register_state *state;
	size_t count[FLOW_RETIRED + 1];
	size_t rejected, retired_left_out;
	const char *review_due; /* the first, or "" */
};

/* What leaves the country is parted from what only leaves the organisation. */
static const char *outside_zone(const struct register_state *state, const struct flow_end *end)
{
	char buffer[COUNTRY_MAX];
	const char *country = register_country(state, end, buffer);

	if (strcmp(country, "GB") == 0) {
		return "Outside, in the UK";
	}
	return strcmp(country, COUNTRY_UNKNOWN) == 0 ? "Outside, place not known"
	                                             : "Outside the UK";
}

/* True when another asset says that its copies are there. */
static bool holds_backups(const struct register_state *state, const struct entry *asset)
{
	for (const struct entry *a = state->assets->first; a != NULL; a = a->hh.next) {
		if (strcmp(entry_text(a, ASSET_BACKUP_ASSET), asset->id) == 0) {
			return true;
		}
	}
	return false;
}

static enum map_shape shape_of(const struct entry *asset)
{
	const char *type = entry_text(asset, ASSET_TYPE);

	if (strcmp(type, "storage") == 0 || strcmp(type, "dataset") == 0) {
		return MAP_STORE;
	}
	return strcmp(type, "medical_device") == 0 ? MAP_DEVICE : MAP_SYSTEM;
}

static void tell_asset(struct adding *a, const struct flow_end *end, struct map_end *out)
{
	const struct entry *asset = end->asset;
	char *addresses = words_join(&end->addresses, ", ", ADDRESSES_SHOWN);

	out->address = out->asset_id = map_rows_copy(a->rows, asset->id);
	out->name = map_rows_copy(a->rows, end->name);
	out->detail = map_rows_keep(
	        a->rows, mem_printf("%s%s%s%s", asset->id,
	                            holds_backups(a->state, asset) ? ", holds backups" : "",
	                            addresses[0] != '\0' ? ", " : "", addresses));
	out->shape = shape_of(asset);
	out->is_inside = !flow_end_is_outside(end);
	free(addresses);
}

static void tell_host(struct adding *a, const struct flow_end *end, struct map_end *out)
{
	const struct directory_host *host = directory_find(a->state->directory, end->key);

	out->address = map_rows_copy(a->rows, host != NULL ? host->address : end->name);
	out->name = host != NULL ? map_rows_copy(a->rows, host->name) : out->address;
	out->addr = end->addr;
	out->is_party = host != NULL && host->is_party;
	if (host != NULL) {
		out->addr = host->addr;
	}
}

static struct map_end tell_end(struct adding *a, const struct flow_end *end)
{
	struct map_end out = {.is_inside = end->is_inside};
	char *zone = flow_end_zone(end);

	switch (end->type) {
	case FLOW_END_ASSET:
		tell_asset(a, end, &out);
		break;
	case FLOW_END_HOST:
		tell_host(a, end, &out);
		break;
	case FLOW_END_ZONE:
		out.n_hosts = end->n_hosts;
		out.address = map_rows_copy(a->rows, end->key);
		out.name = "Clients";
		break;
	case FLOW_END_PSEUDONYM:
		out.address = out.name = map_rows_copy(a->rows, end->key);
		break;
	}
	if (!out.is_inside && !end->is_group) {
		out.zone = outside_zone(a->state, end);
	} else if (zone[0] != '\0' && !end->is_group) {
		out.zone = map_rows_copy(a->rows, zone);
	}
	free(zone);
	return out;
}

/* Of what was not observed only what people wrote is known. */
static void tell_declared(struct adding *a, const struct entry *declared, struct map_row *row)
{
	const char *method = entry_text(declared, DECLARED_METHOD),
	           *encrypted = entry_text(declared, DECLARED_ENCRYPTED);
	bool is_mixed = strcmp(encrypted, "mixed") == 0;

	row->protocol = method[0] != '\0' ? map_rows_copy(a->rows, method) : "method not stated";
	row->was_clear = is_mixed || strcmp(encrypted, "no") == 0;
	row->was_encrypted = is_mixed || strcmp(encrypted, "yes") == 0;
	row->confidence = CONFIDENCE_HIGH;
}

/* Protocols; in the network view with their ports. */
static char *methods_of(const struct adding *a, const struct register_flow *f)
{
	char *protocols = words_join(&f->protocols, "; ", 0), *ports, *both;

	if (a->state->session->view != VIEW_NETWORK || f->ports.n == 0) {
		return protocols;
	}
	ports = words_join(&f->ports, ", ", 0);
	both = mem_printf("%s (%s)", protocols, ports);
	free(protocols);
	free(ports);
	return both;
}

static void add_flow(struct adding *a, const struct register_flow *f)
{
	static const enum map_status status[] = {[FLOW_DECLARED_AND_OBSERVED] = MAP_DECLARED,
	                                         [FLOW_OBSERVED_ONLY] = MAP_UNDECLARED,
	                                         [FLOW_DECLARED_NOT_OBSERVED] = MAP_UNSEEN,
	                                         [FLOW_RETIRED] = MAP_RETIRED};
	struct map_row row = {
	        .exchange_id = f->id,
	        .source = tell_end(a, f->source),
	        .destination = tell_end(a, f->destination),
	        .is_both = f->is_both,
	        .source_is_server = f->initiated_by_destination && !f->initiated_by_source,
	        .kind_id = f->kind_id,
	        .kind_title = f->kind != NULL
	                              ? f->kind_title
	                              : map_rows_keep(a->rows, mem_printf("Any of %s", f->kind_id)),
	        .kind_group = f->kind != NULL ? f->kind->group : "",
	        .tier = f->tier,
	        .confidence = f->confidence,
	        .was_clear = f->was_clear,
	        .was_encrypted = f->was_encrypted,
	        .connections = f->connections,
	        .messages = f->messages,
	        .bytes = f->bytes_to_destination + f->bytes_to_source,
	        .status = status[f->status],
	        .is_rejected = flow_authorisation(f) == FLOW_NOT_AUTHORISED,
	};

	if (f->n_exchanges == 0) {
		tell_declared(a, f->declared, &row);
	} else {
		row.protocol = map_rows_keep(a->rows, methods_of(a, f));
	}
	map_rows_add(a->rows, &row);
}

/* ISO dates stand in the order of their texts. */
static void note_due(struct adding *a, const char *date)
{
	if (date[0] != '\0' && (a->review_due[0] == '\0' || strcmp(date, a->review_due) < 0)) {
		a->review_due = date;
	}
}

static void count_flow(struct adding *a, const struct register_flow *f)
{
	const struct entry *assets[] = {f->source->asset, f->destination->asset};

	a->count[f->status]++;
	a->rejected += flow_authorisation(f) == FLOW_NOT_AUTHORISED;
	if (f->declared != NULL) {
		note_due(a, entry_text(f->declared, DECLARED_REVIEW_DUE));
	}
	for (size_t i = 0; i < 2; i++) {
		if (assets[i] != NULL) {
			note_due(a, entry_text(assets[i], ASSET_REVIEW_DUE));
		}
	}
}

static void note_counts(const struct adding *a, struct map_words *notes)
{
	const char *status = a->state->session->options->text[OPTION_STATUS];

	if (status != NULL) {
		map_words_add(notes, mem_printf("only status %s", status));
	}
	map_words_add(notes,
	              mem_printf("Flows of the register selected for this map: %zu declared "
	                         "and observed; %zu observed, not declared; %zu declared, not "
	                         "observed. Of these %zu rejected by a decision.",
	                         a->count[FLOW_DECLARED_AND_OBSERVED], a->count[FLOW_OBSERVED_ONLY],
	                         a->count[FLOW_DECLARED_NOT_OBSERVED], a->rejected));
	if (a->retired_left_out > 0) {
		map_words_add(notes,
		              mem_printf("Not drawn: %zu retired flow%s that were not "
		                         "observed (--status retired draws them).",
		                         a->retired_left_out, a->retired_left_out == 1 ? "" : "s"));
	}
}

/* What people answer for is left for them to write. */
static void add_control(const struct adding *a, struct map_words *control)
{
	static const char *const by_hand[] = {
	        "Author (role):", "Reviewer (role):", "Next review of this map:",
	        "Approved by (role):", "Signature and date:"};
	const struct register_state *state = a->state;
	const struct session *s = state->session;
	bool is_late = strcmp(a->review_due, state->today) < 0;

	map_words_add(control,
	              s->organisation[0] == '\0'
	                      ? mem_strdup("Organisation: not stated (set [organisation] in "
	                                   "terrier.conf)")
	                      : mem_printf("Organisation: %s, ODS code %s", s->organisation,
	                                   s->ods_code[0] != '\0' ? s->ods_code : "not stated"));
	map_words_add(control, mem_printf("Version: register of %" PRId64 " records, head %.*s",
	                                  state->head.records, HEAD_SHOWN, state->head.hash));
	map_words_add(control, mem_printf("Produced on %s; dates in the register are held to it",
	                                  state->today));
	if (a->review_due[0] != '\0') {
		map_words_add(control, mem_printf("First review due of what is on it: %s%s",
		                                  a->review_due, is_late ? " (overdue)" : ""));
	}
	map_words_add(control, mem_strdup("The same as a table, joined by the ids A-… and F-…: "
	                                  "terrier export flows"));
	for (size_t i = 0; i < sizeof by_hand / sizeof by_hand[0]; i++) {
		map_words_add(control, mem_strdup(by_hand[i]));
	}
}

void map_flows_add(struct map_rows *rows, const struct register_state *state,
                   struct map_words *notes, struct map_words *control)
{
	bool asks_status = state->session->options->text[OPTION_STATUS] != NULL;
	struct adding a = {.rows = rows, .state = state, .review_due = ""};

	for (size_t i = 0; i < reconcile_count(state->flows); i++) {
		const struct register_flow *f = reconcile_get(state->flows, i);

		if (!register_wants(state, f)) {
			continue;
		}
		if (f->status == FLOW_RETIRED && !asks_status) {
			a.retired_left_out++;
			continue;
		}
		count_flow(&a, f);
		add_flow(&a, f);
	}
	note_counts(&a, notes);
	add_control(&a, control);
}
