/* Characters of UTF-8 texts, for those who write and measure them. */
#include "terrier/base/utf8.h"

#include <wchar.h>

static bool is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t utf8_next(const char *text, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)text[0];
	size_t len = first < 0x80   ? 1
	             : first < 0xc0 ? 0
	             : first < 0xe0 ? 2
	             : first < 0xf0 ? 3
	             : first < 0xf8 ? 4
	                            : 0;
	uint32_t value = len <= 1 ? first : first & (0x7fu >> len);

	*code = UTF8_REPLACEMENT;
	if (len == 0) {
		return 1;
	}
	for (size_t i = 1; i < len; i++) {
		if (!is_tail(text[i])) {
			return 1;
		}
		value = value << 6 | ((unsigned char)text[i] & 0x3fu);
	}
	if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
		return 1;
	}
	*code = value;
	return value == 0 ? 0 : len;
}

size_t utf8_put(uint32_t code, char out[UTF8_MAX])
{
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = len - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	out[0] = (char)(lead[len] | code);
	out[len] = '\0';
	return len;
}

int utf8_columns(uint32_t code)
{
	int columns = wcwidth((wchar_t)code);

	return columns >= 0 ? columns : 1;
}

/* C0, DEL, C1; U+2028 to U+202E and U+2066 to U+2069 (Unicode Bidirectional Algorithm, 2). */
bool utf8_is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f;
}
