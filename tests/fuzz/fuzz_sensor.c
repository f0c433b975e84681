/* Frames through all that touches packets: decoder, flow table, classifier with every dissector and
 * nDPI. What comes out must be records that the storer would take, whole and bounded. The first
 * octet holds whether the outbox refuses now and then; then frames follow, each behind one octet of
 * time and two of length. */
#include "terrier/sensor/classify.h"
#include "terrier/sensor/flowtab.h"
#include "terrier/sensor/packet.h"

#include <stdlib.h>

#define FLOWS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outlet {
	const struct catalogue *catalogue;
	struct classifier *classifier;
	uint64_t offered;
	bool is_busy; /* refuses every third record */
};

static bool put(void *context, const struct record *r)
{
	struct outlet *out = context;
	struct record_limits limits = {.kinds = catalogue_count(out->catalogue),
	                               .protocols = catalogue_protocol_count(out->catalogue),
	                               .segments = 1};

	if (record_validate(r, &limits) != NULL) {
		abort();
	}
	out->offered++;
	return !out->is_busy || out->offered % 3 != 0;
}

static void end_flow(void *context, struct flow *f, enum flow_end why)
{
	struct outlet *out = context;

	classifier_end(out->classifier, f, why);
}

static void flush_flow(void *context, struct flow *f)
{
	struct outlet *out = context;

	classifier_flush_flow(out->classifier, f);
}

static void feed(struct cursor *c, struct outlet *out, struct decoder *d, struct flowtab *t)
{
	int64_t time_us = INT64_C(1795300000000000);

	while (cur_left(c) > 3) {
		uint8_t wait = cur_u8(c);
		uint16_t len = cur_u16(c);
		uint32_t n = (uint32_t)(len < cur_left(c) ? len : cur_left(c));
		struct cursor frame = cur_sub(c, n);
		struct packet p;

		/* mostly microseconds, now and then hours */
		time_us += wait < 240 ? wait : INT64_C(600000000) * (wait - 239);
		if (packet_decode(d, frame.p, n, n, time_us, &p) == PACKET_IP) {
			unsigned side;
			bool is_new;
			struct flow *f = flowtab_get(t, &p, 0, &side, &is_new);

			classifier_packet(out->classifier, f, side, is_new, &p);
		}
		if (wait >= 240) {
			flowtab_sweep(t, time_us, FLOWS);
			flowtab_each(t, flush_flow, out);
		}
	}
}

/* Making a classifier takes longer than a thousand inputs: one serves them all, emptied after each.
 */
static struct outlet *open_outlet(void)
{
	static uint64_t counters[COVERAGE_COUNTERS];
	static struct outlet out;
	const char *error;
	char *reason;

	if (out.classifier == NULL) {
		out.catalogue = catalogue_load(NULL, &reason);
		out.classifier = classifier_new(
		        &(struct classifier_options){.catalogue = out.catalogue,
		                                     .out = {.put = put, .context = &out},
		                                     .counters = counters,
		                                     .max_flows = FLOWS},
		        &error);
	}
	if (out.classifier == NULL) {
		abort();
	}
	return &out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outlet *out = open_outlet();
	struct flowtab *t = flowtab_new(FLOWS, 1, end_flow, out);
	struct decoder *d = decoder_new(1);
	struct cursor c = cur_make(data, size);

	out->is_busy = (cur_u8(&c) & 1) != 0;
	feed(&c, out, d, t);
	flowtab_end_all(t);
	if (flowtab_count(t) != 0) {
		abort();
	}
	out->is_busy = false;
	if (!classifier_flush_names(out->classifier)) {
		abort();
	}
	decoder_free(d);
	flowtab_free(t);
	return 0;
}
