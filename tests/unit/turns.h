#ifndef TERRIER_TESTS_TURNS_H
#define TERRIER_TESTS_TURNS_H

#include "fake_sink.h"
#include "unit.h"

#include <string.h>

/* Conversations for tests of dissectors: what is noted must not depend on how the stream was cut. */
struct turn {
	enum side side;
	const char *bytes;
	size_t len;
};

#define C(text) {SIDE_0, text, sizeof(text) - 1}
#define S(text) {SIDE_1, text, sizeof(text) - 1}

/* Plays the turns in pieces of `piece` octets (0: whole) from a fresh state; stops when the dissector does. */
static inline enum dissect_verdict talk(const struct dissector *d, const struct dissect_flow *flow, struct sink *sink,
                                        const struct turn *turns, size_t n, size_t piece)
{
	_Alignas(16) uint8_t state[DISSECT_STATE_MAX] = {0};
	enum dissect_verdict verdict = DISSECT_FOLLOW;

	ck_assert_uint_le(d->state_size, sizeof state);
	fake_sink_init(sink);
	for (size_t i = 0; i < n && verdict == DISSECT_FOLLOW; i++) {
		verdict = fake_feed(d, state, sink, turns[i].side, turns[i].bytes, turns[i].len, piece, flow);
	}
	return verdict;
}

/* Octets are the same only where the dissector goes on to the end: what it has not been given it did not count. */
static inline void forget_octets(struct sink *sink)
{
	memset(sink->pending, 0, sizeof sink->pending);
	memset(sink->total, 0, sizeof sink->total);
	for (int i = 0; i < sink->n_entries; i++) {
		memset(sink->entries[i].bytes, 0, sizeof sink->entries[i].bytes);
	}
}

/* Plays them whole and in pieces of many sizes: verdict and sums are the same. */
static inline enum dissect_verdict talk_all(const struct dissector *d, const struct dissect_flow *flow, struct sink *sink,
                                            const struct turn *turns, size_t n)
{
	static const size_t pieces[] = {1, 2, 3, 5, 7, 16, 50};
	enum dissect_verdict verdict = talk(d, flow, sink, turns, n, 0);
	struct sink whole = *sink, cut;

	for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
		ck_assert_int_eq(talk(d, flow, &cut, turns, n, pieces[i]), verdict);
		if (verdict != DISSECT_FOLLOW) {
			forget_octets(&cut);
			forget_octets(&whole);
		}
		ck_assert_msg(memcmp(&cut, &whole, sizeof cut) == 0, "pieces of %zu say something else", pieces[i]);
	}
	return verdict;
}

#define TALK(d, flow, sink, turns) talk_all(d, flow, sink, turns, sizeof(turns) / sizeof((turns)[0]))

/* What the recogniser says of a text. */
#define KNOWS(d, side, text, flow) ((d)->recognise(cur_make(text, sizeof(text) - 1), side, flow))

/* The entry that goes that way, NULL for none. */
static inline const struct fake_entry *entry_of(const struct sink *sink, enum info_direction direction)
{
	for (int i = 0; i < sink->n_entries; i++) {
		if (sink->entries[i].direction == direction) {
			return &sink->entries[i];
		}
	}
	return NULL;
}

#endif
