/* Fragments, as the packet decoder joins them. */
#include "terrier/sensor/fragment.h"

#include "unit.h"

#include "frame.h"

#define SECOND INT64_C(1000000)

static struct decoder *d;

static void setup(void)
{
	decoder_free(d);
	d = decoder_new(101);
}

/* A datagram of UDP 1000 to 2000 with the payload octets 0, 1, 2 … */
static void make_datagram(uint8_t *out, unsigned payload_len)
{
	struct frame f = {.n = 0};

	frame_udp(&f, 1000, 2000, payload_len);
	memcpy(out, f.b, 8);
	for (unsigned i = 0; i < payload_len; i++) {
		out[8 + i] = (uint8_t)i;
	}
}

/* Sends octets `from` to `to` of the datagram as a fragment. */
static enum packet_result send_at(int version, unsigned id, const uint8_t *datagram, unsigned from, unsigned to,
                                  bool more, int64_t time_us, struct packet *p)
{
	struct frame f = {.n = 0};

	if (version == 4) {
		frame_ip4_part(&f, IP_UDP, 1, 2, to - from, id, from / 8 | (more ? 0x2000 : 0));
	} else {
		frame_ip6(&f, 44, 1, 2, to - from + 8);
		frame_bytes(&f, (const uint8_t[]){from == 0 ? IP_UDP : 99, 0}, 2);
		frame_u16(&f, from | (more ? 1 : 0));
		frame_u32(&f, id);
	}
	frame_bytes(&f, datagram + from, to - from);
	return frame_decode_at(d, &f, f.n, time_us, p);
}

static enum packet_result send(unsigned id, const uint8_t *datagram, unsigned from, unsigned to, bool more,
                               struct packet *p)
{
	return send_at(4, id, datagram, from, to, more, SECOND, p);
}

static void check_whole(const struct packet *p, const uint8_t *datagram, unsigned payload_len)
{
	ck_assert(p->is_joined && !p->is_fragment);
	ck_assert_ptr_null(p->l3);
	ck_assert_int_eq(p->l3_len, 0);
	ck_assert_int_eq(p->sport, 1000);
	ck_assert_int_eq(p->ip_protocol, IP_UDP);
	ck_assert_int_eq(p->payload_len, payload_len);
	ck_assert_int_eq(cur_left(&p->payload), payload_len);
	ck_assert_mem_eq(p->payload.p, datagram + 8, payload_len);
}

START_TEST(fragments_in_any_order_make_the_datagram)
{
	static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	static const unsigned at[4] = {0, 1480, 2960, 4003};
	uint8_t datagram[4003];
	struct packet p;

	setup();
	make_datagram(datagram, 3995);
	for (int version = 4; version <= 6; version += 2) {
		for (unsigned i = 0; i < 6; i++) {
			for (int k = 0; k < 3; k++) {
				int part = orders[i][k];
				enum packet_result r = send_at(version, 100 + i, datagram, at[part], at[part + 1],
				                               part < 2, SECOND, &p);
				ck_assert_int_eq(r, k < 2 ? PACKET_HELD : PACKET_IP);
			}
			check_whole(&p, datagram, 3995);
		}
	}
	ck_assert_int_eq(decoder_take_lost(d), 0);
}
END_TEST

START_TEST(the_largest_datagram_fits_and_a_larger_one_is_malformed)
{
	static uint8_t datagram[65536];
	struct packet p;

	setup();
	make_datagram(datagram, 65527);
	ck_assert_int_eq(send(1, datagram, 0, 32768, true, &p), PACKET_HELD);
	ck_assert_int_eq(send(1, datagram, 32768, 65528, true, &p), PACKET_HELD);
	ck_assert_int_eq(send(1, datagram, 65528, 65535, false, &p), PACKET_IP);
	check_whole(&p, datagram, 65527);
	ck_assert_int_eq(send(2, datagram, 65528, 65536, false, &p), PACKET_MALFORMED);
	ck_assert_int_eq(send(2, datagram, 0, 13, true, &p), PACKET_MALFORMED); /* not 8 by 8 */
	ck_assert_int_eq(send(2, datagram, 8, 8, true, &p), PACKET_MALFORMED);
	ck_assert_int_eq(decoder_take_lost(d), 0);
}
END_TEST

