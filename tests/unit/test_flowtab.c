#include "terrier/sensor/flowtab.h"

#include "unit.h"

#include <string.h>

struct ends {
	unsigned expired, reused, evicted, final;
};

static void count_end(void *context, struct flow *f, enum flow_end why)
{
	struct ends *e = context;

	(void)f;
	e->expired += why == FLOW_END_EXPIRED;
	e->reused += why == FLOW_END_REUSED;
	e->evicted += why == FLOW_END_EVICTED;
	e->final += why == FLOW_END_FINAL;
}

static struct packet tcp(const char *src, uint16_t sport, const char *dst, uint16_t dport, int64_t time_us)
{
	struct packet p = {.sport = sport, .dport = dport, .ip_protocol = IP_TCP, .time_us = time_us};

	addr_parse(src, &p.src);
	addr_parse(dst, &p.dst);
	return p;
}

static struct flow *get(struct flowtab *t, const struct packet *p, unsigned *side, bool *is_new)
{
	return flowtab_get(t, p, 0, side, is_new);
}

START_TEST(both_directions_meet_in_one_flow)
{
	struct ends ends = {0};
	struct flowtab *t = flowtab_new(64, 1, count_end, &ends);
	struct packet p = tcp("10.0.0.1", 1000, "10.0.0.2", 2575, 1), q = tcp("10.0.0.2", 2575, "10.0.0.1", 1000, 2);
	struct packet other = tcp("10.0.0.1", 2575, "10.0.0.2", 1000, 3);
	unsigned side;
	bool is_new;

	struct flow *f = get(t, &p, &side, &is_new);
	ck_assert(is_new && side == 0);
	ck_assert_ptr_eq(get(t, &q, &side, &is_new), f);
	ck_assert(!is_new && side == 1);
	ck_assert_ptr_ne(get(t, &other, &side, &is_new), f);
	ck_assert(is_new);
	ck_assert_ptr_ne(flowtab_get(t, &p, 1, &side, &is_new), f);
	ck_assert_msg(is_new, "another segment is another flow");
	ck_assert_uint_eq(flowtab_count(t), 3);
	flowtab_free(t);
}
END_TEST

START_TEST(an_idle_flow_ends_at_its_next_packet_and_by_the_sweep)
{
	struct ends ends = {0};
	struct flowtab *t = flowtab_new(64, 1, count_end, &ends);
	struct packet p = tcp("10.0.0.1", 1000, "10.0.0.2", 80, 0);
	unsigned side;
	bool is_new;

	get(t, &p, &side, &is_new)->stage = FLOW_DECIDED;
	p.time_us = FLOW_IDLE_TCP_US;
	get(t, &p, &side, &is_new);
	ck_assert_msg(!is_new, "exactly the limit is not yet over");
	flowtab_sweep(t, FLOW_IDLE_TCP_US, 64);
	p.time_us = 2 * FLOW_IDLE_TCP_US + 2;
	get(t, &p, &side, &is_new);
	ck_assert(is_new);
	ck_assert_uint_eq(ends.expired, 1);
	flowtab_sweep(t, p.time_us + FLOW_IDLE_SYN_US + 1, 64);
	ck_assert_uint_eq(ends.expired, 2);
	ck_assert_uint_eq(flowtab_count(t), 0);
	flowtab_free(t);
}
END_TEST

START_TEST(a_new_syn_on_a_closed_flow_begins_another)
{
	struct ends ends = {0};
	struct flowtab *t = flowtab_new(64, 1, count_end, &ends);
	struct packet p = tcp("10.0.0.1", 1000, "10.0.0.2", 80, 0);
	unsigned side;
	bool is_new;

	p.tcp_flags = TCP_SYN;
	p.seq = 7;
	struct flow *f = get(t, &p, &side, &is_new);
	flow_new_octets(f, 0, p.seq + 1, 0);
	get(t, &p, &side, &is_new);
	ck_assert_msg(!is_new, "a repeated SYN is the same connection");
	f->flags |= FLOW_FIN_0 | FLOW_FIN_1;
	p.seq = 99;
	get(t, &p, &side, &is_new);
	ck_assert(is_new);
	ck_assert_uint_eq(ends.reused, 1);
	flowtab_free(t);
}
END_TEST

START_TEST(a_full_table_evicts_the_idlest_and_never_grows)
{
	struct ends ends = {0};
	struct flowtab *t = flowtab_new(64, 1, count_end, &ends);
	unsigned side;
	bool is_new;

	for (int i = 0; i < 10000; i++) {
		struct packet p = tcp("10.0.0.1", (uint16_t)(i % 60000), "10.0.0.2", 80, i);
		get(t, &p, &side, &is_new);
		ck_assert(is_new && flowtab_count(t) <= 64);
	}
	ck_assert_uint_eq(ends.evicted, 10000 - 64);
	flowtab_end_all(t);
	ck_assert_uint_eq(ends.final, 64);
	flowtab_free(t);
}
END_TEST

