#include "terrier/sensor/expect.h"

#include "terrier/sensor/claim.h"

#include "unit.h"

static struct addr host(const char *text)
{
	struct addr a = {{0}};

	ck_assert(addr_parse(text, &a));
	return a;
}

#define CLIENT_HOST "10.0.0.1"
#define SERVER_HOST "10.0.0.2"

static struct flow flow_of(const char *from, uint16_t from_port, const char *to, uint16_t to_port, int64_t second)
{
	struct flow f = {
		.addr = {host(from), host(to)},
		.port = {from_port, to_port},
		.ip_protocol = IP_TCP,
		.start_us = second * 1000000,
		.last_us = second * 1000000,
		.protocol = UINT16_MAX,
	};

	return f;
}

static struct flow control(void)
{
	struct flow f = flow_of(CLIENT_HOST, 40000, SERVER_HOST, 21, 1000);

	f.encrypted = ENCRYPTED_NO;
	f.name = 9;
	return f;
}

static void announce(struct expectations *e, const struct flow *parent, const char *end, uint16_t port, uint8_t from)
{
	expectations_add(e, parent, &(struct expected){
		.end = host(end),
		.port = port,
		.ip_protocol = IP_TCP,
		.from = from,
		.protocol = 7,
		.label = 5,
	});
}

START_TEST(a_passive_data_connection_is_counted_as_its_control)
{
	struct expectations *e = expectations_new();
	struct flow parent = control(), data = flow_of(CLIENT_HOST, 40001, SERVER_HOST, 50000, 1001);

	announce(e, &parent, SERVER_HOST, 50000, FROM_BALANCE);
	ck_assert(expectations_adopt(e, &data, true));
	ck_assert(data.is_adopted && data.has_row_port && data.row_port == 21 && data.client == 0);
	ck_assert(data.label == 5 && data.protocol == 7 && data.name == 9);
	ck_assert_msg(data.encrypted == ENCRYPTED_UNKNOWN, "a call in clear may agree on media that are not");
	ck_assert_msg((data.flags & FLOW_COUNTED) != 0, "it is no connection of its own");
	ck_assert(data.way == FROM_BALANCE + 1 && data.hint == 0);
	expectations_free(e);
}
END_TEST

START_TEST(an_active_one_has_the_same_client_though_the_server_opens_it)
{
	struct expectations *e = expectations_new();
	struct flow parent = control(), data = flow_of(SERVER_HOST, 20, CLIENT_HOST, 40005, 1001);

	announce(e, &parent, CLIENT_HOST, 40005, FROM_BALANCE);
	ck_assert(expectations_adopt(e, &data, true));
	ck_assert(data.client == 1 && data.row_port == 21);
	expectations_free(e);
}
END_TEST

START_TEST(the_way_is_handed_on_as_the_hosts_stand)
{
	struct expectations *e = expectations_new();
	struct flow parent = control(), data = flow_of(SERVER_HOST, 20, CLIENT_HOST, 40005, 1001);

	announce(e, &parent, CLIENT_HOST, 40005, FROM_1); /* from the server, which is side 0 there */
	ck_assert(expectations_adopt(e, &data, true));
	ck_assert_uint_eq(data.hint, FROM_0 + 1);
	expectations_free(e);
}
END_TEST

