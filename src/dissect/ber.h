#ifndef TERRIER_DISSECT_BER_H
#define TERRIER_DISSECT_BER_H

#include "terrier/base/cursor.h"

#include <stdbool.h>
#include <stdint.h>

/* A bounded reader of BER and DER (X.690 8.1), shared by LDAP, Kerberos, SPNEGO and SNMP: tags of
 * one octet, definite lengths of at most four octets. A cursor may hold only the start of an
 * element (a stream cut anywhere, a datagram cut by the capture): its body then ends where the
 * cursor ends and `is_cut` is set. Nothing is copied. */

/* Tags that several protocols use; of an application or context class: BER_APPLICATION(3),
 * BER_CONTEXT(0). */
enum {
	BER_BOOLEAN = 0x01,
	BER_INTEGER = 0x02,
	BER_OCTETS = 0x04,
	BER_OID = 0x06,
	BER_ENUMERATED = 0x0a,
	BER_SEQUENCE = 0x30,
	BER_SET = 0x31,
};

#define BER_APPLICATION(n) (0x60 | (n)) /* constructed; primitive: 0x40 | n */
#define BER_CONTEXT(n)     (0xa0 | (n)) /* constructed; primitive: 0x80 | n */

#define BER_HEADER_MAX 6 /* octets of a tag and its length */

struct ber {
	uint8_t tag;
	uint32_t len;       /* octets of content, as the element says */
	struct cursor body; /* the content, as far as it is there */
	bool is_cut;        /* not all of it is */
};

/* Reads the next element and moves behind it (or to the end, when it is cut). False, and the cursor
 * bad, when the header is not whole, has a tag of several octets or an indefinite length. */
bool ber_read(struct cursor *c, struct ber *out);

/* Reads the next element, which must have this tag; `*body` gets its content. False, and the cursor
 * bad, when it is another one. */
bool ber_enter(struct cursor *c, uint8_t tag, struct cursor *body);

/* Moves over elements until one has this tag, and reads that. False when there is none. */
bool ber_find(struct cursor *c, uint8_t tag, struct cursor *body);

/* Reads a whole number from 0 to 2^31-1 under this tag (BER_INTEGER, BER_ENUMERATED, or implicit).
 * False, and the cursor bad, when it is negative, longer than five octets, cut, or another element.
 */
bool ber_number(struct cursor *c, uint8_t tag, uint32_t *value);

#endif
