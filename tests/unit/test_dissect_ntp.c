#include "fake_sink.h"

#include "unit.h"

extern const struct dissector dissector_ntp;

static const struct dissect_flow flow = {.ip_protocol = IP_UDP, .port = {123, 123}};

static size_t claim(uint8_t first, uint8_t second, size_t len, const struct dissect_flow *f)
{
	uint8_t packet[128] = {first, second};

	return dissector_ntp.recognise(cur_make(packet, len), SIDE_0, f);
}

START_TEST(versions_modes_and_sizes_are_checked)
{
	const struct dissect_flow other = {.ip_protocol = IP_UDP, .port = {40000, 124}};

	ck_assert_uint_eq(claim(0x23, 0, 48, &flow), 1);
	ck_assert_uint_eq(claim(0x1b, 0, 68, &flow), 1); /* with a digest */
	ck_assert_uint_eq(claim(0x23, 0, 48, &other), 0);
	ck_assert_uint_eq(claim(0x23, 0, 47, &flow), 0);
	ck_assert_uint_eq(claim(0x23, 0, 50, &flow), 0);
	ck_assert_uint_eq(claim(0x23, 17, 48, &flow), 0); /* stratum */
	ck_assert_uint_eq(claim(0x20, 0, 48, &flow), 0);  /* mode 0 */
	ck_assert_uint_eq(claim(0x2b, 0, 48, &flow), 0);  /* version 5 */
	ck_assert_uint_eq(claim(0x16, 2, 12, &flow), 1);  /* control */
	ck_assert_uint_eq(claim(0x16, 2, 11, &flow), 0);
	ck_assert_uint_eq(claim(0x17, 0, 8, &flow), 1); /* monlist */
	ck_assert_uint_eq(claim(0x23, 0, 1, &flow), 0);
}
END_TEST

START_TEST(the_mode_tells_who_asks)
{
	static const struct {
		uint8_t first, second;
		int client;
		enum info_direction direction;
	} cases[] = {
	        {0x23, 0, SIDE_0, INFO_MSG},    {0x24, 2, SIDE_1, INFO_MSG},
	        {0x25, 2, SIDE_1, INFO_MSG},    {0x21, 2, SIDE_0, INFO_BOTH},
	        {0x22, 2, SIDE_1, INFO_BOTH},   {0x16, 2, SIDE_0, INFO_MSG},
	        {0x16, 0x82, SIDE_1, INFO_MSG}, {0x97, 0, SIDE_1, INFO_MSG},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t packet[48] = {cases[i].first, cases[i].second};
		struct sink sink;

		fake_sink_init(&sink);
		dissector_ntp.dissect(NULL, SIDE_0, cur_make(packet, sizeof packet), 0, &flow,
		                      &sink);
		ck_assert_int_eq(sink.client, cases[i].client);
		ck_assert_int_eq(sink.entries[0].side, cases[i].client);
		ck_assert_int_eq(sink.entries[0].direction, cases[i].direction);
		ck_assert_uint_eq(sink.total[0], sizeof packet);
	}
}
END_TEST

UNIT_MAIN("dissect_ntp", versions_modes_and_sizes_are_checked, the_mode_tells_who_asks)
