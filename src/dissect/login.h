#ifndef TERRIER_DISSECT_LOGIN_H
#define TERRIER_DISSECT_LOGIN_H

#include "terrier/base/text.h"
#include "terrier/dissect.h"

#include <stdbool.h>
#include <stdint.h>

/* What a client says when it signs in to a database, and what of it may be kept (privacy.md 2,
 * Databases): server, instance, database, application. User and host are held only while they are
 * compared and go nowhere. */

/* A text gathered octet by octet; one that is longer than may be kept is marked. Zeroed memory is
 * empty. */
struct login_text {
	uint8_t len;
	bool is_cut;
	char text[TEXT_MAX + 1];
};

struct login {
	struct login_text user, host; /* compared only */
	struct login_text database, application, server;
};

/* Appends an octet, or a UTF-16 unit as UTF-8 (surrogates make it unfit). */
void login_put(struct login_text *t, uint8_t octet);
void login_put_utf16(struct login_text *t, uint16_t unit);

/* Appends all of `len` octets. */
void login_put_all(struct login_text *t, const void *octets, size_t len);

/* Empties a text. */
void login_clear(struct login_text *t);

/* Names what may be kept: the server when its name is a host's (and an instance behind `\`), the
 * application unless the user or the client's host is in it, the database unless it is called like
 * the user. Returns the database's entry, or that of `protocol` when there is none to keep.
 * `direction` as for sink_evidence(). */
int login_book(const struct login *l, const char *protocol, enum side client,
               enum info_direction direction, struct sink *sink);

#endif
