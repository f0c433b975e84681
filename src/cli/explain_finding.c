/* One finding in full: the rule in words, what was observed, and each exchange it rests on. */
#include "terrier/cli/explain.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/cli/command.h"
#include "terrier/cli/findings.h"
#include "terrier/cli/show.h"

#include <stdlib.h>
#include <string.h>

#define LINE 48 /* characters of a text on a line: with what stands before it, it fits 80 columns  \
	         */

static const struct table_column columns[] = {
        {"part", "About", TABLE_TEXT},    {"item", "Item", TABLE_TEXT},
        {"value", "Value", TABLE_TEXT},   {"count", NULL, TABLE_INTEGER},
        {"first_seen", NULL, TABLE_TIME}, {"last_seen", NULL, TABLE_TIME},
};

struct work {
	struct session *session;
	struct table *table;
	const struct finder *finder;
	size_t number;
	const struct finding *finding;
};

bool explain_is_beginning(const char *text, const char *id, bool is_letter_needed)
{
	bool has_letter = (text[0] == id[0] || text[0] == id[0] + 'a' - 'A') && text[1] == '-';
	const char *rest = has_letter ? text + 2 : text;
	char start[DIGEST_ID_MAX - 2]; /* what follows the letter and the hyphen */
	size_t len = strlen(rest);

	if (len == 0 || len >= sizeof start || (is_letter_needed && !has_letter)) {
		return false;
	}
	text_copy(start, sizeof start, id + 2, strnlen(id + 2, len));
	return text_casecmp(start, rest) == 0;
}

/* Where the next line of `text` ends: before the last space that fits, else as a whole. */
static size_t line_len(const char *text)
{
	size_t len = strlen(text), at = LINE;

	if (len <= LINE) {
		return len;
	}
	while (at > 0 && text[at] != ' ') {
		at--;
	}
	return at > 0 ? at : strcspn(text, " ");
}

/* Lines of a text: a table for people would cut it. The last cells of the first line are the
 * caller's to fill. */
static void add_lines(struct work *w, const char *part, const char *item, const char *text,
                      void (*finish)(struct table *t, const void *context), const void *context)
{
	bool is_broken = strcmp(w->session->format->name, "table") == 0;

	do {
		size_t len = is_broken ? line_len(text) : strlen(text);
		char *line = mem_printf("%.*s", (int)len, text);

		table_add_text(w->table, part);
		table_add_text(w->table, item);
		table_add_text(w->table, line);
		if (finish != NULL) {
			finish(w->table, context);
		} else {
			show_nothing(w->table, 3);
		}
		free(line);
		text += len;
		text += *text == ' ';
		part = item = "";
		finish = NULL;
	} while (*text != '\0');
}

static void add_text(struct work *w, const char *part, const char *item, const char *text)
{
	add_lines(w, part, item, text, NULL, NULL);
}

static void add_rule(struct work *w)
{
	const struct finding *f = w->finding;
	const struct finding_rule *r = f->rule;

	show_fact(w->table, "finding", "id", f->id);
	add_text(w, "finding", "title", r->title);
	show_fact(w->table, "finding", "severity", severity_name(r->severity));
	show_fact(w->table, "finding", "confidence", confidence_name(f->confidence));
	show_fact(w->table, "finding", "category", r->category);
	show_fact(w->table, "finding", "status", "open");
	show_fact(w->table, "finding", "rule", r->id);
	add_text(w, "finding", "about", f->subject);
	add_text(w, "finding", "observed", f->observed);
	add_text(w, "finding", "why it matters", r->why);
	add_text(w, "finding", "what to do", r->action);
	add_text(w, "finding", "control references", r->control_refs);
	if (f->limits[0] != '\0') {
		add_text(w, "limit", "rule", f->limits);
	}
}

static void finish_seen(struct table *t, const void *context)
{
	const struct finding *f = context;

	show_count(t, f->occurrences);
	table_add_time(t, f->first_us);
	table_add_time(t, f->last_us);
}

static void add_seen(struct work *w)
{
	const struct finding *f = w->finding;
	char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];
	char *text = mem_printf("%s to %s", clock_format(f->first_us, first),
	                        clock_format(f->last_us, last));

	add_lines(w, "finding", "seen", text, finish_seen, f);
	free(text);
}

static void finish_exchange(struct table *t, const void *context)
{
	const struct exchange_row *row = context;

	show_count(t, row->connections);
	table_add_time(t, row->first_us);
	table_add_time(t, row->last_us);
}

static bool see_exchange(void *context, const struct exchange_row *row)
{
	struct work *w = context;
	struct end source = end_source(row), destination = end_destination(row);
	struct shown from, to;
	char *port, *text;

	if (!finder_rests_on(w->finder, w->number, row->id)) {
		return true;
	}
	show_end(w->session, &source, &from);
	show_end(w->session, &destination, &to);
	port = show_port(row->ip_protocol, row->server_port);
	text = mem_printf("%s %s %s, %s, %s %s", shown_label(&from), row->is_both ? "↔" : "→",
	                  shown_label(&to), show_kind(w->session, row->kind_id), row->protocol,
	                  port);
	add_lines(w, "exchange", row->id, text, finish_exchange, row);
	free(port);
	free(text);
	return true;
}

static int answer(struct session *s, const struct finder *finder, size_t number)
{
	struct work w = {.session = s,
	                 .finder = finder,
	                 .number = number,
	                 .finding = finder_get(finder, number)};

	w.table = table_new("explain", columns, sizeof columns / sizeof columns[0]);
	add_rule(&w);
	add_seen(&w);
	if (store_each_exchange(s->store, &s->query, see_exchange, &w) != 0) {
		table_free(w.table);
		return session_complain(s);
	}
	return session_answer(s, w.table);
}

static int find_and_answer(struct session *s, const struct finder *finder, const char *wanted)
{
	size_t found = 0, n = 0;

	for (size_t i = 0; i < finder_count(finder); i++) {
		if (explain_is_beginning(wanted, finder_get(finder, i)->id, true)) {
			found = i;
			n++;
		}
	}
	if (n == 0) {
		return complain(EXIT_CALLER,
		                "id %s: no such finding in %s: terrier findings lists the ids",
		                wanted, options_database(s->options));
	}
	if (n > 1) {
		return complain(EXIT_CALLER,
		                "id %s: %zu findings begin like this: write more of it", wanted, n);
	}
	return answer(s, finder, found);
}

int explain_finding(struct session *s, const char *wanted)
{
	struct register_state state = {0};
	struct finder *finder;
	int status;

	if (s->view == VIEW_PUBLIC) {
		return complain(
		        EXIT_CALLER,
		        "option --view: public tells no single finding: write network or ig");
	}
	status = findings_of(&state, s, NULL, &finder);
	status = status == EXIT_DONE ? find_and_answer(s, finder, wanted) : status;
	finder_free(finder);
	register_unload(&state);
	return status;
}
