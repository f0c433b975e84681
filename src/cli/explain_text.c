/* What the explanations share: their table, lines that people can read, ids that people type. */
#include "terrier/cli/explain.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"
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

struct table *explain_table_new(void)
{
	return table_new("explain", columns, sizeof columns / sizeof columns[0]);
}

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
void explain_add_lines(const struct session *s, struct table *t, const char *part, const char *item,
                       const char *text, explain_finish_fn *finish, const void *context)
{
	bool is_broken = strcmp(s->format->name, "table") == 0;

	do {
		size_t len = is_broken ? line_len(text) : strlen(text);
		char *line = mem_printf("%.*s", (int)len, text);

		table_add_text(t, part);
		table_add_text(t, item);
		table_add_text(t, line);
		if (finish != NULL) {
			finish(t, context);
		} else {
			show_nothing(t, 3);
		}
		free(line);
		text += len;
		text += *text == ' ';
		part = item = "";
		finish = NULL;
	} while (*text != '\0');
}
