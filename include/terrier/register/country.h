#ifndef TERRIER_REGISTER_COUNTRY_H
#define TERRIER_REGISTER_COUNTRY_H

#include "terrier/base/addr.h"

/* The country of an outside party, from a database file that the site supplies (MaxMind DB 2.0, .mmdb). What it says is
 * where an address is registered or thought to be, which is weak evidence of where data goes. */
struct countries;

/* Opens the file. NULL on failure, with the reason and what to do in `*error` (free()); so it is always where Terrier
 * was built without libmaxminddb. The file may be replaced meanwhile, but not be shortened. */
struct countries *countries_open(const char *path, char **error);
void countries_close(struct countries *c); /* NULL is allowed */

/* What it calls itself and of which day it is: "GeoLite2-Country of 2026-11-03". Belongs to `c`. */
const char *countries_edition(const struct countries *c);

/* The code of the country (ISO 3166-1 alpha-2) of an address (a block of 128 bits) or of a whole block; "unknown" where
 * the file has none, or not the same for all of the block, or where an address in it is nobody's of the internet
 * (private, local, multicast). Never a guess. Returns `out`. */
#define COUNTRY_UNKNOWN "unknown"
#define COUNTRY_MAX     8
char *countries_find(const struct countries *c, const struct prefix *block, char out[COUNTRY_MAX]);

#endif
