#ifndef TERRIER_DISSECT_TLS_H
#define TERRIER_DISSECT_TLS_H

/* What the files of the TLS dissector share: tls.c follows records, tls_handshake.c reads messages.
 */
#include "host.h"

#include "terrier/dissect.h"

enum { TLS_CLIENT_HELLO = 1, TLS_SERVER_HELLO = 2 };

#define TLS_RECORD_HEADER 5
#define TLS_MESSAGE_MAX   65536
#define TLS_VALUE_MAX     208 /* longest field that is read: an SNI extension */

/* When content begins: up to TLS 1.2 with the first encrypted record of type 23; in 1.3, where the
 * handshake looks like data, behind the client's first one, its Finished (RFC 8446 4.4.4). */
enum tls_phase { PHASE_SET_UP, PHASE_FINISHED, PHASE_CONTENT };

/* One direction. `want` octets are gathered in `value` before the step is taken, after `skip` are
 * passed. */
struct tls_half {
	uint8_t record[TLS_RECORD_HEADER], record_have;
	uint8_t step, message, tag, oid;
	uint16_t extension, version; /* of the hello */
	uint16_t record_left;
	uint32_t message_left, skip;
	uint32_t der_at, der_end, names_end; /* in the certificate */
	uint8_t want, have;
	bool after_validity;      /* names from here on are the subject's */
	bool hello_seen, is_over; /* over: nothing more to read */
	bool is_astray;           /* record headers can no longer be found */
	uint8_t n_content;        /* records of content */
	uint32_t content;         /* octets of these */
	char value[TLS_VALUE_MAX];
};

struct tls {
	struct tls_half half[2];
	uint32_t seen; /* octets of both */
	int entry;
	bool has_entry, is_hidden, has_name;
	uint8_t phase;          /* enum tls_phase */
	uint8_t client;         /* enum side; valid once a hello was seen */
	uint16_t first_content; /* length of the server's first record of content */
	char host[HOST_MAX];
};

_Static_assert(sizeof(struct tls) <= DISSECT_STATE_MAX, "state fits");

/* A message begins with the next octets. */
void tls_handshake_begin(struct tls_half *h);

/* Takes octets of handshake messages, whose bounds know nothing of those of records. Notes names,
 * versions and hosts, and sets what they say in `tls`. */
void tls_handshake_take(struct tls *tls, enum side side, struct cursor c, struct sink *sink);

#endif
