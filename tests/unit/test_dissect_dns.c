#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_dns;

static const struct dissect_flow udp = {.ip_protocol = IP_UDP, .port = {40000, 53}};
static const struct dissect_flow tcp = {.ip_protocol = IP_TCP, .port = {40000, 53}};

#define QUESTION                                                                                   \
	"\x04pacs\x05trust\x07"                                                                    \
	"example\0\0\x01\0\x01"
#define ADDRESS "\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x0a\x4d\x01\x32"

static const char query[] = "\x12\x34\x01\0\0\x01\0\0\0\0\0\0" QUESTION;
static const char answer[] = "\x12\x34\x81\x80\0\x01\0\x02\0\0\0\0" QUESTION
                             "\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x05\x02h1\xc0\x11"
                             "\x02h1\xc0\x11\0\x01\0\x01\0\0\0\x3c\0\x04\x0a\x4d\x01\x32";

static size_t claim(const void *bytes, size_t len, const struct dissect_flow *flow)
{
	return dissector_dns.recognise(cur_make(bytes, len), SIDE_0, flow);
}

static enum dissect_verdict give(void *state, struct sink *sink, enum side side, const void *bytes,
                                 size_t len, const struct dissect_flow *flow)
{
	return dissector_dns.dissect(state, side, cur_make(bytes, len), 0, flow, sink);
}

START_TEST(a_question_and_its_answer_are_one_message_and_name_the_address)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_uint_eq(claim(query, sizeof query - 1, &udp), 1);
	give(state, &sink, SIDE_0, query, sizeof query - 1, &udp);
	give(state, &sink, SIDE_0, query, sizeof query - 1, &udp); /* again */
	give(state, &sink, SIDE_1, answer, sizeof answer - 1, &udp);
	ck_assert_int_eq(sink.n_entries, 1);
	ck_assert_uint_eq(fake_entry(&sink, "DNS")->messages, 1);
	ck_assert_uint_eq(sink.entries[0].bytes[0], 2 * (sizeof query - 1));
	ck_assert_uint_eq(sink.entries[0].bytes[1], sizeof answer - 1);
	ck_assert_int_eq(sink.client, SIDE_0);
	ck_assert_int_eq(sink.n_notes, 1);
	ck_assert_str_eq(sink.notes[0].text, "pacs.trust.example");
	ck_assert_ptr_nonnull(strstr(sink.notes[0].key, "10.77.1.50/"));
}
END_TEST

START_TEST(names_that_were_only_asked_for_are_not_kept)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	give(state, &sink, SIDE_0, query, sizeof query - 1, &udp);
	ck_assert_int_eq(sink.n_notes, 0);
}
END_TEST

START_TEST(a_reverse_answer_names_the_address_in_the_question)
{
	static const char reverse[] = "\0\x01\x81\x80\0\x01\0\x01\0\0\0\0"
	                              "\x02"
	                              "50\x01"
	                              "1\x02"
	                              "77\x02"
	                              "10\x07in-addr\x04"
	                              "arpa\0\0\x0c\0\x01"
	                              "\xc0\x0c\0\x0c\0\x01\0\0\0\x3c\0\x08\x06pacs01\0";
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	give(state, &sink, SIDE_1, reverse, sizeof reverse - 1, &udp);
	ck_assert_int_eq(sink.n_notes, 1);
	ck_assert_str_eq(sink.notes[0].text, "pacs01");
	ck_assert_ptr_nonnull(strstr(sink.notes[0].key, "10.77.1.50/"));
}
END_TEST

