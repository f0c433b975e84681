#ifndef TERRIER_TESTS_TALK_H
#define TERRIER_TESTS_TALK_H

#include "fake_sink.h"
#include "unit.h"

#include <stdbool.h>
#include <string.h>

/* Conversations for tests of dissectors: what both sides say, in turn. */
#define TALK_MAX   12
#define TALK_BYTES 2048

struct talk {
	struct said {
		enum side side;
		uint8_t bytes[TALK_BYTES];
		size_t len;
	} said[TALK_MAX];
	size_t n;
};

/* What came of it. */
struct outcome {
	struct sink sink;
	enum dissect_verdict verdict;
	uint8_t state[DISSECT_STATE_MAX];
};

static inline struct said *say(struct talk *t, enum side side)
{
	ck_assert_uint_lt(t->n, TALK_MAX);
	t->said[t->n] = (struct said){.side = side};
	return &t->said[t->n++];
}

static inline void put(struct said *s, const void *bytes, size_t len)
{
	ck_assert_uint_le(s->len + len, TALK_BYTES);
	memcpy(s->bytes + s->len, bytes, len);
	s->len += len;
}

/* A text with its NUL, or an integer of some octets. */
static inline void put_text(struct said *s, const char *text)
{
	put(s, text, strlen(text) + 1);
}

static inline void put_be(struct said *s, uint64_t value, int octets)
{
	while (octets-- > 0) {
		uint8_t octet = (uint8_t)(value >> (8 * octets));

		put(s, &octet, 1);
	}
}

static inline void put_le(struct said *s, uint64_t value, int octets)
{
	for (; octets > 0; octets--, value >>= 8) {
		uint8_t octet = (uint8_t)value;

		put(s, &octet, 1);
	}
}

/* ASCII as UTF-16, least octet first. */
static inline void put_utf16(struct said *s, const char *text)
{
	for (; *text != '\0'; text++) {
		put_le(s, (uint8_t)*text, 2);
	}
}

/* Feeds all of it, the first octets as one segment would bring them, then in pieces of `piece` (0:
 * whole). */
static inline void talk_run(const struct dissector *d, const struct talk *t, size_t piece,
                            const struct dissect_flow *flow, struct outcome *out)
{
	memset(out, 0, sizeof *out);
	fake_sink_init(&out->sink);
	for (size_t i = 0; i < t->n && out->verdict == DISSECT_FOLLOW; i++) {
		const struct said *s = &t->said[i];
		size_t first = i == 0 && s->len > 40 ? 40 : i == 0 ? s->len : 0;

		if (first > 0) {
			out->verdict = fake_feed(d, out->state, &out->sink, s->side, s->bytes,
			                         first, 0, flow);
		}
		if (first < s->len && out->verdict == DISSECT_FOLLOW) {
			out->verdict = fake_feed(d, out->state, &out->sink, s->side,
			                         s->bytes + first, s->len - first, piece, flow);
		}
	}
}

/* True when the first thing said is recognised. */
static inline bool talk_is_known(const struct dissector *d, const struct talk *t,
                                 const struct dissect_flow *flow)
{
	return d->recognise(cur_make(t->said[0].bytes, t->said[0].len), t->said[0].side, flow) == 1;
}

/* The same notes, entries and sums, however it is cut. */
static inline void talk_is_same(const struct dissector *d, const struct talk *t,
                                const struct dissect_flow *flow, const struct outcome *want)
{
	static struct outcome got;

	for (size_t piece = 1; piece < 70; piece++) {
		talk_run(d, t, piece, flow, &got);
		ck_assert_int_eq(got.verdict, want->verdict);
		ck_assert_int_eq(got.sink.client, want->sink.client);
		ck_assert_int_eq(got.sink.encryption, want->sink.encryption);
		ck_assert_int_eq(got.sink.n_entries, want->sink.n_entries);
		ck_assert_int_eq(got.sink.n_notes, want->sink.n_notes);
		for (int i = 0; i < want->sink.n_notes; i++) {
			ck_assert_str_eq(got.sink.notes[i].text, want->sink.notes[i].text);
			ck_assert_uint_eq(got.sink.notes[i].count, want->sink.notes[i].count);
		}
		for (int i = 0; i < want->sink.n_entries; i++) {
			ck_assert_str_eq(got.sink.entries[i].text, want->sink.entries[i].text);
			ck_assert_int_eq(got.sink.entries[i].direction,
			                 want->sink.entries[i].direction);
		}
	}
}

/* Octets that were handed over and not accounted for are none. */
static inline void talk_is_counted(const struct talk *t, const struct outcome *o)
{
	uint64_t len[2] = {0, 0};

	for (size_t i = 0; i < t->n; i++) {
		len[t->said[i].side] += t->said[i].len;
	}
	ck_assert_uint_eq(o->sink.total[0], len[0]);
	ck_assert_uint_eq(o->sink.total[1], len[1]);
}

#endif
