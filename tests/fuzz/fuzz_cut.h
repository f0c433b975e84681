#ifndef TERRIER_TESTS_FUZZ_CUT_H
#define TERRIER_TESTS_FUZZ_CUT_H

/* Feeds a dissector of streams what the input says, once as it stands and once octet by octet: both
 * must come to the same sums, and every octet must be booked. A piece is a control octet (bit 0:
 * side, bit 1: a hole is before it, of as many octets as the octet behind it says; the rest:
 * length) and its octets. */
#include "../unit/fake_sink.h"

#include <stdio.h>
#include <stdlib.h>

struct fuzz_run {
	struct sink sink;
	uint64_t state[DISSECT_STATE_MAX / 8];
	uint64_t fed[2];
	bool is_released;
};

static void fuzz_play(struct fuzz_run *run, const struct dissector *d, const uint8_t *data,
                      size_t size, bool is_cut)
{
	static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 104}};
	struct cursor c = cur_make(data, size);

	memset(run, 0, sizeof *run);
	fake_sink_init(&run->sink);
	while (cur_left(&c) > 1 && !run->is_released) {
		uint8_t control = cur_u8(&c);
		uint64_t lost = (control & 2) != 0 ? cur_u8(&c) : 0;
		size_t want = 1 + (size_t)(control >> 2) * 16,
		       n = want < cur_left(&c) ? want : cur_left(&c);
		enum side side = (control & 1) != 0 ? SIDE_1 : SIDE_0;

		for (size_t step = is_cut ? 1 : n; n > 0 && !run->is_released;
		     n -= step, lost = 0) {
			run->fed[side] += step;
			run->is_released = d->dissect(run->state, side, cur_sub(&c, step), lost,
			                              &flow, &run->sink) == DISSECT_RELEASE;
		}
	}
}

static void fuzz_fail(const char *why)
{
	fprintf(stderr, "%s\n", why);
	abort();
}

/* One input. */
static void fuzz_cut(const struct dissector *d, const uint8_t *data, size_t size)
{
	static struct fuzz_run whole, cut;
	static const struct dissect_flow flow = {.ip_protocol = IP_TCP};

	if (size > 0 && d->recognise(cur_make(data, size), SIDE_0, &flow) > size) {
		fuzz_fail("the start lies behind the bytes");
	}
	fuzz_play(&whole, d, data, size, false);
	fuzz_play(&cut, d, data, size, true);
	if (memcmp(whole.fed, whole.sink.total, sizeof whole.fed) != 0 ||
	    memcmp(cut.fed, cut.sink.total, sizeof cut.fed) != 0) {
		fuzz_fail("octets are not booked once");
	}
	if (whole.is_released != cut.is_released ||
	    (!cut.is_released && memcmp(&whole.sink, &cut.sink, sizeof cut.sink) != 0)) {
		fuzz_fail("the cut changes the sums");
	}
}

#endif
