/* Lists of patterns in one cell. */
#include "terrier/model/pattern.h"

#include <string.h>
#include <strings.h>

const char *pattern_next(const char **list, size_t *len, bool *is_taken_out)
{
	const char *start = *list;

	if (*start == '\0') {
		return NULL;
	}
	*len = strcspn(start, ";");
	*list = start + *len + (start[*len] == ';');
	*is_taken_out = *start == '!';
	*len -= *is_taken_out;
	return start + *is_taken_out;
}

bool pattern_fits(const char *pattern, size_t len, const char *text)
{
	if (len > 0 && pattern[len - 1] == '*') {
		return strncasecmp(pattern, text, len - 1) == 0;
	}
	return strlen(text) == len && strncasecmp(pattern, text, len) == 0;
}

bool pattern_list_fits(const char *list, const char *text)
{
	bool is_taken_out, fits = false, has_pattern = false;
	const char *pattern;
	size_t len;

	while ((pattern = pattern_next(&list, &len, &is_taken_out)) != NULL) {
		bool hit = pattern_fits(pattern, len, text);

		if (hit && is_taken_out) {
			return false;
		}
		fits |= hit;
		has_pattern |= !is_taken_out;
	}
	return fits || !has_pattern;
}

bool pattern_list_fits_host(const char *list, const char *host)
{
	size_t host_len = strlen(host), len;
	const char *pattern;
	bool is_taken_out;

	while ((pattern = pattern_next(&list, &len, &is_taken_out)) != NULL) {
		const char *end = host + host_len - (len < host_len ? len : host_len);

		if (len > 0 && len <= host_len && strncasecmp(pattern, end, len) == 0 &&
		    (end == host || end[-1] == '.')) {
			return true;
		}
	}
	return false;
}
