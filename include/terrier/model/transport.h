#ifndef TERRIER_MODEL_TRANSPORT_H
#define TERRIER_MODEL_TRANSPORT_H

#include <stdint.h>

#define TRANSPORT_NAME_MAX 8 /* "icmpv6", "ip-255" and the NUL */

/* The name of an IP protocol number as exports spell it: `tcp`, `ip-99` where there is none.
 * Returns `out`. */
char *transport_name(uint8_t ip_protocol, char out[TRANSPORT_NAME_MAX]);

#endif
