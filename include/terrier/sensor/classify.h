#ifndef TERRIER_SENSOR_CLASSIFY_H
#define TERRIER_SENSOR_CLASSIFY_H

#include "terrier/model/flow.h"
#include "terrier/model/kind.h"
#include "terrier/model/packet.h"
#include "terrier/sensor/flowtab.h"
#include "terrier/sensor/outbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decides what a flow carries: own recognisers first, then nDPI, then the port as a marked guess; and sends what was
 * seen as records. */
struct classifier;

struct classifier_options {
	const struct catalogue *catalogue; /* borrowed */
	struct outbox out;                 /* copied */
	uint64_t *counters;                /* COVERAGE_COUNTERS, borrowed */
	uint32_t max_flows;                /* of the flow table: sizes the pools */
	uint64_t connection_base;          /* first connection number, a multiple of 2^40 */
	char *const *dissectors_off;       /* names, or "all" (which also turns nDPI off) */
	size_t n_dissectors_off;
};

/* Makes a classifier. NULL, with `*error` (static text) set, when nDPI cannot be used. */
struct classifier *classifier_new(const struct classifier_options *options, const char **error);
void classifier_free(struct classifier *c); /* NULL is allowed */

/* Takes a packet of a flow. */
void classifier_packet(struct classifier *c, struct flow *f, unsigned side, bool is_new, const struct packet *p);

/* Takes leave of a flow: sends its last records. */
void classifier_end(struct classifier *c, struct flow *f, enum flow_end why);

/* Sends what a flow has gathered. False when the outbox refused. */
bool classifier_flush_flow(struct classifier *c, struct flow *f);

/* Sends names and host counters. False when the outbox refused. */
bool classifier_flush_names(struct classifier *c);

#endif
