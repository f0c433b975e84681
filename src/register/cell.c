/* Cells as people leave them in spreadsheets, brought into the one spelling that is kept. */
#include "cell.h"

#include "terrier/base/text.h"
#include "terrier/base/utf8.h"

#include <string.h>

static size_t blank_at(const char *text, size_t len)
{
	if (len > 0 && strchr(" \t\r\n", text[0]) != NULL && text[0] != '\0') {
		return 1;
	}
	return len > 1 && memcmp(text, "\xc2\xa0", 2) == 0 ? 2 : 0; /* no-break space */
}

static size_t blank_before(const char *end, size_t len)
{
	return blank_at(end - 1, len > 0) == 1 ? 1 : len > 1 && blank_at(end - 2, 2) == 2 ? 2 : 0;
}

static const char *trim(const char *text, size_t *len)
{
	for (size_t n; (n = blank_at(text, *len)) > 0; *len -= n) {
		text += n;
	}
	for (size_t n; *len > 0 && (n = blank_before(text + *len, *len)) > 0;) {
		*len -= n;
	}
	return text;
}

const char *cell_bare(const char *text, size_t *len)
{
	text = trim(text, len);
	/* again after a blank that stood behind the apostrophe: what is written is what is read */
	while (*len > 1 && text[0] == '\'' && strchr("=+-@\t\r", text[1]) != NULL &&
	       text[1] != '\0') {
		*len -= 1;
		text = trim(text + 1, len);
	}
	return text;
}

static struct spot spot_of(const struct cell *c, const char *text, size_t len)
{
	return (struct spot){c->line, c->column->name, text, len};
}

static bool check_characters(const struct cell *c, const char *text, size_t len)
{
	size_t n;
	uint32_t code;

	for (size_t at = 0; at < len; at += n) {
		n = utf8_decode(text + at, len - at, &code);
		if (utf8_is_control(code) && code != '\t' && code != '\r' && code != '\n') {
			complaints_add(c->complaints, spot_of(c, text, len),
			               "character U+%04X in it does not print: type the cell again",
			               (unsigned)code);
			return false;
		}
	}
	return true;
}

/* Text of several lines keeps them, each ended by LF. */
static bool take_text(struct cell *c, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\r') {
			c->text[c->len++] = text[i];
		} else if (i + 1 == len || text[i + 1] != '\n') {
			c->text[c->len++] = '\n';
		}
	}
	c->text[c->len] = '\0';
	return true;
}

static bool is_list(enum cell_type type)
{
	static const bool lists[] = {
	        [CELL_LIST] = true,      [CELL_WORDS] = true,     [CELL_NETWORKS] = true,
	        [CELL_MACS] = true,      [CELL_GLOBS] = true,     [CELL_SUFFIXES] = true,
	        [CELL_AE_TITLES] = true, [CELL_HL7_APPS] = true,  [CELL_PORTS] = true,
	        [CELL_KINDS] = true,     [CELL_PROTOCOLS] = true, [CELL_FLAG] = false,
	};

	return lists[type];
}

static bool take_item(struct cell *c, const char *text, size_t len)
{
	char copy[ENTRY_CELL_MAX + 1];
	size_t comma = c->len > 0;
	const char *bare = cell_bare(text, &len);
	struct item item = {c, bare, len, c->text + c->len + comma,
	                    sizeof c->text - c->len - comma};

	if (len == 0) {
		return true;
	}
	text_copy(copy, sizeof copy, bare, len);
	if (!item_read(&item, copy)) {
		return false;
	}
	if (item.out[0] != '\0') {
		if (comma > 0) {
			c->text[c->len] = ';';
		}
		c->len += comma + strlen(item.out);
	}
	return true;
}

static bool take_list(struct cell *c, const char *text, size_t len)
{
	bool is_good = true;

	for (size_t at = 0, n; at < len; at += n + 1) {
		n = 0;
		while (at + n < len && strchr(";\r\n", text[at + n]) == NULL) {
			n++;
		}
		is_good &= take_item(c, text + at, n);
	}
	c->text[c->len] = '\0';
	return is_good;
}

bool cell_read(struct cell *c, const struct entry_column *column, const char *text, size_t len)
{
	c->column = column;
	c->len = 0;
	c->text[0] = '\0';
	text = cell_bare(text, &len);
	if (len > ENTRY_CELL_MAX) {
		complaints_add(c->complaints, (struct spot){.line = c->line, .column = column->name},
		               "cell of %zu characters, allowed: %d", len, ENTRY_CELL_MAX);
		return false;
	}
	if (!check_characters(c, text, len)) {
		return false;
	}
	if (column->type == CELL_TEXT) {
		return take_text(c, text, len);
	}
	return is_list(column->type) ? take_list(c, text, len) : take_item(c, text, len);
}