START_TEST(other_hosts_ports_times_and_transports_are_not_adopted)
{
	struct expectations *e = expectations_new();
	struct flow parent = control();
	struct flow stranger = flow_of("10.0.0.3", 40001, SERVER_HOST, 50000, 1001);
	struct flow elsewhere = flow_of(CLIENT_HOST, 40001, SERVER_HOST, 50001, 1001);
	struct flow late = flow_of(CLIENT_HOST, 40001, SERVER_HOST, 50000, 1001 + EXPECT_SECONDS);
	struct flow datagram = flow_of(CLIENT_HOST, 40001, SERVER_HOST, 50000, 1001);
	struct flow tagged = datagram, good = datagram;

	datagram.ip_protocol = IP_UDP;
	tagged.segment = 1;
	ck_assert(!expectations_adopt(e, &good, true));
	announce(e, &parent, SERVER_HOST, 50000, FROM_BALANCE);
	ck_assert(!expectations_adopt(e, &stranger, true) && !expectations_adopt(e, &elsewhere, true));
	ck_assert(!expectations_adopt(e, &late, true) && !expectations_adopt(e, &datagram, false));
	ck_assert(!expectations_adopt(e, &tagged, true));
	ck_assert(!good.is_adopted && expectations_adopt(e, &good, true));
	expectations_free(e);
}
END_TEST

START_TEST(announcements_for_others_and_for_no_port_are_ignored)
{
	struct expectations *e = expectations_new();
	struct flow parent = control(), data = flow_of("10.0.0.9", 40001, SERVER_HOST, 50000, 1001);
	struct flow portless = flow_of(CLIENT_HOST, 40001, SERVER_HOST, 0, 1001);

	announce(e, &parent, "10.0.0.9", 40001, FROM_BALANCE);
	announce(e, &parent, SERVER_HOST, 0, FROM_BALANCE);
	ck_assert(!expectations_adopt(e, &data, true) && !expectations_adopt(e, &portless, true));
	expectations_free(e);
}
END_TEST

START_TEST(who_opens_a_connection_is_not_where_it_was_expected)
{
	struct expectations *e = expectations_new();
	struct flow parent = control(), other = flow_of(CLIENT_HOST, 40005, SERVER_HOST, 22, 1001);

	announce(e, &parent, CLIENT_HOST, 40005, FROM_BALANCE);
	ck_assert_msg(!expectations_adopt(e, &other, true), "the port was used again for something else");
	ck_assert_msg(expectations_adopt(e, &other, false), "joined in the middle nobody can tell");
	expectations_free(e);
}
END_TEST

START_TEST(a_parent_that_begins_again_is_not_its_own_child)
{
	struct expectations *e = expectations_new();
	struct flow parent = flow_of(CLIENT_HOST, 40000, SERVER_HOST, 69, 1000);
	struct flow again = flow_of(CLIENT_HOST, 40000, SERVER_HOST, 69, 1200);
	struct flow answer = flow_of(SERVER_HOST, 55000, CLIENT_HOST, 40000, 1001);

	announce(e, &parent, CLIENT_HOST, 40000, FROM_1);
	ck_assert(!expectations_adopt(e, &again, false));
	ck_assert(expectations_adopt(e, &answer, false));
	ck_assert(answer.client == 1 && answer.row_port == 69 && answer.hint == FROM_0 + 1);
	expectations_free(e);
}
END_TEST

START_TEST(a_full_table_forgets_the_oldest_and_holds_the_newest)
{
	struct expectations *e = expectations_new();
	struct flow parent = control();
	unsigned found = 0;

	for (uint16_t port = 1024; port < 65000; port++) {
		parent.last_us += 1000;
		announce(e, &parent, SERVER_HOST, port, FROM_BALANCE);
	}
	for (uint16_t port = 63976; port < 65000; port++) {
		struct flow data = flow_of(CLIENT_HOST, 40001, SERVER_HOST, port, 1070);

		found += expectations_adopt(e, &data, true);
	}
	ck_assert_uint_eq(found, 1024);
	expectations_free(e);
}
END_TEST

UNIT_MAIN("expect", a_passive_data_connection_is_counted_as_its_control,
          an_active_one_has_the_same_client_though_the_server_opens_it, the_way_is_handed_on_as_the_hosts_stand,
          other_hosts_ports_times_and_transports_are_not_adopted, announcements_for_others_and_for_no_port_are_ignored,
          who_opens_a_connection_is_not_where_it_was_expected, a_parent_that_begins_again_is_not_its_own_child,
          a_full_table_forgets_the_oldest_and_holds_the_newest)
