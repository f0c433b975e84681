/* terrier hosts: systems seen, their names and where these come from, what they serve, send and
 * receive. */
#include "terrier/base/mem.h"
#include "terrier/base/words.h"
#include "terrier/cli/command.h"
#include "terrier/cli/register.h"
#include "terrier/model/role.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define WORDS_SHOWN 16 /* of a list in one cell */
#define OUI_LEN     8  /* "02:4c:41": more of it is nobody's business here */

static const struct table_column columns[] = {
        {"address", "Address", TABLE_TEXT},
        {"name", "Name", TABLE_TEXT},
        {"name_source", "Name from", TABLE_TEXT},
        {"names", NULL, TABLE_TEXT},
        {"other_names", "Also named", TABLE_TEXT},
        {"zone", "Zone", TABLE_TEXT},
        {"segment", NULL, TABLE_TEXT},
        {"place", NULL, TABLE_TEXT},
        {"systems", NULL, TABLE_INTEGER},
        {"roles", "Role", TABLE_TEXT},
        {"role_reasons", NULL, TABLE_TEXT},
        {"serves", "Serves", TABLE_TEXT},
        {"sends_kinds", "Sends", TABLE_INTEGER},
        {"receives_kinds", "Receives", TABLE_INTEGER},
        {"empty_out", NULL, TABLE_INTEGER},
        {"empty_in", NULL, TABLE_INTEGER},
        {"unanswered_out", NULL, TABLE_INTEGER},
        {"unanswered_in", NULL, TABLE_INTEGER},
        {"mac_oui", NULL, TABLE_TEXT},
        {"first_seen", NULL, TABLE_TIME},
        {"last_seen", "Last seen", TABLE_TIME},
        {"asset_id", "Asset", TABLE_TEXT},
};

/* One host, or those that a view folds into one row. */
struct system {
	char *key; /* segment and address, or the zone it stands for */
	int64_t id;
	char *segment, *address, *name, *mac_oui;
	char *machine; /* the best of the names of the machine itself; NULL: none */
	struct addr addr;
	bool is_party, is_inside, is_fold;
	enum name_source name_source;
	uint64_t systems, empty_out, empty_in, unanswered_out, unanswered_in;
	int64_t first_us, last_us;
	bool is_chosen; /* takes part in a selected exchange */
	struct role_deeds deeds;
	struct words names, others, serves, sends, receives;
	UT_hash_handle hh, by_id;
};

struct work {
	struct session *session;
	struct filter *filter;
	struct system *systems, *folds;
	struct system *by_id; /* the systems again */
};

/* Takes the text over. */
static void add_word(struct words *words, char *text)
{
	words_put(words, text);
	free(text);
}

static void free_system(struct system *s)
{
	free(s->key);
	free(s->segment);
	free(s->address);
	free(s->name);
	free(s->mac_oui);
	free(s->machine);
	words_clear(&s->names);
	words_clear(&s->others);
	words_clear(&s->serves);
	words_clear(&s->sends);
	words_clear(&s->receives);
	free(s);
}

static void free_systems(struct system **systems)
{
	struct system *s, *next;

	HASH_ITER(hh, *systems, s, next)
	{
		HASH_DEL(*systems, s);
		free_system(s);
	}
}

static bool see_host(void *context, const struct host_row *row)
{
	struct work *w = context;
	struct system *s = mem_zalloc(1, sizeof *s);

	*s = (struct system){
	        .key = host_key(row->segment, row->address),
	        .id = row->id,
	        .segment = mem_strdup(row->segment),
	        .address = mem_strdup(row->address),
	        .name = mem_strdup(row->best_name),
	        .mac_oui = mem_printf("%.*s", OUI_LEN, row->mac),
	        .addr = row->addr,
	        .is_party = row->is_party,
	        .is_inside = row->is_inside,
	        .name_source = row->best_source,
	        .systems = 1,
	        .empty_out = row->empty_out,
	        .empty_in = row->empty_in,
	        .unanswered_out = row->unanswered_out,
	        .unanswered_in = row->unanswered_in,
	        .first_us = row->first_us,
	        .last_us = row->last_us,
	};
	HASH_ADD_KEYPTR(hh, w->systems, s->key, strlen(s->key), s);
	HASH_ADD(by_id, w->by_id, id, sizeof s->id, s);
	return true;
}

