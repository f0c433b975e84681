/* The HTTP/2 dissector: requests told by compressed heads (RFC 7541's own examples among them),
 * however they are cut. */
#include "fake_sink.h"
#include "unit.h"

extern const struct dissector dissector_http2;

#define PREFACE  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define SETTINGS "\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64"
#define ACK      "\0\0\0\4\1\0\0\0\0"

/* RFC 7541 C.4: three requests with Huffman code, the later ones refer to the first. */
#define FIRST                                                                                      \
	"\0\0\x11\1\5\0\0\0\1\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"
#define SECOND "\0\0\xc\1\5\0\0\0\3\x82\x86\x84\xbe\x58\x86\xa8\xeb\x10\x64\x9c\xbf"
#define THIRD                                                                                      \
	"\0\0\x18\1\5\0\0\0\5\x82\x87\x85\xbf\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x89\x25\xa8" \
	"\x49\xe9\x5b\xb8\xe8"                                                                     \
	"\xb4\xbf"
#define OK(stream) "\0\0\1\1\5\0\0\0" stream "\x88" /* :status 200, no body */

/* A literal path (name of the static table) in a frame without Huffman code. */
#define GET_SLOT(stream)  "\0\0\xe\1\5\0\0\0" stream "\x82\x04\x0b/fhir/Sl?z!"
#define POST_SLOT(stream) "\0\0\xd\1\4\0\0\0" stream "\x83\x04\x0a/fhir/Slot"
#define BODY(stream)      "\0\0\7\0\1\0\0\0" stream "zzcanar"
#define FHIR_OK(stream)                                                                            \
	"\0\0\x1c\1\4\0\0\0" stream "\x88\x0f\x10\x18"                                             \
	"application/fhir+json; x"

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 8080}};

struct run {
	struct sink sink;
	uint64_t state[DISSECT_STATE_MAX / 8];
};

struct turn {
	enum side side;
	const char *bytes;
	size_t len;
};

#define TURN(side, text)                                                                           \
	{                                                                                          \
		side, text, sizeof(text) - 1                                                       \
	}

static void play(struct run *run, const struct turn *turns, size_t n, size_t piece)
{
	memset(run, 0, sizeof *run);
	fake_sink_init(&run->sink);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(fake_feed(&dissector_http2, run->state, &run->sink, turns[i].side,
		                           turns[i].bytes, turns[i].len, piece, &flow),
		                 DISSECT_FOLLOW);
	}
}

static void play_all(struct run *whole, const struct turn *turns, size_t n)
{
	static struct run cut;

	play(whole, turns, n, 0);
	for (size_t piece = 1; piece < 80; piece++) {
		play(&cut, turns, n, piece);
		ck_assert_mem_eq(&cut.sink, &whole->sink, sizeof cut.sink);
	}
}

static void check_entry(const struct run *run, const char *text, enum info_direction direction,
                        unsigned messages)
{
	const struct fake_entry *e = fake_entry(&run->sink, text);

	ck_assert_msg(e != NULL, "%s is missing", text);
	ck_assert_int_eq(e->side, SIDE_0);
	ck_assert_int_eq(e->direction, direction);
	ck_assert_uint_eq(e->messages, messages);
}

START_TEST(the_examples_of_the_standard_are_read)
{
	static const struct turn turns[] = {
	        TURN(SIDE_0, PREFACE SETTINGS FIRST SECOND THIRD),
	        TURN(SIDE_1, SETTINGS ACK OK("\1") OK("\3") OK("\5")),
	};
	static struct run run;

	play_all(&run, turns, 2);
	check_entry(&run, "www.example.com", INFO_S2C, 3);
	ck_assert_int_eq(run.sink.n_entries, 1);
	ck_assert_str_eq(run.sink.protocol, "HTTP2");
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "www.example.com"), 1); /* sent once */
	ck_assert_int_eq(run.sink.client, SIDE_0);
}
END_TEST

START_TEST(routes_and_media_tell_as_in_http1)
{
	static const struct turn turns[] = {
	        TURN(SIDE_0, PREFACE SETTINGS POST_SLOT("\1") BODY("\1")),
	        TURN(SIDE_1, SETTINGS OK("\1")),
	        TURN(SIDE_0, GET_SLOT("\3")),
	        TURN(SIDE_1, FHIR_OK("\3") BODY("\3")),
	};
	static struct run run;

	play_all(&run, turns, 4);
	check_entry(&run, "Slot", INFO_C2S, 1);
	check_entry(&run, "application/fhir+json", INFO_S2C, 1);
	ck_assert_uint_eq(run.sink.total[0], turns[0].len + turns[2].len);
	ck_assert_uint_eq(run.sink.total[1], turns[1].len + turns[3].len);
	ck_assert_ptr_null(memmem(&run, sizeof run, "zzcanar", 7));
}
END_TEST

