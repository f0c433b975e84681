/* A group in words: who, by what, what kind of data, how much. */
#include "group.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN  5  /* of a list; the rest is counted */
#define LISTED 32 /* ids of a cell */

void words_add(struct word **words, const char *text, uint64_t count)
{
	struct word *word;

	HASH_FIND_STR(*words, text, word);
	if (word == NULL) {
		word = mem_zalloc(1, sizeof *word);
		word->text = mem_strdup(text);
		HASH_ADD_KEYPTR(hh, *words, word->text, strlen(word->text), word);
	}
	word->count = count > UINT64_MAX - word->count ? UINT64_MAX : word->count + count;
}

void words_free(struct word **words)
{
	struct word *word, *next;

	HASH_ITER(hh, *words, word, next)
	{
		HASH_DEL(*words, word);
		free(word->text);
		free(word);
	}
}

/* "; clients a, b, c and 3 more". Titles have commas of their own: `is_quoted`. */
static void put_list(FILE *out, const char *one, const char *many, const struct word *words,
                     bool is_quoted)
{
	size_t n = HASH_COUNT(words), i = 0;

	if (n == 0) {
		return;
	}
	fprintf(out, "%s%s", ftell(out) > 0 ? "; " : "", n == 1 ? one : many);
	for (const struct word *w = words; w != NULL && i < SHOWN; w = w->hh.next, i++) {
		fprintf(out, is_quoted ? "%s‘%s’" : "%s%s", i > 0 ? ", " : "", w->text);
		if (w->count > 1) {
			fprintf(out, " ×%" PRIu64, w->count);
		}
	}
	if (n > SHOWN) {
		fprintf(out, " and %zu more", n - SHOWN);
	}
}

static const char *clear_words(const struct group *g)
{
	return g->was_clear && g->was_encrypted ? "; partly encrypted"
	       : g->was_clear                   ? "; in clear"
	       : g->was_encrypted               ? "; encrypted"
	                                        : "";
}

static void put_check(FILE *out, const struct group *g, const struct finding_watch *watch)
{
	const struct finding_rule *r = g->finding.rule;
	char since[CLOCK_TEXT_MAX];

	if (r->check == CHECK_UNIDENTIFIED) {
		fprintf(out, "; %.1f%% of all payload were not identified",
		        100.0 * (double)watch->unknown_bytes / (double)watch->payload_bytes);
	} else if (r->check == CHECK_NO_BACKUP) {
		fprintf(out, "; no backup or storage traffic seen since %.10s",
		        clock_format(watch->last_us - r->parameter * CLOCK_DAY_US, since));
	} else if (r->check == CHECK_NEW_PARTY) {
		fprintf(out, "; first seen %.10s", clock_format(g->finding.first_us, since));
	}
}

char *group_tell(const struct group *g, const struct finding_watch *watch)
{
	char bytes[TEXT_BYTES_MAX], *text = NULL;
	uint64_t connections = g->finding.occurrences;
	size_t size = 0, n = g->finding.n_exchanges;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		return mem_strdup("");
	}
	put_list(out, "", "systems ", g->systems, false);
	put_list(out, "server ", "servers ", g->servers, false);
	put_list(out, "client ", "clients ", g->clients, false);
	put_list(out, "", "", g->ways, false);
	put_list(out, "", "", watch->is_public ? NULL : g->protocols, false);
	put_list(out, "", "", g->kinds, true);
	fputs(clear_words(g), out);
	put_list(out, "", "", watch->is_public ? NULL : g->facts, true);
	put_list(out, "", "", g->reasons, false);
	put_check(out, g, watch);
	if (n > 0) {
		fprintf(out, "; %" PRIu64 " connection%s in %zu exchange%s, %s", connections,
		        connections == 1 ? "" : "s", n, n == 1 ? "" : "s",
		        text_bytes(g->bytes < INT64_MAX ? (int64_t)g->bytes : INT64_MAX, bytes));
	}
	fclose(out);
	return text;
}

char *group_join(const struct word *words)
{
	size_t n = HASH_COUNT(words), i = 0, size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		return mem_strdup("");
	}
	for (const struct word *w = words; w != NULL && i < LISTED; w = w->hh.next, i++) {
		fprintf(out, "%s%s", i > 0 ? "; " : "", w->text);
	}
	if (n > LISTED) {
		fprintf(out, "; + %zu more", n - LISTED);
	}
	fclose(out);
	return text;
}

char *group_limits(const struct group *g, const struct finding_watch *watch)
{
	const struct finding_rule *r = g->finding.rule;
	bool needs_own = r->place == PLACE_INSIDE || r->place == PLACE_OUTSIDE ||
	                 r->place == PLACE_ELSEWHERE;
	const char *own = needs_own && !watch->own_is_set
	                          ? "Inside and outside are not configured and were guessed from "
	                            "the address ranges."
	                          : "";

	return mem_printf("%s%s%s", r->limits, r->limits[0] != '\0' && own[0] != '\0' ? " " : "",
	                  own);
}
