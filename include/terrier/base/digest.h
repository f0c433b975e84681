#ifndef TERRIER_BASE_DIGEST_H
#define TERRIER_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* Hashes that leave the process (ids, file identities): BLAKE2b of libsodium, so they are the same everywhere.
 * Fields are separated by their lengths, never by a character that could stand inside one. */
struct digest;

#define DIGEST_ID_MAX 16 /* "X-" + 12 characters + NUL, and room for another letter */

#define DIGEST_OCTETS   32 /* of a whole hash: BLAKE2b-256 (RFC 7693) */
#define DIGEST_TEXT_MAX 65 /* 64 hexadecimal digits and NUL */

/* Begins a digest; digest_finish_*() frees it. */
struct digest *digest_new(void);

/* Adds one field: its length as 64 bits, least significant octet first, then its octets. */
void digest_add(struct digest *d, const void *bytes, size_t len);

/* Adds octets to no field: `b2sum -l 256` prints the hash of nothing but these. */
void digest_add_octets(struct digest *d, const void *bytes, size_t len);

/* Ends and frees; the whole hash. */
void digest_finish(struct digest *d, uint8_t out[DIGEST_OCTETS]);

/* Writes a whole hash in hexadecimal, lower case, and returns `out`. */
char *digest_print(const uint8_t hash[DIGEST_OCTETS], char out[DIGEST_TEXT_MAX]);

/* Ends and frees; 64 bits of the hash. */
uint64_t digest_finish_u64(struct digest *d);

/* Ends and frees; writes `prefix`, a hyphen and 12 characters of base 32 (Crockford's alphabet, lower case, 60
 * bits) into `out` and returns `out`. `prefix` is one or two letters. */
char *digest_finish_id(struct digest *d, const char *prefix, char out[DIGEST_ID_MAX]);

#endif
