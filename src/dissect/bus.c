/* Frames that say their length: their heads gathered, their bodies passed over, holes crossed. */
#include "bus.h"

#include <string.h>

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void prepare(struct bus_side halves[2])
{
	for (int i = 0; i < 2; i++) {
		halves[i].entry = halves[i].message = SINK_NO_ENTRY;
		halves[i].is_ready = true;
	}
}

static void frame_begin(struct bus_side *h)
{
	h->size = h->passed = 0;
	h->have = 0;
}

/* Where frames begin is not known any more. */
static void lose(struct bus_side *h)
{
	frame_begin(h);
	h->skip = 0;
	h->is_lost = true;
}

static void pass(struct bus_call *call, struct cursor *bytes, uint64_t n)
{
	cur_skip(bytes, (size_t)n);
	sink_octets(call->sink, call->side, n, call->half->entry);
}

/* Frames mostly begin where segments do. */
static void find(struct bus_call *call, struct cursor *bytes)
{
	const struct bus *protocol = call->protocol;
	size_t found = protocol->find != NULL ? protocol->find(call, *bytes)
	                                      : protocol->recognise(*bytes, call->side, call->flow);

	if (found > 0) {
		call->half->is_lost = false;
		pass(call, bytes, found - 1);
	} else {
		pass(call, bytes, cur_left(bytes));
	}
}

/* The head is read on from another place in the frame. */
static void seek(struct bus_side *h, uint64_t to)
{
	uint64_t n = to - h->passed;

	if (n < h->have) {
		h->have = (uint8_t)(h->have - n);
		memmove(h->head, h->head + n, h->have);
	} else {
		h->skip = n - h->have;
		h->have = 0;
	}
	h->passed = to;
}

/* All that will be shown at this place is there. */
static void show(struct bus_call *call)
{
	struct bus_side *h = call->half;

	call->size = h->size;
	call->seek = 0;
	h->entry = call->protocol->take(call, cur_make(h->head, h->have), h->passed);
	sink_octets(call->sink, call->side, 0, h->entry); /* and what waited */
	if (call->seek > h->passed && call->seek < h->size) {
		seek(h, call->seek);
	} else {
		h->skip = h->size - h->passed - h->have;
		frame_begin(h);
	}
}

static bool is_gathered(const struct bus_side *h)
{
	return h->size > 0 && h->skip == 0 && h->have == least(BUS_HEAD, h->size - h->passed);
}

/* What was gathered is all that there will be of this head; the hole may end within the frame. */
static void cross_gap(struct bus_call *call, uint64_t lost)
{
	struct bus_side *h = call->half;

	while (h->size > 0 && h->skip == 0 && h->have > 0) {
		show(call);
	}
	if (h->size > 0 && lost > h->skip) {
		h->skip += h->size - h->passed;
		frame_begin(h);
	}
	if (lost <= h->skip) {
		h->skip -= lost;
	} else {
		lose(h);
	}
}

static void gather(struct bus_call *call, struct cursor *bytes)
{
	struct bus_side *h = call->half;
	uint64_t want = h->size > 0 ? least(BUS_HEAD, h->size - h->passed) - h->have : 1;
	size_t n = (size_t)least(want, cur_left(bytes));
	const uint8_t *from = cur_take(bytes, n);

	if (from != NULL) {
		memcpy(h->head + h->have, from, n);
	}
	h->have = (uint8_t)(h->have + n);
	sink_octets(call->sink, call->side, n, SINK_NO_ENTRY);
	if (h->size == 0) {
		h->size = call->protocol->size(call, h->head, h->have);
		if (h->size == BUS_BAD || (h->size == BUS_MORE && h->have == BUS_HEAD) ||
		    (h->size != BUS_MORE && h->size < h->have)) {
			lose(h);
			return;
		}
	}
	while (is_gathered(h) && call->verdict == DISSECT_FOLLOW) {
		show(call);
	}
}

enum dissect_verdict bus_take(struct bus_call call, struct bus_side halves[2], struct cursor bytes,
                              uint64_t lost)
{
	call.half = &halves[call.side];
	call.other = &halves[side_other(call.side)];
	if (!call.half->is_ready) {
		prepare(halves);
	} else if (lost > 0) {
		cross_gap(&call, lost);
	}
	while (cur_left(&bytes) > 0 && call.verdict == DISSECT_FOLLOW) {
		if (call.half->is_lost) {
			find(&call, &bytes);
		} else if (call.half->skip > 0) {
			uint64_t n = least(call.half->skip, cur_left(&bytes));

			call.half->skip -= n;
			pass(&call, &bytes, n);
		} else {
			gather(&call, &bytes);
		}
	}
	return call.verdict;
}
