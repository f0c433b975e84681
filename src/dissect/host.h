#ifndef TERRIER_DISSECT_HOST_H
#define TERRIER_DISSECT_HOST_H

#include "terrier/base/text.h"

#include <stddef.h>

#define HOST_MAX (TEXT_DNS_MAX + 1)

/* Makes of a host name from the network what may be kept: lower case, no final dot, and only the
 * registrable domain when a label looks like a token or a number (privacy.md 2, TLS). Returns the
 * length written with its NUL to `out`, 0 (and an empty text) when `text` is no host name. */
size_t host_keep(char out[HOST_MAX], const char *text, size_t len);

/* The same of the host in an authority, `user:password@host:port` (RFC 3986 3.2). */
size_t host_keep_authority(char out[HOST_MAX], const char *text, size_t len);

#endif