START_TEST(second_copies_of_fragments_are_dropped)
{
	uint8_t datagram[100];
	struct packet p;

	setup();
	make_datagram(datagram, 92);
	ck_assert_int_eq(send(1, datagram, 0, 48, true, &p), PACKET_HELD);
	ck_assert_int_eq(send(1, datagram, 0, 48, true, &p), PACKET_HELD);
	ck_assert_int_eq(send(1, datagram, 48, 100, false, &p), PACKET_IP);
	check_whole(&p, datagram, 92);
	ck_assert_int_eq(send(1, datagram, 48, 100, false, &p), PACKET_HELD);
	ck_assert_int_eq(send(1, datagram, 0, 48, true, &p), PACKET_HELD);
	/* the same identification with other octets is another datagram */
	datagram[20] ^= 1;
	ck_assert_int_eq(send(1, datagram, 0, 48, true, &p), PACKET_HELD);
	ck_assert_int_eq(send(1, datagram, 48, 100, false, &p), PACKET_IP);
	check_whole(&p, datagram, 92);
	ck_assert_int_eq(send_at(4, 2, datagram, 0, 48, true, 90 * SECOND, &p), PACKET_HELD);
	ck_assert_int_eq(decoder_take_lost(d), 0);
}
END_TEST

START_TEST(overlaps_that_agree_are_joined_and_others_given_up)
{
	uint8_t datagram[100];
	struct packet p;

	setup();
	make_datagram(datagram, 92);
	ck_assert_int_eq(send(1, datagram, 0, 64, true, &p), PACKET_HELD);
	ck_assert_int_eq(send(1, datagram, 32, 100, false, &p), PACKET_IP);
	check_whole(&p, datagram, 92);
	ck_assert_int_eq(send(2, datagram, 0, 64, true, &p), PACKET_HELD);
	datagram[40] ^= 1;
	ck_assert_int_eq(send(2, datagram, 32, 100, false, &p), PACKET_IP);
	ck_assert(p.is_fragment && !p.is_joined);
	ck_assert_int_eq(p.sport, 0);
	ck_assert_int_eq(p.payload_len, 68);
	ck_assert_int_eq(cur_left(&p.payload), 0);
	/* what still comes of it counts to its flow */
	ck_assert_int_eq(send(2, datagram, 0, 64, true, &p), PACKET_IP);
	ck_assert(p.is_fragment);
	ck_assert_int_eq(p.dport, 2000);
	ck_assert_int_eq(p.payload_len, 56);
	ck_assert_int_eq(cur_left(&p.payload), 0);
	ck_assert_int_eq(decoder_take_lost(d), 1);
	ck_assert_int_eq(decoder_take_lost(d), 0);
}
END_TEST

START_TEST(two_ends_of_one_datagram_are_given_up)
{
	uint8_t datagram[200];
	struct packet p;

	setup();
	make_datagram(datagram, 192);
	ck_assert_int_eq(send(1, datagram, 96, 104, false, &p), PACKET_HELD);
	ck_assert_int_eq(send(1, datagram, 96, 112, false, &p), PACKET_IP);
	ck_assert(p.is_fragment);
	ck_assert_int_eq(send(2, datagram, 96, 104, false, &p), PACKET_HELD);
	ck_assert_int_eq(send(2, datagram, 104, 112, true, &p), PACKET_IP);
	ck_assert_int_eq(send(3, datagram, 104, 112, true, &p), PACKET_HELD);
	ck_assert_int_eq(send(3, datagram, 96, 104, false, &p), PACKET_IP);
	ck_assert_int_eq(decoder_take_lost(d), 3);
}
END_TEST

START_TEST(unfinished_datagrams_are_lost_after_their_time_also_when_it_jumps_back)
{
	uint8_t datagram[100];
	struct packet p;

	setup();
	make_datagram(datagram, 92);
	send_at(4, 1, datagram, 0, 48, true, 100 * SECOND, &p);
	ck_assert_int_eq(decoder_take_lost(d), 0);
	ck_assert_int_eq(send_at(4, 1, datagram, 48, 100, false, 131 * SECOND, &p), PACKET_HELD);
	ck_assert_int_eq(decoder_take_lost(d), 1);
	send_at(4, 2, datagram, 0, 48, true, 5 * SECOND, &p);
	ck_assert_int_eq(decoder_take_lost(d), 1);
	send_at(4, 3, datagram, 0, 48, true, INT64_MAX, &p);
	send_at(4, 4, datagram, 0, 48, true, INT64_MIN, &p);
	send_at(4, 5, datagram, 0, 48, true, 0, &p);
	ck_assert_int_ge(decoder_take_lost(d), 2);
}
END_TEST