START_TEST(every_flow_is_found_again_after_many_removals)
{
	struct ends ends = {0};
	struct flowtab *t = flowtab_new(4096, 42, count_end, &ends);
	unsigned side;
	bool is_new;

	for (int round = 0; round < 3; round++) {
		int64_t now = round * 10 * FLOW_IDLE_TCP_US;
		for (int i = 0; i < 4000; i++) {
			struct packet p = tcp("10.0.0.1", (uint16_t)(i + 1), "10.0.0.2", (uint16_t)(80 + i % 7), now);
			get(t, &p, &side, &is_new);
			ck_assert(is_new);
		}
		for (int i = 0; i < 4000; i += 2) {
			struct packet p = tcp("10.0.0.2", (uint16_t)(80 + i % 7), "10.0.0.1", (uint16_t)(i + 1),
			                      now + FLOW_IDLE_SYN_US);
			get(t, &p, &side, &is_new)->last_us = p.time_us;
			ck_assert(!is_new && side == 1);
		}
		flowtab_sweep(t, now + FLOW_IDLE_SYN_US + 1, 8192);
		ck_assert_uint_eq(flowtab_count(t), 2000);
		for (int i = 0; i < 4000; i += 2) {
			struct packet p = tcp("10.0.0.1", (uint16_t)(i + 1), "10.0.0.2", (uint16_t)(80 + i % 7),
			                      now + FLOW_IDLE_SYN_US);
			get(t, &p, &side, &is_new);
			ck_assert(!is_new);
		}
	}
	flowtab_free(t);
}
END_TEST

START_TEST(a_flow_of_any_protocol_number_ends)
{
	struct ends ends = {0};
	struct flowtab *t = flowtab_new(512, 1, count_end, &ends);
	struct packet p = tcp("10.0.0.1", 0, "10.0.0.2", 0, 1);
	unsigned side;
	bool is_new;

	for (int protocol = 0; protocol < 256; protocol++) {
		p.ip_protocol = (uint8_t)protocol;
		get(t, &p, &side, &is_new);
	}
	flowtab_end_all(t);
	ck_assert_uint_eq(ends.final, 256);
	ck_assert_uint_eq(flowtab_count(t), 0);
	flowtab_free(t);
}
END_TEST

START_TEST(octets_are_counted_once_whatever_the_order)
{
	struct flow f = {0};

	ck_assert_uint_eq(flow_new_octets(&f, 0, 1000, 100), 100);
	ck_assert_msg(flow_new_octets(&f, 0, 1000, 100) == 0, "retransmission");
	ck_assert_msg(flow_new_octets(&f, 0, 1099, 1) == 0, "keepalive");
	ck_assert_msg(flow_new_octets(&f, 0, 1050, 100) == 50, "overlap");
	ck_assert_msg(flow_new_octets(&f, 0, 1250, 50) == 50, "ahead: 1150 to 1250 is missing");
	ck_assert_msg(flow_new_octets(&f, 0, 1150, 60) == 60, "late");
	ck_assert_msg(flow_new_octets(&f, 0, 1150, 60) == 0, "late, again");
	ck_assert_msg(flow_new_octets(&f, 0, 1200, 100) == 40, "the rest of the hole, and old octets");
	ck_assert_msg(flow_new_octets(&f, 0, 1300, 10) == 10, "in order");
	ck_assert_msg(flow_new_octets(&f, 1, 5, 10) == 10, "the other side has its own numbers");
}
END_TEST

START_TEST(sequence_numbers_wrap)
{
	struct flow f = {0};

	ck_assert_uint_eq(flow_new_octets(&f, 0, 0xfffffff0u, 16), 16);
	ck_assert_uint_eq(flow_new_octets(&f, 0, 0, 10), 10);
	ck_assert_uint_eq(flow_new_octets(&f, 0, 0xfffffff0u, 26), 0);
}
END_TEST

UNIT_MAIN("flowtab", both_directions_meet_in_one_flow, an_idle_flow_ends_at_its_next_packet_and_by_the_sweep,
          a_new_syn_on_a_closed_flow_begins_another, a_full_table_evicts_the_idlest_and_never_grows,
          every_flow_is_found_again_after_many_removals, a_flow_of_any_protocol_number_ends, octets_are_counted_once_whatever_the_order,
          sequence_numbers_wrap)
