#include "terrier/sensor/stream.h"

#include "unit.h"

#include <string.h>

/* What a reader of the stream would see: bytes, with '?' for lost octets. */
struct reader {
	char text[256];
	size_t len;
	size_t stop_after; /* refuse more than this; 0: never */
};

static bool read_bytes(void *context, unsigned side, struct cursor bytes, uint64_t lost)
{
	struct reader *r = context;

	(void)side;
	for (uint64_t i = 0; i < lost; i++) {
		r->text[r->len++] = '?';
	}
	memcpy(r->text + r->len, bytes.p, cur_left(&bytes));
	r->len += cur_left(&bytes);
	r->text[r->len] = '\0';
	return r->stop_after == 0 || r->len < r->stop_after;
}

static void push(struct stream_pool *p, struct stream *s, uint32_t seq, const char *text, struct reader *r)
{
	stream_push(p, s, 0, seq, cur_make(text, strlen(text)), 0, 0, read_bytes, r);
}

START_TEST(segments_in_order_pass_straight_through)
{
	struct stream_pool *p = stream_pool_new(4);
	struct stream s = {0};
	struct reader r = {0};

	push(p, &s, 100, "abc", &r);
	push(p, &s, 103, "def", &r);
	push(p, &s, 100, "abc", &r);
	push(p, &s, 105, "fgh", &r);
	ck_assert_str_eq(r.text, "abcdefgh");
	stream_pool_free(p);
}
END_TEST

START_TEST(segments_out_of_order_are_put_in_order)
{
	struct stream_pool *p = stream_pool_new(8);
	struct stream s = {0};
	struct reader r = {0};

	push(p, &s, 0xfffffffeu, "ab", &r);
	push(p, &s, 6, "ij", &r);
	push(p, &s, 3, "fgh", &r);
	push(p, &s, 1, "de", &r);
	ck_assert_str_eq(r.text, "ab");
	push(p, &s, 0, "c", &r);
	ck_assert_str_eq(r.text, "abcdefghij");
	ck_assert_uint_eq(s.n_held, 0);
	stream_pool_free(p);
}
END_TEST

START_TEST(a_hole_that_nobody_fills_is_declared_lost)
{
	struct stream_pool *p = stream_pool_new(64);
	struct stream s = {0};
	struct reader r = {0};

	push(p, &s, 0, "a", &r);
	for (uint32_t i = 0; i <= STREAM_HELD_MAX; i++) {
		push(p, &s, 3 + i, "x", &r);
	}
	ck_assert_int_eq(strncmp(r.text, "a??xxxx", 7), 0);
	memset(&r, 0, sizeof r);
	push(p, &s, 100, "end", &r);
	stream_flush(p, &s, 0, read_bytes, &r);
	ck_assert_int_eq(strncmp(r.text, "???", 3), 0);
	ck_assert_ptr_nonnull(strstr(r.text, "?end"));
	stream_pool_free(p);
}
END_TEST

START_TEST(a_hole_does_not_stay_open_for_ever)
{
	struct stream_pool *p = stream_pool_new(64);
	struct stream s = {0};
	struct reader r = {0};

	push(p, &s, 0, "a", &r);
	stream_push(p, &s, 0, 2, cur_make("c", 1), 0, 10, read_bytes, &r);
	ck_assert_str_eq(r.text, "a");
	stream_push(p, &s, 0, 3, cur_make("d", 1), 0, 11 + STREAM_WAIT_US, read_bytes, &r);
	ck_assert_str_eq(r.text, "a?cd");
	stream_pool_free(p);
}
END_TEST

START_TEST(an_empty_pool_loses_the_hole_but_not_the_segment)
{
	struct stream_pool *p = stream_pool_new(1);
	struct stream a = {0}, b = {0};
	struct reader ra = {0}, rb = {0};

	push(p, &a, 0, "a", &ra);
	push(p, &b, 0, "b", &rb);
	push(p, &a, 2, "x", &ra);
	push(p, &b, 2, "y", &rb);
	ck_assert_str_eq(rb.text, "b?y");
	push(p, &a, 1, "-", &ra);
	ck_assert_str_eq(ra.text, "a-x");
	stream_pool_free(p);
}
END_TEST

START_TEST(octets_that_were_not_captured_are_lost_octets)
{
	struct stream_pool *p = stream_pool_new(4);
	struct stream s = {0};
	struct reader r = {0};

	stream_push(p, &s, 0, 0, cur_make("ab", 2), 3, 0, read_bytes, &r);
	push(p, &s, 5, "f", &r);
	ck_assert_str_eq(r.text, "ab???f");
	stream_pool_free(p);
}
END_TEST

START_TEST(a_reader_that_has_had_enough_gets_no_more)
{
	struct stream_pool *p = stream_pool_new(4);
	struct stream s = {0};
	struct reader r = {.stop_after = 2};

	push(p, &s, 0, "a", &r);
	push(p, &s, 2, "c", &r);
	push(p, &s, 1, "b", &r);
	ck_assert_str_eq(r.text, "ab");
	ck_assert_uint_eq(s.n_held, 0);
	stream_pool_free(p);
}
END_TEST

START_TEST(absurd_sequence_numbers_begin_the_stream_again)
{
	struct stream_pool *p = stream_pool_new(4);
	struct stream s = {0};
	struct reader r = {0};

	push(p, &s, 0, "a", &r);
	push(p, &s, 0x40000000u, "z", &r);
	ck_assert_str_eq(r.text, "a?z");
	stream_pool_free(p);
}
END_TEST

UNIT_MAIN("stream", segments_in_order_pass_straight_through, segments_out_of_order_are_put_in_order,
          a_hole_that_nobody_fills_is_declared_lost, a_hole_does_not_stay_open_for_ever,
          an_empty_pool_loses_the_hole_but_not_the_segment, octets_that_were_not_captured_are_lost_octets,
          a_reader_that_has_had_enough_gets_no_more, absurd_sequence_numbers_begin_the_stream_again)
