#ifndef TERRIER_SENSOR_EXPECT_H
#define TERRIER_SENSOR_EXPECT_H

#include "terrier/base/addr.h"
#include "terrier/model/flow.h"

#include <stdbool.h>
#include <stdint.h>

/* Connections that others have negotiated: the data connections of FTP and TFTP, the media of a call. A fixed table;
 * when all places for an end are taken the oldest goes. */
struct expectations;

#define EXPECT_SECONDS 300 /* how long an announcement holds */

/* Makes an empty table; expectations_free() takes NULL too. */
struct expectations *expectations_new(void);
void expectations_free(struct expectations *e);

/* What is expected: a flow between the parent's two hosts that ends at `end`, `port`. */
struct expected {
	struct addr end;
	uint16_t port;
	uint8_t ip_protocol;
	uint8_t from;      /* enum sink_from: side of the parent that information comes from, where octets do not tell */
	uint16_t protocol; /* it is counted under */
	uint32_t label;
};

/* Remembers what `parent` has announced. Announcements for another host, or for no port, are ignored. */
void expectations_add(struct expectations *e, const struct flow *parent, const struct expected *expected);

/* Tells whether a new flow was announced; if so gives it the sides, port, label and protocol of its parent's row. With
 * `is_opened` its side 0 was seen to open it: then that is not the end where it was expected. */
bool expectations_adopt(struct expectations *e, struct flow *f, bool is_opened);

#endif
