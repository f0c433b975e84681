#ifndef TERRIER_SENSOR_EXPECT_H
#define TERRIER_SENSOR_EXPECT_H

#include "terrier/base/addr.h"
#include "terrier/model/flow.h"

#include <stdbool.h>
#include <stdint.h>

/* Connections that others have negotiated: the data connections of FTP and TFTP, the media of a call. A fixed table;
 * when a place is taken the oldest in it goes. */
struct expectations;

#define EXPECT_SECONDS 300 /* how long an announcement holds */

/* Makes an empty table; expectations_free() takes NULL too. */
struct expectations *expectations_new(void);
void expectations_free(struct expectations *e);

/* Remembers that `parent` has announced a flow between its own two hosts to or from `addr`, `port`: it will be counted
 * under `label` and `protocol`. Announcements for another host are ignored. */
void expectations_add(struct expectations *e, const struct flow *parent, uint8_t ip_protocol, const struct addr *addr,
                      uint16_t port, uint32_t label, uint16_t protocol);

/* Tells whether a new flow was announced; if so gives it the sides, port, label and protocol of its parent's row. */
bool expectations_adopt(struct expectations *e, struct flow *f);

#endif
