#include "terrier/sensor/dpi.h"

#include "unit.h"

#include "frame.h"

#include <stdio.h>

static struct decoder *raw;
static struct dpi *dpi;
static uint32_t seq[2] = {1000, 5000}; /* of server and client: the library passes over retransmissions */

static void setup(void)
{
	const char *error = NULL;

	raw = raw != NULL ? raw : decoder_new(101);
	dpi = dpi != NULL ? dpi : dpi_new(&error);
	ck_assert_msg(dpi != NULL, "%s", error);
}

/* Feeds one TCP segment, from the client (192.0.2.1:40000) or to it. */
static bool feed_tcp(struct dpi_flow *flow, bool from_client, unsigned port, unsigned flags, const void *payload,
                     size_t len, struct dpi_verdict *v)
{
	struct frame f = {.n = 0};
	struct packet p;

	frame_ip4(&f, IP_TCP, from_client ? 1 : 2, from_client ? 2 : 1, 20 + len);
	frame_tcp(&f, from_client ? 40000 : port, from_client ? port : 40000, seq[from_client], flags);
	seq[from_client] += len + ((flags & TCP_SYN) != 0);
	frame_bytes(&f, payload, len);
	ck_assert_int_eq(frame_decode(raw, &f, &p), PACKET_IP);
	return dpi_feed(dpi, flow, &p, v);
}

/* The handshake, then `payload` from one side. */
static struct dpi_flow *begin_tcp(unsigned port, bool from_client, const void *payload, size_t len,
                                  struct dpi_verdict *v)
{
	struct dpi_flow *flow = dpi_flow_new(dpi);

	ck_assert_ptr_nonnull(flow);
	ck_assert(feed_tcp(flow, true, port, TCP_SYN, "", 0, v));
	ck_assert(feed_tcp(flow, false, port, TCP_SYN | TCP_ACK, "", 0, v));
	ck_assert(feed_tcp(flow, true, port, TCP_ACK, "", 0, v));
	ck_assert(feed_tcp(flow, from_client, port, TCP_ACK | TCP_PSH, payload, len, v));
	return flow;
}

START_TEST(protocols_are_told_by_name_from_their_content)
{
	static const char ssh[] = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";
	struct dpi_verdict v;

	setup();
	struct dpi_flow *flow = begin_tcp(2222, false, ssh, sizeof ssh - 1, &v);
	feed_tcp(flow, true, 2222, TCP_ACK | TCP_PSH, ssh, sizeof ssh - 1, &v);
	ck_assert_str_eq(v.protocol, "SSH");
	ck_assert_str_eq(v.master, "");
	ck_assert_str_eq(v.host, "");
	ck_assert(!v.is_guess);
	dpi_flow_free(dpi, flow);
}
END_TEST

START_TEST(risks_are_told_by_name)
{
	static const char old[] = "SSH-2.0-OpenSSH_4.3\r\n", fresh[] = "SSH-2.0-OpenSSH_9.2\r\n";
	const char *names[4] = {NULL};
	struct dpi_verdict v;

	setup();
	struct dpi_flow *flow = begin_tcp(22, false, old, sizeof old - 1, &v);
	feed_tcp(flow, true, 22, TCP_ACK | TCP_PSH, fresh, sizeof fresh - 1, &v);
	ck_assert_str_eq(v.protocol, "SSH");
	ck_assert_uint_eq(dpi_risks(flow, names, 4), 1);
	ck_assert_ptr_nonnull(strstr(names[0], "SSH Obsolete"));
	ck_assert_uint_eq(dpi_risks(flow, names, 0), 0);
	dpi_flow_free(dpi, flow);
	flow = begin_tcp(22, false, fresh, sizeof fresh - 1, &v);
	feed_tcp(flow, true, 22, TCP_ACK | TCP_PSH, fresh, sizeof fresh - 1, &v);
	ck_assert_uint_eq(dpi_risks(flow, names, 4), 0);
	dpi_flow_free(dpi, flow);
}
END_TEST

START_TEST(smb_is_told_on_its_port)
{
	struct frame smb = {.n = 0};
	struct dpi_verdict v;

	setup();
	frame_hex(&smb, "00000066 fe534d42 4000 0000 00000000 0000 1f00 00000000 00000000 0000000000000000"
	                "0000000000000000 0000000000000000 00000000000000000000000000000000"
	                "2400 0200 0100 0000 7f000000 00000000000000000000000000000000 0000000000000000 0202 1002");
	smb.b[3] = smb.n - 4;
	struct dpi_flow *flow = begin_tcp(445, true, smb.b, smb.n, &v);
	ck_assert_ptr_nonnull(strstr(v.protocol, "SMB"));
	ck_assert(!v.is_guess);
	dpi_flow_free(dpi, flow);
}
END_TEST

