/* The register of a command, loaded and held to what was seen. */
#include "terrier/cli/register.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/cli/command.h"
#include "terrier/cli/exchanges.h"
#include "terrier/cli/show.h"
#include "terrier/model/pattern.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define DATE_LEN 10
#define KEY_MIN  16 /* octets of a pseudonym key */

int register_complain(const struct register_state *state)
{
	return complain(EXIT_SYSTEM, "%s: %s", state->path, register_error(state->file));
}

static int load_entries(struct register_state *state)
{
	state->assets = register_entries(state->file, ENTRY_ASSET);
	state->declarations =
	        state->assets != NULL ? register_entries(state->file, ENTRY_DECLARATION) : NULL;
	state->decisions =
	        state->declarations != NULL ? register_entries(state->file, ENTRY_DECISION) : NULL;
	if (state->decisions == NULL || register_head(state->file, &state->head) != 0) {
		return register_complain(state);
	}
	return EXIT_DONE;
}

static int load_key(struct register_state *state, const char *path)
{
	FILE *file = path != NULL ? fopen(path, "re") : NULL;

	if (path == NULL) {
		return EXIT_DONE;
	}
	if (file == NULL) {
		return complain(errno == ENOENT ? EXIT_CALLER : EXIT_SYSTEM,
		                "option --pseudonyms: %s: %s: make a key with: head -c 32 "
		                "/dev/urandom > KEYFILE; chmod "
		                "600 KEYFILE",
		                path, strerror(errno));
	}
	state->key_len = fread(state->key, 1, sizeof state->key, file);
	fclose(file);
	if (state->key_len < KEY_MIN) {
		return complain(EXIT_CALLER,
		                "option --pseudonyms: %s: a key of %zu octets, too short: make one "
		                "with: head -c 32 "
		                "/dev/urandom > KEYFILE; chmod 600 KEYFILE",
		                path, state->key_len);
	}
	return EXIT_DONE;
}

static int load_countries(struct register_state *state, const char *path)
{
	char *error = NULL;
	int status = EXIT_DONE;

	if (path != NULL) {
		state->countries = countries_open(path, &error);
		status = state->countries != NULL
		                 ? EXIT_DONE
		                 : complain(EXIT_CALLER, "option --countries: %s", error);
	}
	free(error);
	return status;
}

int register_load(struct register_state *state, const struct options *o, enum register_mode mode)
{
	enum store_fault fault = STORE_FAULT_NONE;
	char now[CLOCK_TEXT_MAX], *error = NULL;

	*state = (struct register_state){.path = options_register(o)};
	text_copy(state->today, sizeof state->today, clock_format(clock_now_us(), now), DATE_LEN);
	state->file = register_open(state->path, mode, &fault, &error);
	if (state->file == NULL) {
		complain(EXIT_SYSTEM, "%s", error);
		free(error);
		return fault == STORE_FAULT_CALLER ? EXIT_CALLER : EXIT_SYSTEM;
	}
	int status = load_key(state, o->text[OPTION_PSEUDONYMS]);

	status = status != EXIT_DONE ? status : load_countries(state, o->text[OPTION_COUNTRIES]);
	return status != EXIT_DONE ? status : load_entries(state);
}

void register_unload(struct register_state *state)
{
	if (state->session != NULL) {
		state->session->reg = NULL;
	}
	reconcile_free(state->flows);
	directory_free(state->directory);
	entries_free(state->decisions);
	entries_free(state->declarations);
	entries_free(state->assets);
	register_close(state->file);
	countries_close(state->countries);
	free(state->path);
}

/* Hosts by their number in the database, for their names. */
struct numbered {
	int64_t id;
	char *key;
	UT_hash_handle hh;
};

struct learning {
	const struct session *session;
	struct directory *directory;
	struct numbered *hosts;
};

static bool see_host(void *context, const struct host_row *row)
{
	struct learning *learning = context;
	struct numbered *host = mem_zalloc(1, sizeof *host);
	struct directory_host known = {
	        .key = host_key(row->segment, row->address),
	        .address = (char *)row->address,
	        .name = (char *)row->best_name,
	        .mac = (char *)row->mac,
	        .addr = row->addr,
	        .is_party = row->is_party,
	        .is_inside = row->is_inside,
	        .first_us = row->first_us,
	        .last_us = row->last_us,
	};

	directory_add_host(learning->directory, &known);
	host->id = row->id;
	host->key = known.key;
	HASH_ADD(hh, learning->hosts, id, sizeof host->id, host);
	return true;
}