/* Sources that name the machine itself; applications and titles may differ from it, and a server
 * answers to many. */
static bool names_machine(enum name_source source)
{
	return source == NAME_DNS || source == NAME_CERTIFICATE || source == NAME_NTLM ||
	       source == NAME_SMB || source == NAME_KERBEROS || source == NAME_DHCP ||
	       source == NAME_NETBIOS;
}

static bool is_same_machine(const char *a, const char *b)
{
	char first[64], second[64]; /* labels, RFC 1035 2.3.4 */

	text_copy(first, sizeof first, a, strcspn(a, "."));
	text_copy(second, sizeof second, b, strcspn(b, "."));
	return text_casecmp(first, second) == 0;
}

/* Names come the best first; one that contradicts the machine's first is shown beside it. */
static bool see_name(void *context, const struct name_row *row)
{
	struct work *w = context;
	struct system *s;

	HASH_FIND(by_id, w->by_id, &row->host, sizeof row->host, s);
	if (s == NULL) {
		return true; /* it was only named */
	}
	add_word(&s->names, mem_printf("%s:%s", name_source_name(row->source), row->name));
	if (!names_machine(row->source)) {
		return true;
	}
	if (s->machine == NULL) {
		s->machine = mem_strdup(row->name);
	} else if (!is_same_machine(row->name, s->machine)) {
		words_put(&s->others, row->name);
	}
	return true;
}

static struct system *find(struct work *w, const struct end *end)
{
	char *key = host_key(end->segment, end->address);
	struct system *s;

	HASH_FIND_STR(w->systems, key, s);
	free(key);
	return s;
}

static void note_server(struct system *s, const struct exchange_row *row)
{
	char *port = show_port(row->ip_protocol, row->server_port);

	add_word(&s->serves, mem_printf("%s %s", row->protocol, port));
	free(port);
}

/* What an end does makes its roles, whatever is asked for. */
static void note_deed(struct work *w, const struct end *end, const struct exchange_row *row,
                      bool is_source)
{
	struct system *s = find(w, end);
	const struct role_exchange e = {
	        .protocol = row->protocol,
	        .kind_id = row->kind_id,
	        .tier = show_tier(w->session, row->kind_id),
	        .confidence = row->confidence,
	        .initiated_by_source = row->initiated_by_source,
	        .initiated_by_destination = row->initiated_by_destination,
	        .is_both = row->is_both,
	};

	if (s != NULL &&
	    !(end->is_party && end->is_inside)) { /* a group of addresses has no role */
		role_note_end(&s->deeds, &e, is_source);
	}
}

/* One end of a selected exchange: what it sends, receives and serves. */
static void note_end(struct work *w, const struct end *end, const struct exchange_row *row,
                     bool is_source)
{
	struct system *s = find(w, end);
	bool was_opened = is_source ? row->initiated_by_destination : row->initiated_by_source;

	if (s == NULL) {
		return; /* written after the hosts were read */
	}
	s->is_chosen = true;
	if (is_source || row->is_both) {
		words_put(&s->sends, row->kind_id);
	}
	if (!is_source || row->is_both) {
		words_put(&s->receives, row->kind_id);
	}
	if (was_opened && row->server_port != 0 && !(end->is_party && end->is_inside)) {
		note_server(s, row);
	}
}

static bool see_exchange(void *context, const struct exchange_row *row)
{
	struct work *w = context;
	struct end source = end_source(row), destination = end_destination(row);

	note_deed(w, &source, row, true);
	note_deed(w, &destination, row, false);
	if (filter_passes_kind(w->filter, row->kind_id) && filter_passes_way(w->filter, row)) {
		note_end(w, &source, row, true);
		note_end(w, &destination, row, false);
	}
	return true;
}

