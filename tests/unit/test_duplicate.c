#include "terrier/sensor/duplicate.h"

#include "unit.h"

#include "frame.h"

#define MS 1000

static struct decoder *ethernet;
static struct duplicate_filter *filter;

static void setup(void)
{
	duplicate_free(filter);
	filter = duplicate_new(0, 0);
	ethernet = ethernet != NULL ? ethernet : decoder_new(1);
}

static bool seen_at(const struct frame *f, int64_t time_us)
{
	struct packet p;

	ck_assert_int_eq(frame_decode_at(ethernet, f, f->n, time_us, &p), PACKET_IP);
	return duplicate_seen(filter, &p);
}

/* A TCP segment of 100 octets. The IP header is at 14 in an untagged frame. */
static struct frame tcp(unsigned id, uint32_t seq)
{
	struct frame f = {.n = 0};

	frame_hex(&f, ETHERNET "0800");
	frame_ip4_part(&f, IP_TCP, 1, 2, 120, id, 0x4000);
	frame_tcp(&f, 40000, 104, seq, TCP_ACK | TCP_PSH);
	memset(f.b + f.n, 'x', 100);
	f.n += 100;
	return f;
}

static struct frame udp6(const char *payload)
{
	struct frame f = {.n = 0};

	frame_hex(&f, ETHERNET "86dd");
	frame_ip6(&f, IP_UDP, 1, 2, 8 + strlen(payload));
	frame_udp(&f, 40000, 514, strlen(payload));
	frame_bytes(&f, payload, strlen(payload));
	return f;
}

START_TEST(a_copy_within_the_window_is_seen_and_a_later_one_is_not)
{
	struct frame f = tcp(7, 1);

	setup();
	ck_assert(!seen_at(&f, 1000 * MS));
	ck_assert(seen_at(&f, 1000 * MS));
	ck_assert(seen_at(&f, 1020 * MS));
	ck_assert(!seen_at(&f, 1041 * MS));
	ck_assert(seen_at(&f, 1042 * MS));
}
END_TEST

START_TEST(a_steady_repetition_is_not_taken_for_copies_for_ever)
{
	struct frame f = tcp(7, 1);
	int n = 0;

	setup();
	for (int i = 0; i < 100; i++) {
		n += !seen_at(&f, i * 10 * MS);
	}
	ck_assert_int_ge(n, 33);
}
END_TEST

START_TEST(copies_may_differ_in_mac_tag_ttl_dscp_and_checksum)
{
	struct frame f = tcp(7, 1), g = {.n = 0};

	setup();
	ck_assert(!seen_at(&f, 0));
	frame_hex(&g, "02000000000a 02000000000b 88a8 0064 8100 0005 0800");
	frame_bytes(&g, f.b + 14, f.n - 14);
	g.b[22 + 1] = 0xb8;
	g.b[22 + 8]--;
	g.b[22 + 10] = 0x12;
	ck_assert(seen_at(&g, 15 * MS));
	frame_hex(&g, "000000000000"); /* trailer */
	ck_assert(seen_at(&g, 16 * MS));
}
END_TEST

START_TEST(a_copy_around_which_there_is_a_tunnel_is_seen)
{
	struct frame f = tcp(7, 1), g = {.n = 0};

	setup();
	ck_assert(!seen_at(&f, 0));
	frame_hex(&g, ETHERNET "0800");
	frame_ip4(&g, 47, 11, 12, 4 + 14 + 140);
	frame_hex(&g, "0000 88be");
	frame_bytes(&g, f.b, f.n);
	ck_assert(seen_at(&g, 5 * MS));
}
END_TEST

START_TEST(packets_that_differ_in_anything_that_counts_are_no_copies)
{
	/* identification, source, target, ports, seq, ack, flags, window, checksum, first and last of the payload */
	static const size_t at[] = {14 + 5, 14 + 15, 14 + 19, 34 + 1, 34 + 3, 34 + 7, 34 + 11, 34 + 13,
	                            34 + 14, 34 + 16, 54, 54 + 99};
	struct frame f = tcp(7, 1);

	setup();
	ck_assert(!seen_at(&f, 0));
	for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
		struct frame g = f;
		g.b[at[i]] ^= 1;
		ck_assert_msg(!seen_at(&g, 0), "%zu", at[i]);
	}
	ck_assert(seen_at(&f, 0));
}
END_TEST

START_TEST(packets_of_other_length_are_no_copies)
{
	struct frame f = tcp(7, 1), g = f;

	setup();
	ck_assert(!seen_at(&f, 0));
	g.b[14 + 3]--;
	ck_assert(!seen_at(&g, 0));
}
END_TEST

