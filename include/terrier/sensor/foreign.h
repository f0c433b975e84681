#ifndef TERRIER_SENSOR_FOREIGN_H
#define TERRIER_SENSOR_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

/* What a file is that libpcap does not read, and which command turns it into one that it does. */

/* For a file that did not open. `head` are its first octets, `reason` is libpcap's. Free with
 * free(). */
char *foreign_explain(const uint8_t *head, size_t len, const char *reason);

/* For a file that stopped part-way because of `reason`: what to do, or NULL when nothing helps. */
const char *foreign_remedy(const char *reason);

#endif
