/* Host names from the network: which part of them may be kept. Shared by the dissectors that learn
 * names. */
#include "host.h"

#include <stdbool.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A label that was made by a machine or for a person rather than chosen for a system: six digits in
 * a row (a record number), letters and digits in a jumble (a UUID, a session), or too long for a
 * word. */
static bool label_is_token(const char *label, size_t len)
{
	size_t run = 0, turns = 0, digits = 0, hyphens = 0;

	for (size_t i = 0; i < len; i++) {
		bool digit = is_digit(label[i]);

		run = digit ? run + 1 : 0;
		if (run >= 6) {
			return true;
		}
		digits += digit;
		hyphens += label[i] == '-';
		turns += i > 0 && label[i] != '-' && label[i - 1] != '-' &&
		         digit != is_digit(label[i - 1]);
	}
	return (len >= 16 && digits >= 2 && turns >= 4) || (len >= 32 && hyphens < 2);
}

size_t host_keep(char out[HOST_MAX], const char *text, size_t len)
{
	const char *label = out, *dot;

	out[0] = '\0';
	if (len > 0 && text[len - 1] == '.') {
		len--;
	}
	if (!text_is_hostname(text, len)) {
		return 0;
	}
	text_copy(out, HOST_MAX, text, len);
	text_lower(out);
	for (; (dot = strchr(label, '.')) != NULL; label = dot + 1) {
		if (label_is_token(label, (size_t)(dot - label))) {
			const char *kept = text_registrable(label);

			memmove(out, kept, strlen(kept) + 1);
			label = out;
			break;
		}
	}
	if (label_is_token(out, strcspn(out, ".")) || !text_is_hostname(out, strlen(out))) {
		out[0] = '\0'; /* nothing is left that names a system */
	}
	return strlen(out);
}

size_t host_keep_authority(char out[HOST_MAX], const char *text, size_t len)
{
	size_t start = 0, end;

	for (size_t i = 0; i < len; i++) {
		start = text[i] == '@' ? i + 1 : start;
	}
	for (end = start; end < len && text[end] != ':'; end++) {
	}
	return host_keep(out, text + start, end - start);
}