START_TEST(a_retransmission_with_its_own_identification_is_no_copy)
{
	struct frame f = tcp(7, 1), g = tcp(8, 1);

	setup();
	ck_assert(!seen_at(&f, 0));
	ck_assert(!seen_at(&g, 10));
}
END_TEST

START_TEST(without_identification_a_copy_by_the_same_way_must_come_within_a_millisecond)
{
	struct frame f = tcp(0, 1), g = udp6("<13>same text again");

	setup();
	ck_assert(!seen_at(&f, 0));
	ck_assert(seen_at(&f, 900));
	ck_assert(!seen_at(&f, 2 * MS)); /* sent twice */
	ck_assert(seen_at(&f, 2 * MS + 50));
	ck_assert(!seen_at(&g, 0));
	ck_assert(seen_at(&g, 20));
	ck_assert(!seen_at(&g, 3 * MS));
}
END_TEST

START_TEST(without_identification_a_copy_by_another_way_has_the_whole_window)
{
	struct frame f = udp6("<13>text"), routed = f, tagged = {.n = 0};

	setup();
	ck_assert(!seen_at(&f, 0));
	routed.b[14 + 7]--;
	routed.b[11] = 9;
	ck_assert(seen_at(&routed, 15 * MS));
	frame_hex(&tagged, ETHERNET "8100 0005 86dd");
	frame_bytes(&tagged, f.b + 14, f.n - 14);
	ck_assert(seen_at(&tagged, 19 * MS));
	ck_assert(!seen_at(&tagged, 25 * MS));
}
END_TEST

START_TEST(copies_cut_at_different_octets_of_the_packet_are_seen)
{
	struct frame f = tcp(7, 1), g = {.n = 0};
	struct packet p;

	setup();
	frame_hex(&g, ETHERNET "8100 0005 0800");
	frame_bytes(&g, f.b + 14, f.n - 14);
	frame_decode_at(ethernet, &f, 96, 0, &p);
	ck_assert(!duplicate_seen(filter, &p));
	frame_decode_at(ethernet, &g, 96, 0, &p);
	ck_assert(duplicate_seen(filter, &p));
}
END_TEST

START_TEST(time_may_step_back)
{
	struct frame f = tcp(7, 1);

	setup();
	ck_assert(!seen_at(&f, 1000 * MS));
	ck_assert(seen_at(&f, 999 * MS));
	ck_assert(!seen_at(&f, 100 * MS));
	ck_assert(!seen_at(&f, INT64_MIN));
	ck_assert(!seen_at(&f, INT64_MAX - 1000 * MS));
}
END_TEST

START_TEST(a_filter_of_few_slots_forgets_the_oldest_and_finds_the_newest)
{
	setup();
	duplicate_free(filter);
	filter = duplicate_new(1, 0);
	for (uint32_t i = 0; i < 1000; i++) {
		struct frame f = tcp(7, i);
		ck_assert(!seen_at(&f, i));
		ck_assert(seen_at(&f, i));
	}
	struct frame last = tcp(7, 999), first = tcp(7, 0);
	ck_assert(seen_at(&last, 1000));
	ck_assert(!seen_at(&first, 1000));
}
END_TEST

START_TEST(the_window_can_be_set)
{
	struct frame f = tcp(0, 1);

	setup();
	duplicate_free(filter);
	filter = duplicate_new(100, 50);
	ck_assert(!seen_at(&f, 0));
	ck_assert(seen_at(&f, 50));
	ck_assert(!seen_at(&f, 101));
	duplicate_free(filter);
	filter = NULL;
	duplicate_free(NULL);
}
END_TEST

START_TEST(a_joined_datagram_is_never_a_copy)
{
	struct packet p = {.ip_version = 4, .is_joined = true};

	setup();
	ck_assert(!duplicate_seen(filter, &p));
	ck_assert(!duplicate_seen(filter, &p));
}
END_TEST

UNIT_MAIN("duplicate", a_copy_within_the_window_is_seen_and_a_later_one_is_not,
          a_steady_repetition_is_not_taken_for_copies_for_ever, copies_may_differ_in_mac_tag_ttl_dscp_and_checksum,
          a_copy_around_which_there_is_a_tunnel_is_seen, packets_that_differ_in_anything_that_counts_are_no_copies,
          packets_of_other_length_are_no_copies, a_retransmission_with_its_own_identification_is_no_copy,
          without_identification_a_copy_by_the_same_way_must_come_within_a_millisecond,
          without_identification_a_copy_by_another_way_has_the_whole_window,
          copies_cut_at_different_octets_of_the_packet_are_seen, time_may_step_back,
          a_filter_of_few_slots_forgets_the_oldest_and_finds_the_newest, the_window_can_be_set,
          a_joined_datagram_is_never_a_copy)
