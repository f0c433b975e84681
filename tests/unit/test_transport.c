#include "terrier/model/transport.h"

#include "unit.h"

#include <string.h>

START_TEST(protocols_have_their_names_or_numbers)
{
	char out[TRANSPORT_NAME_MAX];

	ck_assert_str_eq(transport_name(6, out), "tcp");
	ck_assert_str_eq(transport_name(17, out), "udp");
	ck_assert_str_eq(transport_name(58, out), "icmpv6");
	ck_assert_str_eq(transport_name(89, out), "ospf");
	ck_assert_str_eq(transport_name(0, out), "ip-0");
	ck_assert_str_eq(transport_name(255, out), "ip-255");
}
END_TEST

START_TEST(every_name_fits)
{
	char out[TRANSPORT_NAME_MAX];

	for (int i = 0; i < 256; i++) {
		ck_assert_msg(strlen(transport_name((uint8_t)i, out)) > 1, "%d", i);
		ck_assert_msg(strlen(out) < sizeof out - 0, "%d", i);
	}
}
END_TEST

UNIT_MAIN("transport", protocols_have_their_names_or_numbers, every_name_fits)
