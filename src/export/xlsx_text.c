/* Texts for cells of a workbook: nothing in them may break its XML, be taken for an escape, or be
 * too long. */
#include "xlsx_text.h"

#include "terrier/base/mem.h"
#include "terrier/base/utf8.h"

#include <string.h>

#define CONTROL_PICTURES UINT32_C(0x2400)
#define ESCAPE_MAX       7 /* octets of "_x005F_" */

/* LibreOffice takes fewer digits than ECMA-376 asks for, too. */
static bool begins_escape(const char *text)
{
	return text[0] == '_' && text[1] == 'x';
}

/* Nothing to be done, as for nearly all texts. */
static bool is_plain(const char *text)
{
	const char *at = text;

	for (; *at >= ' ' && *at <= '~'; at++) {
		if (begins_escape(at)) {
			return false;
		}
	}
	return *at == '\0' && at - text <= XLSX_TEXT_MAX;
}

/* The character to be written; 0: none. */
static uint32_t replace(uint32_t code, const char *next)
{
	if (code == '\r') {
		return *next == '\n' ? 0 : '\n';
	}
	if (code < ' ' && code != '\t' && code != '\n') {
		return CONTROL_PICTURES + code;
	}
	return code == 0xfffe || code == 0xffff ? UTF8_REPLACEMENT : code;
}

const char *xlsx_text_clean(struct xlsx_text *t, const char *text, bool *is_cut)
{
	const size_t room_for_mark = XLSX_TEXT_MAX - (sizeof XLSX_TEXT_CUT - 1);
	size_t len = 0, fits = 0, units = 0;
	uint32_t code;

	*is_cut = false;
	if (is_plain(text)) {
		return text;
	}
	for (size_t n; (n = utf8_next(text, &code)) > 0 && units <= XLSX_TEXT_MAX; text += n) {
		if (t->room < len + ESCAPE_MAX + sizeof XLSX_TEXT_CUT) {
			t->room = 2 * t->room + 256;
			t->buffer = mem_resize(t->buffer, t->room, 1);
		}
		if (begins_escape(text)) {
			memcpy(t->buffer + len, "_x005F_", ESCAPE_MAX);
			len += ESCAPE_MAX;
			units += ESCAPE_MAX;
		} else if ((code = replace(code, text + n)) != 0) {
			len += utf8_put(code, t->buffer + len);
			units += code > 0xffff ? 2 : 1;
		}
		fits = units <= room_for_mark ? len : fits;
	}
	if (units > XLSX_TEXT_MAX) {
		*is_cut = true;
		memcpy(t->buffer + fits, XLSX_TEXT_CUT, sizeof XLSX_TEXT_CUT);
	} else {
		t->buffer[len] = '\0';
	}
	return t->buffer;
}

/* Most of all characters are ASCII, and this is asked of each. */
static size_t next_columns(const char *text, size_t *len)
{
	uint32_t code;

	if (*text >= ' ' && *text <= '~') {
		*len = 1;
		return 1;
	}
	*len = utf8_next(text, &code);
	return code == '\n' ? 0 : (size_t)utf8_columns(code);
}

size_t xlsx_text_size(const char *text, size_t most, size_t *lines)
{
	size_t width = 0, widest = 0;

	*lines = 1;
	for (size_t len; *text != '\0'; text += len) {
		size_t columns = next_columns(text, &len);

		if (*text == '\n' || width + columns > most) {
			++*lines;
			width = 0;
		}
		width += columns;
		widest = width > widest ? width : widest;
	}
	return widest;
}