static struct end end_of(const struct system *s)
{
	return (struct end){
	        .segment = s->segment,
	        .address = s->address,
	        .name = s->name,
	        .addr = s->addr,
	        .is_party = s->is_party,
	        .is_inside = s->is_inside,
	};
}

static bool is_wanted(const struct work *w, const struct system *s)
{
	const struct store_query *q = &w->session->query;
	struct end end = end_of(s);

	if (!filter_passes_end(w->filter, &end)) {
		return false;
	}
	if (s->is_chosen || filter_has_way_or_kind(w->filter)) {
		return s->is_chosen;
	}
	return (q->since_us == 0 || s->last_us >= q->since_us) &&
	       (q->until_us == 0 || s->first_us < q->until_us);
}

static void add_words(struct table *t, const struct words *words)
{
	char *text = words_join(words, "; ", WORDS_SHOWN);

	table_add_text(t, text);
	free(text);
}

static const char *show_place(const struct session *session, const struct system *s)
{
	if (!session->summary.own_is_set || s->is_fold) {
		return "unknown";
	}
	return s->is_inside ? "inside" : "outside";
}

/* That it serves, or is a client too, is said only of a host of which nothing more telling is
 * known. */
static void add_roles(struct table *t, const struct system *s)
{
	struct words names = {0}, reasons = {0};

	for (unsigned r = 0; r < ROLES; r++) {
		if (role_is(&s->deeds, r) && (r < ROLE_SERVER || names.n == 0)) {
			words_put(&names, role_name(r));
			add_word(&reasons, mem_printf("%s: %s", role_name(r), role_reason(r)));
		}
	}
	add_words(t, &names);
	add_words(t, &reasons);
	words_clear(&names);
	words_clear(&reasons);
}

static const char *asset_of(const struct session *session, const struct system *s)
{
	const struct directory_host *host = directory_find(session->reg->directory, s->key);
	const struct entry *asset = host != NULL ? directory_host_asset(host) : NULL;

	return asset != NULL ? asset->id : "";
}

static void add_row(const struct session *session, struct table *t, const struct system *s)
{
	struct end end = end_of(s);
	struct shown shown = {.name = s->name, .address = s->address};

	if (!s->is_fold) {
		show_end(session, &end, &shown);
	}
	table_add_text(t, shown.address);
	table_add_text(t, shown.name);
	table_add_text(t, s->name_source != NAME_NONE ? name_source_name(s->name_source) : "");
	add_words(t, &s->names);
	add_words(t, &s->others);
	table_add_text(t, s->is_fold ? s->key : shown.zone);
	table_add_text(t, s->segment);
	table_add_text(t, show_place(session, s));
	show_count(t, s->systems);
	add_roles(t, s);
	add_words(t, &s->serves);
	show_count(t, s->sends.n);
	show_count(t, s->receives.n);
	show_count(t, s->empty_out);
	show_count(t, s->empty_in);
	show_count(t, s->unanswered_out);
	show_count(t, s->unanswered_in);
	table_add_text(t, s->mac_oui);
	table_add_time(t, s->first_us);
	table_add_time(t, s->last_us);
	table_add_text(t, s->is_fold ? "" : asset_of(session, s));
}

static void take_words(struct words *into, struct words *from)
{
	for (size_t i = 0; i < from->n; i++) {
		words_put(into, from->text[i]);
	}
	words_clear(from);
}

static struct system *find_fold(struct work *w, const char *zone, const struct system *first)
{
	struct system *fold;
	bool is_public = w->session->view == VIEW_PUBLIC;

	HASH_FIND_STR(w->folds, zone, fold);
	if (fold != NULL) {
		return fold;
	}
	fold = mem_zalloc(1, sizeof *fold);
	*fold = (struct system){
	        .key = mem_strdup(zone),
	        .segment = mem_strdup(""),
	        .address = mem_strdup(is_public ? "" : zone),
	        .name = mem_strdup(is_public ? zone : ""),
	        .mac_oui = mem_strdup(""),
	        .is_fold = true,
	        .first_us = first->first_us,
	        .last_us = first->last_us,
	};
	HASH_ADD_KEYPTR(hh, w->folds, fold->key, strlen(fold->key), fold);
	return fold;
}

