/* Lines of text protocols in HTTP's manner. */
#include "field.h"

#include "terrier/base/text.h"

#include <string.h>

#define PRODUCT_MAX 32

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

size_t field_line(struct cursor bytes, size_t max, bool *is_cut)
{
	size_t left = cur_left(&bytes) < max ? cur_left(&bytes) : max;
	const uint8_t *end = memchr(bytes.p, '\n', left);
	size_t len = end != NULL ? (size_t)(end - bytes.p) : left;

	*is_cut = end == NULL;
	return len - (end != NULL && len > 0 && bytes.p[len - 1] == '\r');
}

size_t field_method(const char *line, size_t len, const char *const *methods)
{
	if (len == 0 || line[0] < 'A' || line[0] > 'Z') { /* recognisers ask this of every flow */
		return 0;
	}
	for (; *methods != NULL; methods++) {
		size_t n = strlen(*methods);

		if (len > n && memcmp(line, *methods, n) == 0) {
			return n;
		}
	}
	return 0;
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

bool field_is(const struct field *f, const char *name)
{
	return f->name_len == strlen(name) && text_begins(f->name, f->name_len, name);
}

size_t field_product(const char *value, size_t len)
{
	size_t n = 0;

	while (n < len && n < PRODUCT_MAX &&
	       (((value[n] | 0x20) >= 'a' && (value[n] | 0x20) <= 'z') || value[n] == '-' ||
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
