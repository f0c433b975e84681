#ifndef TERRIER_BASE_TEXT_H
#define TERRIER_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a text from the network may not be kept (privacy.md, generic validator). */
enum text_fault {
	TEXT_OK,
	TEXT_EMPTY,
	TEXT_TOO_LONG,
	TEXT_NOT_PRINTABLE, /* control characters or malformed UTF-8 */
	TEXT_DIGITS,        /* six or more digits in a row */
	TEXT_NHS_NUMBER,    /* ten digits that pass the modulus-11 check, spaced or hyphenated */
	TEXT_AT_SIGN,
	TEXT_DATE, /* looks like a date of birth */
};

#define TEXT_MAX     64  /* characters of a text in general */
#define TEXT_DNS_MAX 191 /* characters of a DNS name or SNI that we keep (RFC 1035 allows 253) */

/* The generic validator: tells whether `len` bytes at `text` may be kept. `max` is the longest length
 * allowed in bytes. Does not change anything; the caller withholds what fails. */
enum text_fault text_check(const char *text, size_t len, size_t max);

/* True when ten digits that pass the check of NHS numbers are in it, blanks and hyphens between them allowed. */
bool text_has_nhs_number(const char *text, size_t len);

/* True for well-formed UTF-8 without control characters. */
bool text_is_printable(const char *text, size_t len);

/* True for a host name in LDH form (RFC 952, 1123, underscore tolerated) of at most TEXT_DNS_MAX
 * characters with at least one letter; a name that is only digits and dots is an address. */
bool text_is_hostname(const char *text, size_t len);

/* The registrable domain within a host's name: three labels under a country's second level (nhs.uk, co.uk), else two.
 * Without the public suffix list this is a rule of thumb that errs towards the shorter. */
const char *text_registrable(const char *host);

/* Copies at most `size - 1` bytes, always ends with NUL, returns the length copied. */
size_t text_copy(char *out, size_t size, const char *text, size_t len);

/* ASCII lower case in place, whatever the locale. */
void text_lower(char *text);

/* Compares without regard to ASCII case; like strcmp(). */
int text_casecmp(const char *a, const char *b);

/* True when `len` bytes begin with `word`, or hold it anywhere, without regard to ASCII case. */
bool text_begins(const char *text, size_t len, const char *word);
bool text_has(const char *text, size_t len, const char *word);

/* Writes a number of octets as people read it ("1.2 MB", of 1000s) and returns `out`. */
#define TEXT_BYTES_MAX 16
char *text_bytes(int64_t value, char out[TEXT_BYTES_MAX]);

/* Moves over white space at both ends of `text` (changed in place); returns the first character kept. */
char *text_trim(char *text);

#endif
