#ifndef TERRIER_DISSECT_FIELD_H
#define TERRIER_DISSECT_FIELD_H

#include "terrier/base/cursor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lines of text protocols in HTTP's manner (SIP, RTSP): start lines, header fields and their
 * values. */

/* A header field; both point into the line. */
struct field {
	const char *name, *value;
	size_t name_len, value_len;
};

/* The length of the first line of `bytes` without its end, or of as much as there is of it within
 * `max` octets: then `*is_cut`. */
size_t field_line(struct cursor bytes, size_t max, bool *is_cut);

/* The length of the one of `methods` (each with its blank; NULL ends them) that a line begins with
 * and goes on behind; 0 for none. */
size_t field_method(const char *line, size_t len, const char *const *methods);

/* Splits `Name: value` without the blanks around. False when there is no name. */
bool field_split(const char *line, size_t len, struct field *out);

/* True when the field has this name, which is given in lower case. */
bool field_is(const struct field *f, const char *name);

/* The first product of Server or User-Agent: its length in letters, hyphens and dots alone, for
 * what follows may be a version, a serial number or a user. 0: none. */
size_t field_product(const char *value, size_t len);

/* The decimal number that a text begins with, of at most nine digits; 0 when there is none. */
uint32_t field_number(const char *text, size_t len);

#endif
