/* What an IPP request is (RFC 8010, 8011): which printer it is for, and whether it prints or asks.
 * Names of jobs, documents and users pass unread. */
#include "http.h"

#include "terrier/base/text.h"

#include <string.h>

enum { TAG_FIRST_VALUE = 0x10, TAG_URI = 0x45 };

/* Operations that bring information to the client (RFC 8011 5.4.15, IANA; CUPS's own begin at
 * 0x4000). */
static bool is_query(uint16_t operation)
{
	static const uint16_t queries[] = {0x0004, 0x0009, 0x000a, 0x000b, 0x0015,
	                                   0x0018, 0x0019, 0x001c, 0x4001, 0x4002,
	                                   0x4005, 0x400b, 0x400c, 0x400f, 0x4027};

	for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
		if (queries[i] == operation) {
			return true;
		}
	}
	return false;
}

static bool is_queue_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

/* The printer's name in `ipp://host/printers/NAME` (CUPS, Windows); a printer of its own is but
 * `/ipp/print`. */
static void queue_take(char out[ACTION_MAX], const char *uri, size_t len)
{
	static const char *const folders[] = {"/printers/", "/classes/", "/ipp/print/"};

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		const char *at = memmem(uri, len, folders[i], strlen(folders[i]));
		size_t n = 0, left;

		if (at == NULL) {
			continue;
		}
		at += strlen(folders[i]);
		left = len - (size_t)(at - uri);
		while (n < left && is_queue_char(at[n])) {
			n++;
		}
		if (n > 0 && n <= TEXT_MAX && (n == left || at[n] == '/')) {
			text_copy(out, ACTION_MAX, at, n);
		}
		return;
	}
}

enum info_direction http_ipp(char out[ACTION_MAX], const char *body, size_t len)
{
	struct cursor c = cur_make(body, len);

	out[0] = '\0';
	cur_skip(&c, 2);
	enum info_direction direction = is_query(cur_u16(&c)) ? INFO_S2C : INFO_C2S;

	if (c.bad) {
		return INFO_MSG;
	}
	cur_skip(&c, 5); /* request id and the tag of the first group */
	while (!c.bad && cur_left(&c) > 0) {
		uint8_t tag = cur_u8(&c);
		struct cursor name = cur_sub(&c, cur_u16(&c));
		struct cursor value = cur_sub(&c, cur_u16(&c));

		if (tag < TAG_FIRST_VALUE || value.bad) {
			break;
		}
		if (tag == TAG_URI && cur_left(&name) == 11 && cur_is(&name, "printer-uri", 11)) {
			queue_take(out, (const char *)value.p, cur_left(&value));
			break;
		}
	}
	return direction;
}
