#ifndef TERRIER_SENSOR_UNPACK_H
#define TERRIER_SENSOR_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The octets of a descriptor as a stream, decompressed on the way: gzip (RFC 1952) and zstd (RFC
 * 8878), one or many members, told by their first octets. Memory is bounded whatever the file asks
 * for. */
struct unpack;

#define UNPACK_HEAD_MAX 64 /* octets that unpack_head() remembers */

/* Takes `fd` over (unpack_close() closes it, but for standard input) and looks at its first octets.
 */
struct unpack *unpack_open(int fd);

/* The stream to read from; NULL with errno when there can be none. The caller closes it before
 * unpack_close(). ftello() tells the octets read from it. */
FILE *unpack_stream(struct unpack *u);

/* "gzip", "zstd", or NULL when the octets come as they are stored. */
const char *unpack_form(const struct unpack *u);

/* Octets taken from the descriptor and worked on. */
uint64_t unpack_consumed(const struct unpack *u);

/* The first octets that went into the stream; `*len` gets their number, UNPACK_HEAD_MAX at most. */
const uint8_t *unpack_head(const struct unpack *u, size_t *len);

/* Why the stream failed, or NULL when it did not. Belongs to `u`. */
const char *unpack_fault(const struct unpack *u);

/* True when it failed because the descriptor could not be read, not because of what was in it. */
bool unpack_is_unreadable(const struct unpack *u);

/* Closes; NULL is allowed. */
void unpack_close(struct unpack *u);

#endif
