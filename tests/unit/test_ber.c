#include "../../src/dissect/ber.h"

#include "unit.h"

#define BYTES(text) cur_make(text, sizeof text - 1)

START_TEST(elements_are_read_one_after_the_other)
{
	struct cursor c = BYTES("\x30\x03\x02\x01\x05\x04\x02hi"), body;
	struct ber e;
	uint32_t n = 0;

	ck_assert(ber_enter(&c, BER_SEQUENCE, &body));
	ck_assert(ber_number(&body, BER_INTEGER, &n));
	ck_assert_uint_eq(n, 5);
	ck_assert(ber_read(&c, &e));
	ck_assert(e.tag == BER_OCTETS && e.len == 2 && !e.is_cut && cur_is(&e.body, "hi", 2));
	ck_assert(cur_left(&c) == 0 && !c.bad);
	ck_assert(!ber_read(&c, &e));
}
END_TEST

START_TEST(long_lengths_have_up_to_four_octets)
{
	struct cursor c = BYTES("\x04\x84\0\0\0\x01x\x04\x81\x01y"),
	              five = BYTES("\x04\x85\0\0\0\0\x01x");
	struct ber e;

	ck_assert(ber_read(&c, &e) && e.len == 1 && cur_is(&e.body, "x", 1));
	ck_assert(ber_read(&c, &e) && e.len == 1 && cur_is(&e.body, "y", 1));
	ck_assert(!ber_read(&five, &e));
}
END_TEST

START_TEST(an_element_that_is_not_all_there_is_cut)
{
	struct cursor c = BYTES("\x04\x84\xff\xff\xff\xff"
	                        "abc");
	struct ber e;

	ck_assert(ber_read(&c, &e));
	ck_assert(e.is_cut && e.len == UINT32_MAX && cur_left(&e.body) == 3);
	ck_assert(cur_left(&c) == 0 && !c.bad);
}
END_TEST

START_TEST(indefinite_lengths_long_tags_and_half_headers_are_refused)
{
	struct cursor indefinite = BYTES("\x30\x80\0\0"), tag = BYTES("\x1f\x81\x01\0"),
	              half = BYTES("\x30\x82\x01");
	struct ber e;

	ck_assert(!ber_read(&indefinite, &e) && indefinite.bad);
	ck_assert(!ber_read(&tag, &e) && tag.bad);
	ck_assert(!ber_read(&half, &e) && half.bad);
}
END_TEST

START_TEST(numbers_are_neither_negative_nor_large_nor_cut)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool is_good;
		uint32_t value;
	} cases[] = {
	        {"\x02\x01\x7f", 3, true, 127},
	        {"\x02\x02\0\xff", 4, true, 255},
	        {"\x02\x04\x7f\xff\xff\xff", 6, true, INT32_MAX},
	        {"\x02\x05\0\x7f\xff\xff\xff", 7, true, INT32_MAX},
	        {"\x02\x05\0\x80\0\0\0", 7, false, 0},
	        {"\x02\x01\xff", 3, false, 0},
	        {"\x02\x02\0", 3, false, 0},
	        {"\x02\0", 2, false, 0},
	        {"\x04\x01\x01", 3, false, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cursor c = cur_make(cases[i].bytes, cases[i].len);
		uint32_t value = 0;

		ck_assert(ber_number(&c, BER_INTEGER, &value) == cases[i].is_good);
		ck_assert_uint_eq(value, cases[i].value);
		ck_assert(c.bad != cases[i].is_good);
	}
}
END_TEST

START_TEST(an_element_is_found_behind_others)
{
	struct cursor c = BYTES("\xa0\x01x\xa2\x01y\xa3\x01z"), body;

	ck_assert(ber_find(&c, BER_CONTEXT(2), &body) && cur_is(&body, "y", 1));
	ck_assert(!ber_find(&c, BER_CONTEXT(2), &body));
	ck_assert(!ber_find(&c, BER_CONTEXT(3), &body));
}
END_TEST

UNIT_MAIN("ber", elements_are_read_one_after_the_other, long_lengths_have_up_to_four_octets,
          an_element_that_is_not_all_there_is_cut,
          indefinite_lengths_long_tags_and_half_headers_are_refused,
          numbers_are_neither_negative_nor_large_nor_cut, an_element_is_found_behind_others)
