#ifndef TERRIER_DAEMON_VALUE_H
#define TERRIER_DAEMON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What may stand behind `=` in terrier.conf. Nothing here knows a setting. */

/* Reads a whole number without sign. False when it is none or too large. */
bool value_parse_number(const char *text, uint64_t *out);

/* Reads `64M`: a whole number with K, M, G, T (powers of 1024) or nothing behind it. */
bool value_parse_size(const char *text, uint64_t *out);

/* What an interface, an account, a dissector, a sensor, a URL path root may be called. */
bool value_is_interface(const char *text);
bool value_is_account(const char *text);
bool value_is_word(const char *text);
bool value_is_label(const char *text);
bool value_is_path(const char *text);
bool value_is_filter(const char *text);

/* For a network whose address has bits behind its prefix: writes the network that must have been
 * meant. False when the text is wrong in another way. */
bool value_suggest_network(const char *text, char *out, size_t size);

/* How many letters must change to get from one word to the other; SIZE_MAX for words too long to be
 * keys. */
size_t value_distance(const char *a, const char *b);

/* Copies what somebody wrote so that it can stand in a line of ours: cut, without control
 * characters. */
char *value_quote(const char *text, char *out, size_t size);

#endif
