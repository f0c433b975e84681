/* Lines of text protocols in HTTP's manner. */
#include "field.h"

#include <string.h>

#define PRODUCT_MAX 32

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool field_split(const char *line, size_t len, struct field *out)
{
	const char *colon = memchr(line, ':', len);

	if (colon == NULL) {
		return false;
	}
	*out = (struct field){line, colon + 1, (size_t)(colon - line),
	                      len - (size_t)(colon - line) - 1};
	while (out->name_len > 0 && is_blank(line[out->name_len - 1])) {
		out->name_len--;
	}
	for (; out->value_len > 0 && is_blank(*out->value); out->value++, out->value_len--) {
	}
	return out->name_len > 0;
}

bool field_starts(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	if (n > len) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (lower(text[i]) != word[i]) {
			return false;
		}
	}
	return true;
}

bool field_is(const struct field *f, const char *name)
{
	return f->name_len == strlen(name) && field_starts(f->name, f->name_len, name);
}

size_t field_product(const char *value, size_t len)
{
	size_t n = 0;

	while (n < len && n < PRODUCT_MAX &&
	       ((lower(value[n]) >= 'a' && lower(value[n]) <= 'z') || value[n] == '-' ||
	        value[n] == '.')) {
		n++;
	}
	return n;
}

uint32_t field_number(const char *text, size_t len)
{
	uint32_t value = 0;

	for (size_t i = 0; i < len && i < 9 && text[i] >= '0' && text[i] <= '9'; i++) {
		value = value * 10 + (uint32_t)(text[i] - '0');
	}
	return value;
}
