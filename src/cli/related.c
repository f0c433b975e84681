/* Which exchanges belong together though they are connections of their own: a C-MOVE asks one
 * system to send objects to another, and these travel on an association that the asked one opens.
 */
#include "terrier/cli/related.h"

#include "terrier/base/mem.h"
#include "terrier/cli/show.h"
#include "terrier/dissect.h"

#include <stdlib.h>
#include <string.h>

#define TITLES_MAX 16 /* different AE titles of one host, or in one exchange, that are looked at   \
	               */
#define TITLE_ROOM 17

struct titles {
	char text[TITLES_MAX][TITLE_ROOM];
	size_t n;
};

/* A DICOM exchange and the titles it names. */
struct candidate {
	char id[DIGEST_ID_MAX];
	char *segment, *source, *destination; /* addresses */
	char *ends;                           /* for people */
	struct titles move_to, moved_for;
};

struct search {
	struct session *session;
	struct candidate *all;
	size_t n;
	struct titles *titles; /* being gathered */
	const char *segment, *address;
	int64_t host;
};

static void titles_add(struct titles *t, const char *text)
{
	size_t len = strlen(text);

	if (t->n < TITLES_MAX && len < TITLE_ROOM) {
		text_copy(t->text[t->n++], TITLE_ROOM, text, len);
	}
}

static bool titles_meet(const struct titles *a, const struct titles *b)
{
	for (size_t i = 0; i < a->n; i++) {
		for (size_t j = 0; j < b->n; j++) {
			if (strcmp(a->text[i], b->text[j]) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* The value of a fact, when it has this word. */
static const char *fact_value(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text, word, len) == 0 && text[len] == ' ' ? text + len + 1 : NULL;
}

static bool see_fact(void *context, const struct evidence_row *row)
{
	struct candidate *c = context;
	const char *to = fact_value(row->text, FACT_MOVE_DESTINATION);
	const char *by = fact_value(row->text, FACT_MOVE_ORIGINATOR);

	if (row->type == EVIDENCE_OTHER && to != NULL) {
		titles_add(&c->move_to, to);
	} else if (row->type == EVIDENCE_OTHER && by != NULL) {
		titles_add(&c->moved_for, by);
	}
	return true;
}

static bool see_exchange(void *context, const struct exchange_row *row)
{
	struct search *find = context;
	struct end source = end_source(row), destination = end_destination(row);
	struct shown from, to;
	struct candidate *c;

	if (strncmp(row->protocol, "DICOM", 5) != 0) {
		return true;
	}
	show_end(find->session, &source, &from);
	show_end(find->session, &destination, &to);
	find->all = mem_resize(find->all, find->n + 1, sizeof *find->all);
	c = &find->all[find->n++];
	*c = (struct candidate){
	        .segment = mem_strdup(row->segment),
	        .source = mem_strdup(row->source_address),
	        .destination = mem_strdup(row->destination_address),
	        .ends = mem_printf("%s, %s to %s", row->id, shown_label(&from), shown_label(&to)),
	};
	memcpy(c->id, row->id, sizeof c->id);
	return true;
}

static bool see_host(void *context, const struct host_row *row)
{
	struct search *find = context;

	if (strcmp(row->address, find->address) == 0 && strcmp(row->segment, find->segment) == 0) {
		find->host = row->id;
	}
	return find->host == 0;
}

static bool see_name(void *context, const struct name_row *row)
{
	struct search *find = context;

	if (row->source == NAME_AE_TITLE) {
		titles_add(find->titles, row->name);
	}
	return true;
}

/* The AE titles of a host. */
static int titles_of(struct search *find, const char *segment, const char *address,
                     struct titles *out)
{
	struct store *store = find->session->store;

	out->n = 0;
	find->titles = out;
	find->segment = segment;
	find->address = address;
	find->host = 0;
	if (store_each_host(store, see_host, find) != 0) {
		return -1;
	}
	return find->host != 0 ? store_each_name(store, find->host, see_name, find) : 0;
}

/* True when `move` has the objects sent that travel in `objects`: the same system sends both, the
 * objects go to a host of the title that the request names, and name the title of the host that
 * asked. */
static int caused(struct search *find, const struct candidate *move,
                  const struct candidate *objects, bool *is_so)
{
	struct titles asks, gets;

	*is_so = false;
	if (move->move_to.n == 0 || objects->moved_for.n == 0 ||
	    strcmp(move->source, objects->source) != 0 ||
	    strcmp(move->segment, objects->segment) != 0) {
		return 0;
	}
	if (titles_of(find, move->segment, move->destination, &asks) != 0 ||
	    titles_of(find, objects->segment, objects->destination, &gets) != 0) {
		return -1;
	}
	*is_so = titles_meet(&asks, &objects->moved_for) && titles_meet(&gets, &move->move_to);
	return 0;
}

static bool is_same_pair(const struct candidate *a, const struct candidate *b)
{
	return strcmp(a->source, b->source) == 0 && strcmp(a->destination, b->destination) == 0;
}

/* Tells of those that fit, if they are all between the same hosts. */
static void tell(struct table *t, struct candidate *const *fit, size_t n, const char *item)
{
	for (size_t i = 1; i < n; i++) {
		if (!is_same_pair(fit[0], fit[i])) {
			show_fact(t, "related", item,
			          "not clear: exchanges of more than one pair of systems fit");
			return;
		}
	}
	for (size_t i = 0; i < n; i++) {
		show_fact(t, "related", item, fit[i]->ends);
	}
}

static int look_for(struct search *find, struct table *t, const struct candidate *self,
                    bool is_move)
{
	struct candidate **fit = mem_zalloc(find->n, sizeof(struct candidate *));
	size_t n = 0;
	int result = 0;

	for (size_t i = 0; i < find->n && result == 0; i++) {
		struct candidate *other = &find->all[i];
		bool is_so = false;

		result = is_move ? caused(find, self, other, &is_so)
		                 : caused(find, other, self, &is_so);
		if (is_so && strcmp(other->id, self->id) != 0) {
			fit[n++] = other;
		}
	}
	if (result == 0) {
		tell(t, fit, n, is_move ? "moves to" : "moved by");
	}
	free(fit);
	return result;
}

static int relate(struct search *find, struct table *t, const char *exchange_id)
{
	struct store *store = find->session->store;
	struct store_query all = {0};
	struct candidate own = {.id = ""};
	int result = store_each_evidence(store, exchange_id, see_fact, &own);

	if (result == 0 && own.move_to.n + own.moved_for.n > 0) {
		result = store_each_exchange(store, &all, see_exchange, find);
	}

	for (size_t i = 0; i < find->n && result == 0; i++) {
		result = store_each_evidence(store, find->all[i].id, see_fact, &find->all[i]);
	}
	for (size_t i = 0; i < find->n && result == 0; i++) {
		const struct candidate *self = &find->all[i];

		if (strcmp(self->id, exchange_id) != 0) {
			continue;
		}
		result = self->move_to.n > 0 ? look_for(find, t, self, true) : 0;
		result = result == 0 && self->moved_for.n > 0 ? look_for(find, t, self, false)
		                                              : result;
	}
	return result;
}

int related_add(struct session *s, struct table *t, const char *exchange_id)
{
	struct search find = {.session = s};
	int result = relate(&find, t, exchange_id);

	for (size_t i = 0; i < find.n; i++) {
		free(find.all[i].segment);
		free(find.all[i].source);
		free(find.all[i].destination);
		free(find.all[i].ends);
	}
	free(find.all);
	return result;
}