/* Of no host: "" is no key. */
static const char *key_of(const struct learning *learning, int64_t id)
{
	struct numbered *host;

	HASH_FIND(hh, learning->hosts, &id, sizeof id, host);
	return host != NULL ? host->key : "";
}

static bool see_name(void *context, int64_t id, enum name_source source, const char *name)
{
	const struct learning *learning = context;

	directory_add_name(learning->directory, key_of(learning, id), source, name);
	return true;
}

static bool note_deed(void *context, const struct deed_row *row)
{
	const struct learning *learning = context;
	const struct exchange e = {
	        .source = {.host = key_of(learning, row->source)},
	        .destination = {.host = key_of(learning, row->destination)},
	        .protocol = row->protocol,
	        .kind_id = row->kind_id,
	        .tier = show_tier(learning->session, row->kind_id),
	        .confidence = row->confidence,
	        .is_both = row->is_both,
	        .initiated_by_source = row->initiated_by_source,
	        .initiated_by_destination = row->initiated_by_destination,
	};

	directory_note(learning->directory, &e);
	return true;
}

static void free_numbers(struct numbered **hosts)
{
	struct numbered *host, *next;

	HASH_ITER(hh, *hosts, host, next)
	{
		HASH_DEL(*hosts, host);
		free(host->key);
		free(host);
	}
}

int register_learn(struct register_state *state, struct session *s)
{
	struct learning learning = {.session = s, .directory = directory_new(state->assets)};
	int status = EXIT_DONE;

	state->session = s;
	state->directory = learning.directory;
	if (store_each_host(s->store, see_host, &learning) != 0 ||
	    store_each_host_name(s->store, see_name, &learning) != 0 ||
	    store_each_deed(s->store, note_deed, &learning) != 0 ||
	    store_watched(s->store, &s->query, &state->days_watched, &state->hours_watched) != 0) {
		status = session_complain(s);
	}
	free_numbers(&learning.hosts);
	directory_finish(learning.directory);
	s->reg = state;
	return status;
}

struct adding {
	struct reconciliation *flows;
	const struct filter *filter;
};

static bool add_exchange(void *context, const struct exchange *e, const struct exchange_row *row)
{
	const struct adding *adding = context;

	reconcile_add(adding->flows, e,
	              adding->filter == NULL || filter_passes(adding->filter, row));
	return true;
}

static bool add_past_exchange(void *context, const struct exchange *e,
                              const struct exchange_row *row)
{
	(void)row;
	reconcile_add_past(context, e);
	return true;
}

static bool add_activity(void *context, const struct activity_row *row)
{
	reconcile_add_activity(context, row->exchange_id, row->days, row->n_days, row->hours,
	                       row->n_hours);
	return true;
}

static int add_past(struct register_state *state)
{
	struct session *s = state->session;
	struct store_query past = {.until_us = s->query.since_us};

	return s->query.since_us != 0 ? exchanges_each(s, &past, add_past_exchange, state->flows)
	                              : 0;
}

static bool is_asset(const struct entry *asset, const char *text)
{
	return asset != NULL && (text_casecmp(asset->id, text) == 0 ||
	                         text_casecmp(entry_text(asset, ASSET_NAME), text) == 0);
}

void register_know(struct register_state *state, struct filter *filter)
{
	static const enum option asked[3] = {OPTION_FROM, OPTION_TO, OPTION_WITH};

	for (size_t i = 0; i < 3; i++) {
		const char *text = state->session->options->text[asked[i]];
		const struct directory_host *host =
		        text != NULL ? directory_first(state->directory) : NULL;

		for (const struct entry *a = text != NULL ? state->assets->first : NULL; a != NULL;
		     a = a->hh.next) {
			state->asks_asset[i] |= is_asset(a, text);
		}
		for (; host != NULL && state->asks_asset[i]; host = host->hh.next) {
			for (size_t k = 0; k < host->n_matches; k++) {
				if (is_asset(host->matches[k].asset, text)) {
					filter_add_host(filter, asked[i], host->key);
				}
			}
		}
	}
}

