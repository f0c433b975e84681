/* Texts of a settings file: what they must look like, and what was probably meant. */
#include "terrier/daemon/value.h"

#include "terrier/base/addr.h"
#include "terrier/base/text.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS   "0123456789"
#define LOWER    "abcdefghijklmnopqrstuvwxyz"
#define WORD_MAX 40 /* of words that are compared */
#define USER_MAX 32 /* useradd(8) */

bool value_parse_number(const char *text, uint64_t *out)
{
	size_t len = strlen(text);

	if (len == 0 || len > 19 || strspn(text, DIGITS) != len) {
		return false;
	}
	*out = strtoull(text, NULL, 10);
	return true;
}

bool value_parse_size(const char *text, uint64_t *out)
{
	static const char units[] = "KMGT";
	size_t len = strspn(text, DIGITS);
	char number[20];
	uint64_t value;
	int shift = 0;

	if (len >= sizeof number) {
		return false;
	}
	text_copy(number, sizeof number, text, len);
	if (!value_parse_number(number, &value)) {
		return false;
	}
	if (text[len] != '\0') {
		const char *unit = strchr(units, text[len] & ~0x20);

		if (unit == NULL || *unit == '\0' || text[len + 1] != '\0') {
			return false;
		}
		shift = 10 * (int)(unit - units + 1);
	}
	if (value > UINT64_MAX >> shift) {
		return false;
	}
	*out = value << shift;
	return true;
}

bool value_is_interface(const char *text)
{
	return text[0] != '\0' && strlen(text) < IF_NAMESIZE && strpbrk(text, "/ \t") == NULL &&
	       value_is_label(text);
}

bool value_is_account(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= USER_MAX && strchr(DIGITS "-", text[0]) == NULL &&
	       strspn(text, LOWER DIGITS "_-") == len;
}

bool value_is_word(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= WORD_MAX && strspn(text, LOWER DIGITS "_-") == len;
}

bool value_is_label(const char *text)
{
	enum text_fault fault = text_check(text, strlen(text), TEXT_MAX);

	return fault != TEXT_EMPTY && fault != TEXT_TOO_LONG && fault != TEXT_NOT_PRINTABLE &&
	       strpbrk(text, ",;#[]\"") == NULL;
}

bool value_is_path(const char *text)
{
	return text[0] == '/' && strpbrk(text, "?#\"\\") == NULL &&
	       text_check(text, strlen(text), TEXT_MAX) == TEXT_OK;
}

bool value_is_filter(const char *text)
{
	return text_check(text, strlen(text), SIZE_MAX) != TEXT_NOT_PRINTABLE;
}

bool value_suggest_network(const char *text, char *out, size_t size)
{
	const char *slash = strchr(text, '/');
	char address[ADDR_TEXT_MAX], network[PREFIX_TEXT_MAX];
	struct prefix meant;
	struct addr addr;
	uint64_t bits;

	if (slash == NULL || (size_t)(slash - text) >= sizeof address) {
		return false;
	}
	text_copy(address, sizeof address, text, (size_t)(slash - text));
	if (!addr_parse(address, &addr) || !value_parse_number(slash + 1, &bits) || bits > 128) {
		return false;
	}
	if (strchr(address, ':') == NULL) {
		bits += 96;
	}
	if (bits > 128) {
		return false;
	}
	meant = prefix_of(&addr, (uint8_t)bits);
	snprintf(out, size, "%s", prefix_format(&meant, network));
	return true;
}

size_t value_distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], len_a = strlen(a), len_b = strlen(b);

	if (len_a > WORD_MAX || len_b > WORD_MAX) {
		return SIZE_MAX;
	}
	for (size_t j = 0; j <= len_b; j++) {
		row[j] = j;
	}
	for (size_t i = 1; i <= len_a; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len_b; j++) {
			size_t change = diagonal + (a[i - 1] != b[j - 1]);
			size_t remove = row[j] + 1, insert = row[j - 1] + 1;
			size_t step = remove < insert ? remove : insert;

			diagonal = row[j];
			row[j] = change < step ? change : step;
		}
	}
	return row[len_b];
}

char *value_quote(const char *text, char *out, size_t size)
{
	size_t len = text_copy(out, size, text, strlen(text));

	if (text_check(out, len, SIZE_MAX) == TEXT_NOT_PRINTABLE) {
		for (size_t i = 0; i < len; i++) {
			out[i] = out[i] < 0x20 || out[i] > 0x7e ? '?' : out[i];
		}
	}
	return out;
}
