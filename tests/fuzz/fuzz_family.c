/* Feeds a dissector of one family what the input says: the first octet chooses the dissector and the transport, the
 * next two are the server's port; then pieces, each of two octets (side, gap, length) and its bytes. make_seeds.py writes
 * this form. */
#include "fuzz_dissect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The family's dissector number `n`, by its name in FAMILY, which the build sets. */
static const struct dissector *choose(unsigned n)
{
	static const char *const names[] = {FAMILY};
	const char *name = names[n % (sizeof names / sizeof names[0])];

	for (size_t i = 0; dissectors[i] != NULL; i++) {
		if (strcmp(dissectors[i]->name, name) == 0) {
			return dissectors[i];
		}
	}
	abort();
}

static size_t feed(const struct dissector *d, const struct dissect_flow *flow, void *state, struct sink *sink,
                   const uint8_t *data, size_t size, enum dissect_verdict *verdict)
{
	enum side side = (enum side)(data[0] & 1);
	uint64_t lost = (data[0] & 2) != 0 ? 100 : 0;
	size_t n = (size_t)(data[0] >> 2) << 8 | data[1];

	n = n < size - 2 ? n : size - 2;
	if (n == 0) {
		return 2;
	}
	uint8_t *piece = malloc(n); /* of its own, so that reading past it is seen */

	fuzz_check(piece != NULL);
	memcpy(piece, data + 2, n);
	fuzz_check(d->recognise(cur_make(piece, n), side, flow) <= n);
	*verdict = d->dissect(state, side, cur_make(piece, n), lost, flow, sink);
	free(piece);
	sink->fed[side] += n;
	fuzz_check(sink->booked[side] <= sink->fed[side]);
	return n + 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t state[DISSECT_STATE_MAX + 16];
	enum dissect_verdict verdict = DISSECT_FOLLOW;

	if (size < 4) {
		return 0;
	}
	const struct dissector *d = choose(data[0] & 0x7f);
	struct sink sink = {.dissector = d};
	struct dissect_flow flow = {.ip_protocol = d->ip_protocol, .port = {40000, (uint16_t)(data[1] << 8 | data[2])}};

	if (d->ip_protocol == 0) {
		flow.ip_protocol = (data[0] & 0x80) != 0 ? IP_UDP : IP_TCP;
	}
	fuzz_check(d->state_size <= DISSECT_STATE_MAX);
	memset(state, 0, sizeof state);
	memset(state + d->state_size, 0x5a, 16); /* a dissector stays within its state */
	for (size_t at = 3; size - at > 2 && verdict == DISSECT_FOLLOW;) {
		at += feed(d, &flow, state, &sink, data + at, size - at, &verdict);
	}
	for (size_t i = 0; i < 16; i++) {
		fuzz_check(state[d->state_size + i] == 0x5a);
	}
	return 0;
}
