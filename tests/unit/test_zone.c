#include "terrier/model/zone.h"

#include "unit.h"

static void add(struct zones *z, const char *name, const char *block)
{
	struct prefix p;

	ck_assert_msg(prefix_parse(block, &p), "%s", block);
	zones_add(z, name, &p);
}

static const char *find(const struct zones *z, const char *text)
{
	struct addr a;

	ck_assert_msg(addr_parse(text, &a), "%s", text);
	return zones_find(z, &a);
}

START_TEST(the_longest_block_decides_whatever_the_order)
{
	struct zones *z = zones_new();

	add(z, "Theatres", "10.77.30.0/24");
	add(z, "Trust", "10.77.0.0/16");
	add(z, "Anaesthetic machine", "10.77.30.9");
	add(z, "Guests", "fd00:5::/64");
	ck_assert_str_eq(find(z, "10.77.30.1"), "Theatres");
	ck_assert_str_eq(find(z, "10.77.30.9"), "Anaesthetic machine");
	ck_assert_str_eq(find(z, "10.77.31.1"), "Trust");
	ck_assert_str_eq(find(z, "fd00:5::1"), "Guests");
	zones_free(z);
}
END_TEST

START_TEST(the_block_that_decides_is_told)
{
	struct zones *z = zones_new();
	struct prefix p = {.bits = 1};
	char text[PREFIX_TEXT_MAX];
	struct addr a;

	add(z, "Theatres", "10.77.30.0/24");
	add(z, "Trust", "10.77.0.0/16");
	ck_assert(addr_parse("10.77.30.9", &a));
	ck_assert(zones_block(z, &a, &p));
	ck_assert_str_eq(prefix_format(&p, text), "10.77.30.0/24");
	ck_assert(addr_parse("10.78.0.1", &a));
	ck_assert(!zones_block(z, &a, &p));
	ck_assert_str_eq(prefix_format(&p, text), "10.77.30.0/24");
	zones_free(z);
}
END_TEST

START_TEST(of_two_equal_blocks_the_first_counts)
{
	struct zones *z = zones_new();

	add(z, "A", "10.77.30.0/24");
	add(z, "B", "10.77.30.0/24");
	ck_assert_str_eq(find(z, "10.77.30.1"), "A");
	zones_free(z);
}
END_TEST

START_TEST(an_address_in_no_block_has_no_zone)
{
	struct zones *z = zones_new();

	ck_assert_ptr_null(find(z, "10.0.0.1"));
	add(z, "All of IPv6", "::/0");
	ck_assert_ptr_null(find(z, "10.0.0.1"));
	zones_free(z);
	zones_free(NULL);
}
END_TEST

START_TEST(zones_are_known_by_name_in_any_case)
{
	struct zones *z = zones_new();

	add(z, "Wards", "10.77.30.0/24");
	ck_assert(zones_has(z, "wards"));
	ck_assert(!zones_has(z, "ward"));
	zones_free(z);
}
END_TEST

START_TEST(subnets_stand_for_missing_zones)
{
	char out[PREFIX_TEXT_MAX];
	struct addr a;

	ck_assert(addr_parse("10.77.30.9", &a));
	ck_assert_str_eq(zone_subnet(&a, out), "10.77.30.0/24");
	ck_assert(addr_parse("fd00:5::1:2", &a));
	ck_assert_str_eq(zone_subnet(&a, out), "fd00:5::/64");
}
END_TEST

UNIT_MAIN("zone", the_longest_block_decides_whatever_the_order, the_block_that_decides_is_told,
          of_two_equal_blocks_the_first_counts,
          an_address_in_no_block_has_no_zone, zones_are_known_by_name_in_any_case,
          subnets_stand_for_missing_zones)
