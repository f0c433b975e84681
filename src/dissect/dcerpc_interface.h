#ifndef TERRIER_DISSECT_DCERPC_INTERFACE_H
#define TERRIER_DISSECT_DCERPC_INTERFACE_H

#include "terrier/base/cursor.h"

#define DCERPC_UNKNOWN (-1)

/* Reads the UUID of an interface, whose numbers have their least octet first when `is_little`.
 * Returns the number of a well-known one, from 0 to 127, else DCERPC_UNKNOWN. */
int dcerpc_interface_read(struct cursor *c, bool is_little);

/* The word for an interface ("drsuapi"), a constant; NULL for DCERPC_UNKNOWN. */
const char *dcerpc_interface_name(int interface);

#endif