START_TEST(operations_of_fhir_and_calls_of_grpc_are_told)
{
	static const struct turn turns[] = {
	        TURN(SIDE_0, PREFACE SETTINGS "\0\0\x1c\1\5\0\0\0\1\x82\x04\x19/fhir/Patient/$everything"
	                                      "\0\0\x15\1\5\0\0\0\3\x83\x84\x0f\x10\x10"
	                                      "application/grpc"),
	        TURN(SIDE_1, SETTINGS FHIR_OK("\1") BODY("\1") OK("\3")),
	};
	static struct run run;

	play_all(&run, turns, 2);
	check_entry(&run, "$everything", INFO_S2C, 1);
	ck_assert_int_eq(fake_entry(&run.sink, "$everything")->type, EVIDENCE_FHIR_OPERATION);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "application/grpc"), 1);
}
END_TEST

START_TEST(credentials_are_told_and_not_kept)
{
	static const struct turn turns[] = {
	        TURN(SIDE_0, PREFACE "\0\0\x17\1\5\0\0\0\1\x82\x84\x1f\x08\x12"
	                             "Basic zzcanarXXXXX"),
	        TURN(SIDE_1, OK("\1")),
	};
	static struct run run;

	play_all(&run, turns, 2);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "HTTP Basic"), 1);
	ck_assert_ptr_null(memmem(&run, sizeof run, "zzcanar", 7));
}
END_TEST

START_TEST(what_was_sent_before_a_hole_is_not_guessed)
{
	static const struct turn before =
	        TURN(SIDE_0, PREFACE SETTINGS "\0\0\x11\1\5\0\0\0\1\x82\x41\x0e");
	static const struct turn after = TURN(SIDE_0, ACK SECOND POST_SLOT("\5"));
	static const struct turn answer = TURN(SIDE_1, OK("\3") OK("\5"));
	static struct run run;

	play(&run, &before, 1, 0);
	dissector_http2.dissect(run.state, SIDE_0, cur_make(after.bytes, after.len), 300, &flow,
	                        &run.sink);
	fake_feed(&dissector_http2, run.state, &run.sink, SIDE_1, answer.bytes, answer.len, 0,
	          &flow);
	check_entry(&run, "HTTP2", INFO_S2C, 1); /* the host is not known any more */
	check_entry(&run, "Slot", INFO_C2S, 1);
}
END_TEST

START_TEST(a_stream_may_be_joined_at_an_answer)
{
	static const struct turn turns[] = {
	        TURN(SIDE_1, FHIR_OK("\3") BODY("\3")),
	        TURN(SIDE_0, POST_SLOT("\5") BODY("\5")),
	};
	static struct run run;

	play_all(&run, turns, 2);
	check_entry(&run, "application/fhir+json", INFO_S2C, 1);
	check_entry(&run, "Slot", INFO_C2S, 1);
	ck_assert_int_eq(run.sink.client, SIDE_0);
}
END_TEST

START_TEST(nonsense_is_borne)
{
	static const struct turn turns[] = {
	        TURN(SIDE_0,
	             PREFACE "\0\0\4\1\4\0\0\0\1\xff\xff\xff\xff"), /* an index without end */
	        TURN(SIDE_0,
	             "\0\0\5\1\xc\0\0\0\3\xff\x82\x84\x84\x84"), /* more padding than there is */
	        TURN(SIDE_0, "\0\0\6\1\4\0\0\0\5\x04\x84\xff\xff\xff\xff"), /* no such code */
	        TURN(SIDE_0, "\xff\xff\xff\0\0\0\0\0\1xxxxxxxxxxxxxxxx"),
	        TURN(SIDE_0, "\0\0\0\1\4\0\0\0\7\0\0\0\x9\4\0\0\0\7"),
	};
	static struct run run;

	play(&run, turns, 5, 0);
	play(&run, turns, 5, 1);
	ck_assert_uint_eq(run.sink.total[0],
	                  turns[0].len + turns[1].len + turns[2].len + turns[3].len + turns[4].len);
}
END_TEST

static size_t recognised(const char *bytes, size_t len)
{
	return dissector_http2.recognise(cur_make(bytes, len), SIDE_0, &flow);
}

#define RECOGNISED(text) recognised(text, sizeof(text) - 1)

START_TEST(a_preface_or_two_frames_are_claimed_and_little_else)
{
	ck_assert_uint_eq(RECOGNISED(PREFACE), 1);
	ck_assert_uint_eq(RECOGNISED("PRI * HTTP/2.0\r\n"), 1);
	ck_assert_uint_eq(RECOGNISED(SETTINGS ACK FIRST), 1);
	ck_assert_uint_eq(RECOGNISED(SETTINGS), 0);
	ck_assert_uint_eq(RECOGNISED("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 0);
	ck_assert_uint_eq(
	        RECOGNISED("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), 0);
	ck_assert_uint_eq(RECOGNISED("PRI "), 0);
}
END_TEST

UNIT_MAIN("dissect_http2", the_examples_of_the_standard_are_read, routes_and_media_tell_as_in_http1,
          operations_of_fhir_and_calls_of_grpc_are_told, credentials_are_told_and_not_kept, what_was_sent_before_a_hole_is_not_guessed,
          a_stream_may_be_joined_at_an_answer, nonsense_is_borne,
          a_preface_or_two_frames_are_claimed_and_little_else)
