/* Characters of UTF-8 texts, for those who write and measure them. */
#include "terrier/base/utf8.h"

#include <string.h>
#include <wchar.h>

/* Octets that a lead octet announces, 0 for one that cannot lead. */
static size_t sequence_length(unsigned char lead)
{
	return lead < 0x80   ? 1
	       : lead < 0xc0 ? 0
	       : lead < 0xe0 ? 2
	       : lead < 0xf0 ? 3
	       : lead < 0xf8 ? 4
	                     : 0;
}

size_t utf8_decode(const char *text, size_t len, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char lead = (unsigned char)text[0];
	size_t n = sequence_length(lead);
	uint32_t value = n <= 1 ? lead : lead & (0x7fu >> n);

	*code = UTF8_REPLACEMENT;
	if (n == 0 || n > len) {
		return 1;
	}
	for (size_t i = 1; i < n; i++) {
		unsigned char tail = (unsigned char)text[i];

		if ((tail & 0xc0) != 0x80) {
			return 1;
		}
		value = value << 6 | (tail & 0x3fu);
	}
	if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
		return 1;
	}
	*code = value;
	return n;
}

size_t utf8_next(const char *text, uint32_t *code)
{
	if (text[0] == '\0') {
		*code = 0;
		return 0;
	}
	return utf8_decode(text, strnlen(text, UTF8_MAX - 1), code);
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
