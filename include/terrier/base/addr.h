#ifndef TERRIER_BASE_ADDR_H
#define TERRIER_BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address of either family in 16 octets; IPv4 is held mapped (::ffff:a.b.c.d, RFC 4291 2.5.5.2). */
struct addr {
	uint8_t b[16];
};

/* A block of addresses. `bits` counts in the 128-bit space: 10.0.0.0/8 has bits 104. */
struct prefix {
	struct addr addr;
	uint8_t bits;
};

/* What an address can be besides a host of its own (RFC 1112, 919, 4291 2.5-2.7). */
enum addr_class { ADDR_HOST, ADDR_UNSPECIFIED, ADDR_LOOPBACK, ADDR_MULTICAST, ADDR_BROADCAST };

#define ADDR_TEXT_MAX   46 /* longest text of an address with its NUL */
#define PREFIX_TEXT_MAX 50 /* the same with "/128" */

/* Sets `*out` from 4 octets in network order. */
void addr_from_v4(struct addr *out, const uint8_t octets[4]);

/* True for an IPv4 (mapped) address. */
bool addr_is_v4(const struct addr *a);

/* Orders addresses by their octets: negative, 0, positive. */
int addr_cmp(const struct addr *a, const struct addr *b);

/* Classifies by the address alone; a subnet's directed broadcast cannot be told and is ADDR_HOST. */
enum addr_class addr_classify(const struct addr *a);

/* Writes the usual text (RFC 5952 for IPv6) into `out` and returns `out`. */
char *addr_format(const struct addr *a, char out[ADDR_TEXT_MAX]);

/* Reads either family. Returns false, `*out` untouched, when `text` is no address. */
bool addr_parse(const char *text, struct addr *out);

/* Reads "10.0.0.0/8", "fc00::/7" or a lone address. False when malformed, out of range, or
 * when bits are set behind the prefix (10.0.0.1/8 is somebody's mistake). */
bool prefix_parse(const char *text, struct prefix *out);

/* Writes the usual text ("10.0.0.0/8"; no "/32" or "/128" for one address). Returns `out`. */
char *prefix_format(const struct prefix *p, char out[PREFIX_TEXT_MAX]);

/* True when `a` lies in `p`. */
bool prefix_has(const struct prefix *p, const struct addr *a);

/* The block of `bits` (0..128, mapped space) that holds `a`. */
struct prefix prefix_of(const struct addr *a, uint8_t bits);

#endif