START_TEST(wildcards_tokens_and_nonsense_are_no_names)
{
	static const struct {
		const char *label;
		const char *kept; /* NULL: nothing */
	} cases[] = {
	        {"\x01*", NULL},
	        {"\x03"
	         "a b",
	         NULL},
	        {"\x0a"
	         "9434765919",
	         "trust.example"},
	        {"\x24"
	         "3f2b8c1e-7a4d-4e0b-9c55-1a2b3c4d5e6f",
	         "trust.example"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t state[DISSECT_STATE_MAX] = {0}, packet[256];
		size_t n = 12, len = strlen(cases[i].label);
		struct sink sink;

		memcpy(packet, "\0\x07\x81\x80\0\x01\0\x01\0\0\0\0", 12);
		memcpy(packet + n, cases[i].label, len);
		n += len;
		memcpy(packet + n,
		       "\x05trust\x07"
		       "example\0\0\x01\0\x01" ADDRESS,
		       19 + 16);
		n += 19 + 16;
		fake_sink_init(&sink);
		give(state, &sink, SIDE_1, packet, n, &udp);
		ck_assert_int_eq(sink.n_notes, cases[i].kept != NULL);
		if (cases[i].kept != NULL) {
			ck_assert_str_eq(sink.notes[0].text, cases[i].kept);
		}
		ck_assert_uint_eq(sink.total[1], n);
	}
}
END_TEST

START_TEST(pointers_that_loop_or_lead_forward_end_the_name)
{
	static const char loop[] = "\0\x07\x81\x80\0\x01\0\x01\0\0\0\0\xc0\x0c\0\x01\0\x01" ADDRESS;
	static const char forward[] =
	        "\0\x07\x81\x80\0\x01\0\x01\0\0\0\0\xc0\x20\0\x01\0\x01" ADDRESS;
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_uint_eq(claim(loop, sizeof loop - 1, &udp), 0);
	ck_assert_uint_eq(claim(forward, sizeof forward - 1, &udp), 0);
	give(state, &sink, SIDE_1, loop, sizeof loop - 1, &udp);
	ck_assert_int_eq(sink.n_notes, 0);
	ck_assert_uint_eq(sink.total[1], sizeof loop - 1);
}
END_TEST

START_TEST(away_from_its_port_only_a_whole_datagram_is_dns)
{
	const struct dissect_flow other = {.ip_protocol = IP_UDP, .port = {40000, 5400}};
	char longer[sizeof query + 4] = {0};

	memcpy(longer, query, sizeof query - 1);
	ck_assert_uint_eq(claim(query, sizeof query - 1, &other), 1);
	ck_assert_uint_eq(claim(longer, sizeof longer, &other), 0);
	ck_assert_uint_eq(claim(query, 20, &other), 0);
}
END_TEST

START_TEST(netbios_names_are_left_to_others)
{
	const struct dissect_flow nbns = {.ip_protocol = IP_UDP, .port = {137, 137}};

	ck_assert_uint_eq(claim(query, sizeof query - 1, &nbns), 0);
}
END_TEST

START_TEST(multicast_dns_is_counted_and_its_names_are_left_alone)
{
	const struct dissect_flow mdns = {.ip_protocol = IP_UDP, .port = {5353, 5353}};
	static const char announce[] =
	        "\0\0\x84\0\0\0\0\x01\0\0\0\0\x09Janes-iPad\x05local\0\0\x01\x80\x01"
	        "\0\0\0\x78\0\x04\x0a\x4d\x1e\x15";
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_uint_eq(claim(announce, sizeof announce - 1, &mdns), 1);
	give(state, &sink, SIDE_0, announce, sizeof announce - 1, &mdns);
	ck_assert_str_eq(sink.protocol, "mDNS");
	ck_assert_int_eq(sink.n_notes, 0);
	ck_assert_uint_eq(fake_entry(&sink, "mDNS")->messages, 1);
}
END_TEST

START_TEST(services_of_multicast_dns_are_facts_without_their_instances)
{
	const struct dissect_flow mdns = {.ip_protocol = IP_UDP, .port = {5353, 5353}};
	static const char announce[] = "\0\0\x84\0\0\0\0\x03\0\0\0\0\x04_ipp\x04_"
	                               "tcp\x05local\0\0\x0c\0\x01\0\0\x11\x94\0\x0d"
	                               "\x0aJanes-iPad\xc0\x0c"
	                               "\x0aJanes-iPad\xc0\x0c\0\x21\x80\x01\0\0\0\x78\0\0"
	                               "\x06_quill\xc0\x11\0\x0c\0\x01\0\0\0\x78\0\0";
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	give(state, &sink, SIDE_0, announce, sizeof announce - 1, &mdns);
	ck_assert_int_eq(sink.n_notes, 2);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "_ipp._tcp"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "_quill._tcp"), 1);
}
END_TEST