int register_reconcile(struct register_state *state, struct filter *filter)
{
	struct session *s = state->session;
	const struct reconcile_options options = {
	        .catalogue = s->catalogue,
	        .directory = state->directory,
	        .assets = state->assets,
	        .declarations = state->declarations,
	        .decisions = state->decisions,
	        .clients = s->view == VIEW_NETWORK ? CLIENTS_APART
	                   : state->key_len > 0    ? CLIENTS_PSEUDONYM
	                                           : CLIENTS_FOLDED,
	        .key = state->key,
	        .key_len = state->key_len,
	        .today = state->today,
	        .own_is_set = s->summary.own_is_set,
	        .shows_addresses = s->view == VIEW_NETWORK,
	};
	struct adding adding = {reconcile_new(&options), filter};

	state->flows = adding.flows;
	if (filter != NULL) {
		register_know(state, filter);
	}
	if (exchanges_each(s, &s->query, add_exchange, &adding) != 0 || add_past(state) != 0 ||
	    store_each_activity(s->store, &s->query, add_activity, adding.flows) != 0) {
		return session_complain(s);
	}
	reconcile_finish(adding.flows);
	return EXIT_DONE;
}

const char *register_country(const struct register_state *state, const struct flow_end *end,
                             char out[COUNTRY_MAX])
{
	static const char *const home[] = {
	        "gb",      "uk",       "united kingdom", "great britain",
	        "england", "scotland", "wales",          "northern ireland"};
	const char *declared = end->asset != NULL ? entry_text(end->asset, ASSET_COUNTRY) : "";

	for (size_t i = 0; i < sizeof home / sizeof home[0]; i++) {
		if (text_casecmp(declared, home[i]) == 0) {
			return "GB";
		}
	}
	if (declared[0] != '\0') {
		return declared;
	}
	struct prefix block = {end->addr, end->bits};

	return state->countries != NULL && end->bits > 0
	               ? countries_find(state->countries, &block, out)
	               : COUNTRY_UNKNOWN;
}

static bool is_end(const struct flow_end *end, const char *text, bool is_asked)
{
	return !is_asked || is_asset(end->asset, text);
}

static bool is_in_zone(const struct flow_end *end, const char *zone)
{
	char *own = flow_end_zone(end);
	bool is_in = zone == NULL || text_casecmp(own, zone) == 0;

	free(own);
	return is_in;
}

/* Of what was not observed no exchange passed the filter. */
static bool passes_unseen(const struct register_flow *f, const char *const *text)
{
	return (is_in_zone(f->source, text[OPTION_ZONE]) ||
	        is_in_zone(f->destination, text[OPTION_ZONE])) &&
	       (text[OPTION_KIND] == NULL || strcmp(text[OPTION_KIND], f->kind_id) == 0 ||
	        pattern_fits(text[OPTION_KIND], strlen(text[OPTION_KIND]), f->kind_id));
}

/* The ends are the assets that --from, --to and --with name; anything else they name is the
 * filter's. */
static bool passes_way(const struct register_state *state, const struct register_flow *f,
                       const struct flow_end *from, const struct flow_end *to)
{
	const char *const *text = state->session->options->text;
	bool is_seen = f->n_exchanges > 0;

	return is_end(from, text[OPTION_FROM],
	              text[OPTION_FROM] != NULL && (!is_seen || state->asks_asset[0])) &&
	       is_end(to, text[OPTION_TO],
	              text[OPTION_TO] != NULL && (!is_seen || state->asks_asset[1]));
}

bool register_passes(const struct register_state *state, const struct register_flow *f)
{
	const char *const *text = state->session->options->text;
	bool is_seen = f->n_exchanges > 0,
	     is_with = text[OPTION_WITH] != NULL && (!is_seen || state->asks_asset[2]);

	return (passes_way(state, f, f->source, f->destination) ||
	        (f->is_both && passes_way(state, f, f->destination, f->source))) &&
	       (is_end(f->source, text[OPTION_WITH], is_with) ||
	        is_end(f->destination, text[OPTION_WITH], is_with)) &&
	       (is_seen ? f->is_asked : passes_unseen(f, text));
}

bool register_is_about(const struct register_state *state, const struct entry *e, const char *text)
{
	if (e->type == ENTRY_ASSET) {
		return is_asset(e, text);
	}
	return is_asset(entries_find(state->assets, entry_text(e, DECLARED_SOURCE)), text) ||
	       is_asset(entries_find(state->assets, entry_text(e, DECLARED_DESTINATION)), text);
}
