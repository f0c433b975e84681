#ifndef TERRIER_STORE_EXCHANGE_ID_H
#define TERRIER_STORE_EXCHANGE_ID_H

#include "terrier/base/digest.h"

#include <stdint.h>

/* An exchange's id as the database holds it: the 60 bits behind X-…, never 0, so that the sign can
 * have a meaning. */

/* What CONTRACT names as an exchange. Addresses as printed. */
struct exchange_key {
	const char *segment, *source, *destination, *kind_id;
	uint8_t ip_protocol;
	uint16_t server_port;
};

/* The same in every run and database. */
int64_t exchange_id_make(const struct exchange_key *key);

/* The number behind a text; -1 when it is no id. */
int64_t exchange_id_parse(const char *text);

/* The text of a number. */
void exchange_id_print(int64_t id, char out[DIGEST_ID_MAX]);

#endif