START_TEST(the_server_name_of_http_is_told_and_nothing_else_of_it)
{
	static const char get[] = "GET /Patient?id=9434765919 HTTP/1.1\r\nHost: fhir.example.org\r\n"
	                          "Authorization: Basic dXNlcjpzZWNyZXQ=\r\nUser-Agent: x\r\n\r\n";
	struct dpi_verdict v;

	setup();
	struct dpi_flow *flow = begin_tcp(8080, true, get, sizeof get - 1, &v);
	ck_assert_str_eq(v.protocol, "HTTP");
	ck_assert_str_eq(v.host, "fhir.example.org");
	for (size_t i = 0; i + 4 <= sizeof v; i++) {
		ck_assert_int_ne(memcmp((const char *)&v + i, "9434", 4), 0);
	}
	dpi_flow_free(dpi, flow);
}
END_TEST

START_TEST(a_host_name_that_is_none_is_not_told)
{
	static const char *const hosts[] = {"a b", "\x01\x02x", "192.0.2.7", "-", "x\xff.example"};
	struct dpi_verdict v;
	char get[200];

	setup();
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		snprintf(get, sizeof get, "GET / HTTP/1.1\r\nHost: %s\r\nUser-Agent: x\r\n\r\n", hosts[i]);
		struct dpi_flow *flow = begin_tcp(80, true, get, strlen(get), &v);
		ck_assert_msg(v.host[0] == '\0', "%s", v.host);
		dpi_flow_free(dpi, flow);
	}
}
END_TEST

/* A DNS question for www.example.org. */
static void make_question(struct frame *f)
{
	frame_ip4(f, IP_UDP, 1, 2, 8 + 33);
	frame_udp(f, 40000, 53, 33);
	frame_hex(f, "1234 0100 0001 0000 0000 0000 03777777 07 6578616d706c65 03 6f7267 00 0001 0001");
}

START_TEST(a_dns_question_is_not_the_name_of_a_server)
{
	struct frame f = {.n = 0};
	struct dpi_verdict v;
	struct packet p;

	setup();
	struct dpi_flow *flow = dpi_flow_new(dpi);
	make_question(&f);
	ck_assert_int_eq(frame_decode(raw, &f, &p), PACKET_IP);
	ck_assert(dpi_feed(dpi, flow, &p, &v));
	ck_assert_str_eq(v.protocol, "DNS");
	ck_assert_str_eq(v.host, "");
	dpi_flow_free(dpi, flow);
}
END_TEST

START_TEST(packets_that_crash_the_library_are_refused)
{
	struct frame f = {.n = 0};
	struct dpi_verdict v;
	struct packet good, p;

	setup();
	struct dpi_flow *flow = dpi_flow_new(dpi);
	make_question(&f);
	ck_assert_int_eq(frame_decode(raw, &f, &good), PACKET_IP);
	/* UDP of less than 8 octets; these never come out of the decoder whole */
	for (uint32_t len = 0; len < 28; len++) {
		p = good;
		p.l3_len = len;
		ck_assert(!dpi_feed(dpi, flow, &p, &v));
	}
	p = good;
	p.l3 = NULL;
	ck_assert(!dpi_feed(dpi, flow, &p, &v));
	p = good;
	p.is_fragment = true;
	ck_assert(!dpi_feed(dpi, flow, &p, &v));
	p = good;
	p.ip_protocol = IP_TCP; /* not what the header says */
	ck_assert(!dpi_feed(dpi, flow, &p, &v));
	p = good;
	p.ip_version = 6;
	ck_assert(!dpi_feed(dpi, flow, &p, &v));
	p = good;
	p.l3_len = 70000;
	ck_assert(!dpi_feed(dpi, flow, &p, &v));
	ck_assert_str_eq(v.protocol, "");
	ck_assert(!v.is_final);
	dpi_flow_free(dpi, flow);
}
END_TEST

START_TEST(a_cut_tcp_header_is_refused)
{
	struct frame f = {.n = 0};
	struct dpi_verdict v;
	struct packet p;

	setup();
	struct dpi_flow *flow = dpi_flow_new(dpi);
	frame_ip4(&f, IP_TCP, 1, 2, 24);
	frame_tcp(&f, 40000, 80, 1, TCP_SYN);
	f.b[20 + 12] = 0x60;
	frame_hex(&f, "020405b4");
	for (uint32_t cap = 24; cap < 44; cap++) {
		ck_assert_int_eq(frame_decode_at(raw, &f, cap, 0, &p), PACKET_IP);
		ck_assert(!dpi_feed(dpi, flow, &p, &v));
	}
	ck_assert_int_eq(frame_decode_at(raw, &f, 44, 0, &p), PACKET_IP);
	ck_assert(dpi_feed(dpi, flow, &p, &v));
	dpi_flow_free(dpi, flow);
}
END_TEST