START_TEST(a_full_pool_gives_up_what_is_longest_untouched)
{
	uint8_t datagram[100];
	struct packet p;

	setup();
	make_datagram(datagram, 92);
	for (unsigned id = 1; id <= FRAGMENT_DATAGRAMS_MAX; id++) {
		ck_assert_int_eq(send(id, datagram, 0, 48, true, &p), PACKET_HELD);
	}
	ck_assert_int_eq(decoder_take_lost(d), 0);
	ck_assert_int_eq(send(1, datagram, 0, 48, true, &p), PACKET_HELD); /* touched: now 2 is the one */
	ck_assert_int_eq(send(999, datagram, 0, 48, true, &p), PACKET_HELD);
	ck_assert_int_eq(decoder_take_lost(d), 1);
	ck_assert_int_eq(send(1, datagram, 48, 100, false, &p), PACKET_IP);
	check_whole(&p, datagram, 92);
	/* the finished one makes room before any other */
	ck_assert_int_eq(send(2, datagram, 48, 100, false, &p), PACKET_HELD);
	ck_assert_int_eq(send(3, datagram, 48, 100, false, &p), PACKET_IP);
	ck_assert_int_eq(decoder_take_lost(d), 0);
}
END_TEST

START_TEST(a_fragment_cut_by_the_capture_cannot_be_joined)
{
	struct frame f = {.n = 0};
	uint8_t datagram[400];
	struct packet p;

	setup();
	make_datagram(datagram, 392);
	frame_ip4_part(&f, IP_UDP, 1, 2, 200, 5, 0x2000);
	frame_bytes(&f, datagram, 200);
	ck_assert_int_eq(frame_decode_at(d, &f, 96, SECOND, &p), PACKET_IP);
	ck_assert(p.is_fragment);
	ck_assert_int_eq(p.dport, 2000);
	ck_assert_int_eq(p.payload_len, 192);
	ck_assert_int_eq(cur_left(&p.payload), 0);
	ck_assert_int_eq(send(5, datagram, 200, 400, false, &p), PACKET_IP);
	ck_assert(p.is_fragment);
	ck_assert_int_eq(decoder_take_lost(d), 1);
}
END_TEST

START_TEST(a_tunnel_in_fragments_leads_to_the_packet_inside)
{
	struct frame whole = {.n = 0};
	struct packet p;

	setup();
	frame_hex(&whole, "0000 0800");
	frame_inner(&whole);
	for (int part = 0; part < 2; part++) {
		struct frame f = {.n = 0};
		unsigned len = part == 0 ? 16 : whole.n - 16;
		frame_ip4_part(&f, 47, 11, 12, len, 5, part == 0 ? 0x2000 : 2);
		frame_bytes(&f, whole.b + (part == 0 ? 0 : 16), len);
		ck_assert_int_eq(frame_decode(d, &f, &p), part == 0 ? PACKET_HELD : PACKET_IP);
	}
	ck_assert(is_inner(&p));
	ck_assert(!p.is_joined);
	ck_assert_int_eq(p.n_layers, 2);
}
END_TEST

START_TEST(a_fragment_header_inside_a_joined_datagram_is_malformed)
{
	struct packet p;
	uint8_t datagram[64] = {IP_UDP, 0, 0, 1};

	setup();
	for (int part = 0; part < 2; part++) {
		struct frame f = {.n = 0};
		frame_ip6(&f, 44, 1, 2, 40);
		frame_bytes(&f, (const uint8_t[]){44, 0, 0, part == 0 ? 1 : 32, 0, 0, 0, 9}, 8);
		frame_bytes(&f, datagram + part * 32, 32);
		ck_assert_int_eq(frame_decode(d, &f, &p), part == 0 ? PACKET_HELD : PACKET_MALFORMED);
	}
}
END_TEST

UNIT_MAIN("fragment", fragments_in_any_order_make_the_datagram,
          the_largest_datagram_fits_and_a_larger_one_is_malformed, second_copies_of_fragments_are_dropped,
          overlaps_that_agree_are_joined_and_others_given_up, two_ends_of_one_datagram_are_given_up,
          unfinished_datagrams_are_lost_after_their_time_also_when_it_jumps_back,
          a_full_pool_gives_up_what_is_longest_untouched, a_fragment_cut_by_the_capture_cannot_be_joined,
          a_tunnel_in_fragments_leads_to_the_packet_inside,
          a_fragment_header_inside_a_joined_datagram_is_malformed)
