/* What stands between the cells of a sheet. */
#include "delimiter.h"

#include <stdbool.h>
#include <string.h>

char delimiter_find(const char **text, size_t *len, size_t *skipped)
{
	static const char signs[] = ",;\t";
	size_t counts[sizeof signs - 1] = {0}, best = 0;
	bool is_quoted = false;

	while (*len > 0 && strchr("\r\n", **text) != NULL && **text != '\0') {
		*skipped += **text == '\n' || *len == 1 || (*text)[1] != '\n';
		*text += 1;
		*len -= 1;
	}
	if (*len > 5 && memcmp(*text, "sep=", 4) == 0 && strchr(",;\t|", (*text)[4]) != NULL &&
	    strchr("\r\n", (*text)[5]) != NULL) {
		char sign = (*text)[4];
		size_t end = *len > 6 && memcmp(*text + 5, "\r\n", 2) == 0 ? 7 : 6;

		*text += end;
		*len -= end;
		*skipped += 1;
		return sign;
	}
	for (size_t i = 0; i < *len && (is_quoted || strchr("\r\n", (*text)[i]) == NULL); i++) {
		const char *sign = (*text)[i] != '\0' ? strchr(signs, (*text)[i]) : NULL;

		is_quoted ^= (*text)[i] == '"';
		if (sign != NULL && !is_quoted) {
			counts[sign - signs]++;
		}
	}
	for (size_t i = 1; i < sizeof counts / sizeof counts[0]; i++) {
		best = counts[i] > counts[best] ? i : best;
	}
	return signs[best];
}