START_TEST(extension_headers_and_other_transports_are_kept_from_the_library)
{
	struct frame f = {.n = 0};
	struct dpi_verdict v;
	struct packet p;

	setup();
	struct dpi_flow *flow = dpi_flow_new(dpi);
	frame_ip6(&f, 60, 1, 2, 8 + 12);
	frame_hex(&f, "1100 0104 00000000");
	frame_udp(&f, 1000, 53, 4);
	frame_bytes(&f, "abcd", 4);
	ck_assert_int_eq(frame_decode(raw, &f, &p), PACKET_IP);
	ck_assert_int_eq(p.ip_protocol, IP_UDP);
	ck_assert(!dpi_feed(dpi, flow, &p, &v));
	f.n = 0;
	frame_ip4(&f, IP_ICMP, 1, 2, 8);
	frame_hex(&f, "0800000000010002");
	ck_assert_int_eq(frame_decode(raw, &f, &p), PACKET_IP);
	ck_assert(!dpi_feed(dpi, flow, &p, &v));
	dpi_flow_free(dpi, flow);
}
END_TEST

START_TEST(a_guess_is_told_as_one)
{
	struct dpi_verdict v;
	struct frame f = {.n = 0};
	struct packet p;

	setup();
	struct dpi_flow *flow = dpi_flow_new(dpi);
	frame_ip4(&f, IP_TCP, 1, 2, 24);
	frame_tcp(&f, 40000, 443, 1, TCP_ACK | TCP_PSH);
	frame_bytes(&f, "\x9a\x81\x77\x03", 4);
	ck_assert_int_eq(frame_decode(raw, &f, &p), PACKET_IP);
	dpi_give_up(dpi, flow, &p, &v); /* without having fed any */
	ck_assert(v.is_final && v.is_guess);
	ck_assert_str_eq(v.protocol, "TLS");
	dpi_flow_free(dpi, flow);
}
END_TEST

START_TEST(giving_up_on_what_cannot_be_fed_gives_nothing)
{
	struct packet p = {.ip_version = 4, .is_joined = true};
	struct dpi_verdict v;

	setup();
	struct dpi_flow *flow = dpi_flow_new(dpi);
	dpi_give_up(dpi, flow, &p, &v);
	ck_assert(v.is_final);
	ck_assert_str_eq(v.protocol, "");
	dpi_flow_free(dpi, flow);
}
END_TEST

START_TEST(a_flow_is_final_after_so_many_packets)
{
	struct dpi_verdict v;

	setup();
	struct dpi_flow *flow = begin_tcp(39999, true, "\x9a\x81\x77\x03", 4, &v);
	for (int i = 4; i < DPI_PACKETS_MAX; i++) {
		ck_assert(!v.is_final);
		ck_assert(feed_tcp(flow, true, 39999, TCP_ACK, "\x9a\x81\x77\x03", 4, &v));
	}
	ck_assert(v.is_final);
	ck_assert_str_eq(v.protocol, "");
	ck_assert(feed_tcp(flow, true, 39999, TCP_ACK, "\x9a\x81\x77\x03", 4, &v));
	ck_assert(v.is_final);
	dpi_flow_free(dpi, flow);
}
END_TEST

START_TEST(states_are_limited_and_given_back)
{
	struct dpi_flow *flows[3];

	setup();
	dpi_set_limit(dpi, 2);
	flows[0] = dpi_flow_new(dpi);
	flows[1] = dpi_flow_new(dpi);
	ck_assert_ptr_null(dpi_flow_new(dpi));
	dpi_flow_free(dpi, flows[0]);
	flows[2] = dpi_flow_new(dpi);
	ck_assert_ptr_nonnull(flows[2]);
	dpi_flow_free(dpi, flows[1]);
	dpi_flow_free(dpi, flows[2]);
	dpi_flow_free(dpi, NULL);
	dpi_free(dpi);
	dpi_free(NULL);
	dpi = NULL;
}
END_TEST

START_TEST(the_library_tells_its_version)
{
	ck_assert_int_gt(strlen(dpi_library_version()), 0);
}
END_TEST

UNIT_MAIN("dpi", protocols_are_told_by_name_from_their_content, risks_are_told_by_name, smb_is_told_on_its_port,
          the_server_name_of_http_is_told_and_nothing_else_of_it, a_host_name_that_is_none_is_not_told,
          a_dns_question_is_not_the_name_of_a_server, packets_that_crash_the_library_are_refused,
          a_cut_tcp_header_is_refused, extension_headers_and_other_transports_are_kept_from_the_library,
          a_guess_is_told_as_one, giving_up_on_what_cannot_be_fed_gives_nothing,
          a_flow_is_final_after_so_many_packets, states_are_limited_and_given_back, the_library_tells_its_version)
