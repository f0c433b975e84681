#ifndef TERRIER_BASE_UTF8_H
#define TERRIER_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT UINT32_C(0xfffd)
#define UTF8_MAX         5 /* octets of one character with its NUL */

/* Reads the character at `text`, of which `len` > 0 octets may be read, into `*code` and returns its
 * octets. An octet that does not belong to well-formed UTF-8 (RFC 3629 4: overlong, surrogate, cut
 * short, too large) counts as one character, U+FFFD. */
size_t utf8_decode(const char *text, size_t len, uint32_t *code);

/* The same for a text that ends with NUL. At the NUL: 0, `*code` 0. */
size_t utf8_next(const char *text, uint32_t *code);

/* Writes the character with its NUL; returns its octets. */
size_t utf8_put(uint32_t code, char out[UTF8_MAX]);

/* Columns a terminal gives to a character: 0, 1 or 2. The caller has set a UTF-8 LC_CTYPE; in
 * another locale all but ASCII counts 1. */
int utf8_columns(uint32_t code);

/* True for what must not reach a terminal: control characters, marks that turn the writing
 * direction. */
bool utf8_is_control(uint32_t code);

#endif