START_TEST(an_update_goes_to_the_server_and_names_nobody)
{
	static const char update[] = "\x12\x34\x28\0\0\x01\0\0\0\x01\0\0" QUESTION ADDRESS;
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_uint_eq(claim(update, sizeof update - 1, &udp), 1);
	give(state, &sink, SIDE_0, update, sizeof update - 1, &udp);
	ck_assert_int_eq(sink.entries[0].direction, INFO_C2S);
	ck_assert_int_eq(sink.n_notes, 0);
}
END_TEST

START_TEST(over_tcp_every_cut_gives_the_same_sums)
{
	uint8_t ask[2 + sizeof query - 1], reply[2 + sizeof answer - 1];

	ask[0] = reply[0] = 0;
	ask[1] = sizeof query - 1;
	reply[1] = sizeof answer - 1;
	memcpy(ask + 2, query, sizeof query - 1);
	memcpy(reply + 2, answer, sizeof answer - 1);
	for (size_t n = 2; n <= sizeof ask; n++) {
		ck_assert_uint_eq(claim(ask, n, &tcp), 1);
	}
	for (size_t piece = 0; piece < sizeof reply; piece++) {
		uint8_t state[DISSECT_STATE_MAX] = {0};
		struct sink sink;

		fake_sink_init(&sink);
		fake_feed(&dissector_dns, state, &sink, SIDE_0, ask, sizeof ask, piece, &tcp);
		fake_feed(&dissector_dns, state, &sink, SIDE_1, reply, sizeof reply, piece, &tcp);
		ck_assert_uint_eq(fake_entry(&sink, "DNS")->messages, 1);
		ck_assert_uint_eq(sink.entries[0].bytes[0], sizeof ask);
		ck_assert_uint_eq(sink.entries[0].bytes[1], sizeof reply);
		ck_assert_uint_eq(fake_noted(&sink, "name", "pacs.trust.example"), 1);
	}
}
END_TEST

START_TEST(over_tcp_nonsense_is_released)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_int_eq(fake_feed(&dissector_dns, state, &sink, SIDE_0,
	                           "\0\x11"
	                           "12345678901234567",
	                           19, 0, &tcp),
	                 DISSECT_RELEASE);
	ck_assert_uint_eq(sink.total[0], 19);
}
END_TEST

START_TEST(a_chain_of_pointers_is_not_followed_without_end)
{
	const struct dissect_flow mdns = {.ip_protocol = IP_UDP, .port = {5353, 5353}};
	static const size_t lengths[] = {8, 400};

	for (size_t k = 0; k < 2; k++) {
		uint8_t message[900] = {0, 0, 0x84, 0, 0, 0, 0, 2}, *p = message + 12;
		uint8_t state[DISSECT_STATE_MAX] = {0};
		size_t chain = 17 + 2 * lengths[k], to = 23;
		struct sink sink;

		memcpy(p, "\0\0\x10\0\1\0\0\0\0", 9); /* a text, which holds a name and pointers to it */
		p[9] = (uint8_t)(chain >> 8);
		p[10] = (uint8_t)chain;
		memcpy(p + 11, "\4_ipp\4_tcp\5local", 17);
		p += 28;
		for (size_t i = 0; i <= lengths[k]; i++, p += 2) { /* the last begins the second record */
			p[0] = (uint8_t)(0xc0 | to >> 8);
			p[1] = (uint8_t)to;
			to = (size_t)(p - message);
		}
		memcpy(p, "\0\x0c\0\1\0\0\0\0\0\0", 10);
		fake_sink_init(&sink);
		give(state, &sink, SIDE_0, message, (size_t)(p + 10 - message), &mdns);
		ck_assert_uint_eq(fake_noted(&sink, "fact", "_ipp._tcp"), k == 0);
	}
}
END_TEST

UNIT_MAIN("dissect_dns", a_question_and_its_answer_are_one_message_and_name_the_address,
          names_that_were_only_asked_for_are_not_kept,
          a_reverse_answer_names_the_address_in_the_question,
          wildcards_tokens_and_nonsense_are_no_names,
          pointers_that_loop_or_lead_forward_end_the_name,
          away_from_its_port_only_a_whole_datagram_is_dns, netbios_names_are_left_to_others,
          multicast_dns_is_counted_and_its_names_are_left_alone,
          services_of_multicast_dns_are_facts_without_their_instances,
          an_update_goes_to_the_server_and_names_nobody, over_tcp_every_cut_gives_the_same_sums,
          over_tcp_nonsense_is_released,
          a_chain_of_pointers_is_not_followed_without_end)
