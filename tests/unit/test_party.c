#include "terrier/daemon/party.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

static struct prefix own[2], outside[1];

static struct parties *make(uint32_t max_hosts, uint32_t max_parties)
{
	prefix_parse("10.0.0.0/8", &own[0]);
	prefix_parse("fc00::/7", &own[1]);
	prefix_parse("10.200.0.0/16", &outside[0]);
	return parties_new(&(struct party_options){
		.own = own, .n_own = 2, .outside = outside, .n_outside = 1, .max_hosts = max_hosts,
		.max_parties = max_parties,
	});
}

static const char *resolve(struct parties *p, const char *text, const char *name, int64_t started_us)
{
	static char out[RECORD_NAME_MAX + 64];
	struct endpoint e;
	struct addr a;

	addr_parse(text, &a);
	parties_resolve(p, &a, name, started_us, &e);
	if (e.party[0] != '\0') {
		snprintf(out, sizeof out, "[%s]%s", e.party, e.is_inside ? "" : " outside");
	} else {
		addr_format(&e.addr, out);
	}
	return out;
}

START_TEST(inside_hosts_stay_addresses_whatever_they_are_called)
{
	struct parties *p = make(10, 10);

	ck_assert_str_eq(resolve(p, "10.1.2.3", "www.example.org", 0), "10.1.2.3");
	ck_assert_str_eq(resolve(p, "fd00::1", "", 0), "fd00::1");
	parties_free(p);
}
END_TEST

START_TEST(outside_hosts_fold_into_name_then_dns_then_block)
{
	struct parties *p = make(10, 10);
	struct addr a;

	addr_parse("192.0.2.7", &a);
	ck_assert_str_eq(resolve(p, "192.0.2.7", "", 100), "[192.0.2.0/24] outside");
	ck_assert_str_eq(resolve(p, "2001:db8:1:2::3", "", 100), "[2001:db8:1::/48] outside");
	parties_learn(p, &a, "old.example.org", 10);
	parties_learn(p, &a, "new.example.org", 50);
	ck_assert_str_eq(resolve(p, "192.0.2.7", "", 100), "[new.example.org] outside");
	ck_assert_str_eq(resolve(p, "192.0.2.7", "", 20), "[old.example.org] outside");
	ck_assert_str_eq(resolve(p, "192.0.2.7", "", 5), "[192.0.2.0/24] outside");
	ck_assert_str_eq(resolve(p, "192.0.2.7", "sni.example.org", 100), "[sni.example.org] outside");
	ck_assert_str_eq(resolve(p, "10.200.1.1", "", 0), "[10.200.1.0/24] outside");
	parties_free(p);
}
END_TEST

START_TEST(names_learnt_in_any_order_give_the_same_party)
{
	struct parties *p = make(10, 10), *q = make(10, 10);
	struct addr a;

	addr_parse("192.0.2.7", &a);
	parties_learn(p, &a, "a.example", 10);
	parties_learn(p, &a, "b.example", 10);
	parties_learn(q, &a, "b.example", 10);
	parties_learn(q, &a, "a.example", 10);
	ck_assert_str_eq(resolve(p, "192.0.2.7", "", 10), "[a.example] outside");
	ck_assert_str_eq(resolve(q, "192.0.2.7", "", 10), "[a.example] outside");
	parties_free(p);
	parties_free(q);
}
END_TEST

START_TEST(addresses_of_many_are_parties_but_never_outside)
{
	struct parties *p = make(10, 10);

	ck_assert_str_eq(resolve(p, "255.255.255.255", "", 0), "[broadcast]");
	ck_assert_str_eq(resolve(p, "0.0.0.0", "", 0), "[unspecified]");
	ck_assert_str_eq(resolve(p, "239.1.2.3", "", 0), "[multicast 239.1.2.3]");
	ck_assert_str_eq(resolve(p, "ff02::1:ff12:3456", "", 0), "[multicast ff02::1:ff00:0/104]");
	ck_assert_str_eq(resolve(p, "127.0.0.1", "", 0), "127.0.0.1");
	parties_free(p);
}
END_TEST

START_TEST(the_number_of_hosts_and_parties_is_bounded)
{
	struct parties *p = make(2, 2);

	resolve(p, "10.0.0.1", "", 0);
	resolve(p, "10.0.0.2", "", 0);
	ck_assert_str_eq(resolve(p, "10.0.0.3", "", 0), "[10.0.0.0/24]");
	ck_assert_str_eq(resolve(p, "10.0.0.2", "", 0), "10.0.0.2");
	resolve(p, "192.0.2.1", "a.example", 0);
	resolve(p, "192.0.2.2", "b.example", 0);
	ck_assert_str_eq(resolve(p, "192.0.2.3", "c.example", 0), "[other outside addresses] outside");
	ck_assert_str_eq(resolve(p, "192.0.2.9", "a.example", 0), "[a.example] outside");
	parties_free(p);
}
END_TEST

UNIT_MAIN("party", inside_hosts_stay_addresses_whatever_they_are_called,
          outside_hosts_fold_into_name_then_dns_then_block, names_learnt_in_any_order_give_the_same_party,
          addresses_of_many_are_parties_but_never_outside, the_number_of_hosts_and_parties_is_bounded)
