#include "terrier/base/cursor.h"

#include "unit.h"

START_TEST(integers_are_read_in_both_orders)
{
	static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct cursor c = cur_make(bytes, sizeof bytes);

	ck_assert_uint_eq(cur_u16(&c), 0x0102);
	ck_assert_uint_eq(cur_le16(&c), 0x0403);
	ck_assert_uint_eq(cur_u32(&c), 0x05060708);
	ck_assert(!c.bad && cur_left(&c) == 0);
	c = cur_make(bytes, sizeof bytes);
	ck_assert(cur_u64(&c) == UINT64_C(0x0102030405060708));
	c = cur_make(bytes, sizeof bytes);
	ck_assert_uint_eq(cur_u24(&c), 0x010203);
	ck_assert_uint_eq(cur_le32(&c), 0x07060504);
}
END_TEST

START_TEST(a_read_past_the_end_gives_zero_and_stays_bad)
{
	static const uint8_t bytes[] = {0xff, 0xff, 0xff};
	struct cursor c = cur_make(bytes, sizeof bytes);

	ck_assert_uint_eq(cur_u32(&c) & 0xffff, 0);
	ck_assert(c.bad && cur_left(&c) == 0);
	ck_assert_uint_eq(cur_u8(&c), 0);
	ck_assert(c.bad);
}
END_TEST

START_TEST(a_part_cannot_be_larger_than_the_whole)
{
	static const uint8_t bytes[] = {1, 2, 3};
	struct cursor c = cur_make(bytes, sizeof bytes);
	struct cursor part = cur_sub(&c, 2);

	ck_assert(!part.bad && cur_left(&part) == 2 && cur_left(&c) == 1);
	part = cur_sub(&c, 2);
	ck_assert(part.bad && cur_left(&part) == 0 && c.bad);
	ck_assert_ptr_null(cur_take(&c, 1));
}
END_TEST

START_TEST(an_empty_cursor_may_have_no_bytes_behind_it)
{
	struct cursor c = cur_make(NULL, 0);

	ck_assert_uint_eq(cur_u8(&c), 0);
	ck_assert(c.bad && !cur_is(&c, "x", 1));
}
END_TEST

UNIT_MAIN("cursor", integers_are_read_in_both_orders, a_read_past_the_end_gives_zero_and_stays_bad,
          a_part_cannot_be_larger_than_the_whole, an_empty_cursor_may_have_no_bytes_behind_it)