/* Folds a host into the row of its zone. */
static void fold_system(struct work *w, struct system *s)
{
	struct end end = end_of(s);
	char zone[ZONE_MAX];
	struct system *fold = find_fold(w, end_zone(w->session, &end, zone), s);

	fold->systems += s->systems;
	fold->empty_out += s->empty_out;
	fold->empty_in += s->empty_in;
	fold->unanswered_out += s->unanswered_out;
	fold->unanswered_in += s->unanswered_in;
	fold->first_us = s->first_us < fold->first_us ? s->first_us : fold->first_us;
	fold->last_us = s->last_us > fold->last_us ? s->last_us : fold->last_us;
	role_join(&fold->deeds, &s->deeds);
	if (w->session->view != VIEW_PUBLIC) {
		take_words(&fold->serves, &s->serves);
	}
	take_words(&fold->sends, &s->sends);
	take_words(&fold->receives, &s->receives);
}

/* IG readers see systems by name, and people's machines, which mostly have none, only as part of
 * their zone. */
static bool is_folded(const struct session *s, const struct system *system)
{
	struct end end = end_of(system);
	struct shown shown;

	show_end(s, &end, &shown);
	return s->view == VIEW_PUBLIC ||
	       (s->view == VIEW_IG && !system->is_party && shown.name[0] == '\0');
}

static int compare_folds(const struct system *a, const struct system *b)
{
	return strcmp(a->key, b->key);
}

static struct table *make_table(struct work *w)
{
	struct table *t = table_new("hosts", columns, sizeof columns / sizeof columns[0]);
	struct system *s, *next;

	HASH_ITER(hh, w->systems, s, next)
	{
		if (is_wanted(w, s) && is_folded(w->session, s)) {
			fold_system(w, s);
		} else if (is_wanted(w, s)) {
			add_row(w->session, t, s);
		}
	}
	HASH_SORT(w->folds, compare_folds);
	HASH_ITER(hh, w->folds, s, next)
	{
		add_row(w->session, t, s);
	}
	return t;
}

static int list(struct session *s, struct filter *f)
{
	struct work w = {.session = s, .filter = f};
	struct register_state state = {0};
	int status = register_load(&state, s->options, REGISTER_READ);

	status = status != EXIT_DONE ? status : register_learn(&state, s);
	if (status != EXIT_DONE) {
		register_unload(&state);
		return status;
	}
	register_know(&state, f);
	if (store_each_host(s->store, see_host, &w) != 0 ||
	    store_each_exchange(s->store, &s->query, see_exchange, &w) != 0 ||
	    store_each_name(s->store, 0, see_name, &w) != 0) {
		status = session_complain(s);
	} else {
		status = session_answer(s, make_table(&w));
	}
	HASH_CLEAR(by_id, w.by_id);
	free_systems(&w.systems);
	free_systems(&w.folds);
	register_unload(&state);
	return status;
}

static int run(const struct options *o)
{
	return filter_answer(o, list);
}

const struct command command_hosts = {
        .name = "hosts",
        .summary = "systems seen: addresses, names and their sources, roles",
        .arguments = "",
        .usage = "Lists the systems that were seen: names, the roles they were seen in, what each\n"
                 "serves, and how many kinds of data it sends and receives. csv and json add all\n"
                 "names with the protocol each was learnt from, and the reason of each role.\n"
                 "--with and --zone choose systems; --from, --to and --kind those that take part\n"
                 "in such exchanges.\n\n"
                 "Examples:\n"
                 "  terrier hosts --zone Imaging\n"
                 "  terrier hosts --kind 'img.*' --view ig\n"
                 "  terrier hosts --with 10.77.1.0/24 --format csv\n",
        .takes = TAKES_OUTPUT | TAKES_FILTER | TAKES(OPTION_VIEW) | TAKES(OPTION_LIMIT) |
                 TAKES(OPTION_REGISTER) | TAKES(OPTION_PSEUDONYMS),
        .run = run,
};
