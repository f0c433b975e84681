#ifndef TERRIER_MODEL_ENDPOINT_H
#define TERRIER_MODEL_ENDPOINT_H

#include "terrier/base/addr.h"
#include "terrier/model/record.h"

#include <stdbool.h>

/* An end of an exchange: one address, or a party of many (`party` not empty, printed in brackets). */
struct endpoint {
	struct addr addr;             /* for a party of one block its first address; else unspecified */
	char party[RECORD_NAME_MAX];  /* "outlook.office365.com", "broadcast", "203.0.113.0/24"; empty: an address */
	bool is_inside;
};

#endif
