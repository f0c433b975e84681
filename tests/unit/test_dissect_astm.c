/* The dissector of analysers' messages: frames and bare records, however the stream is cut. */
#include "fake_sink.h"
#include "unit.h"

#include <stdio.h>

extern const struct dissector dissector_astm;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 9100}};

struct run {
	struct sink sink;
	uint64_t state[DISSECT_STATE_MAX / 8];
	enum dissect_verdict verdict;
	size_t piece;
};

static void begin(struct run *run, size_t piece)
{
	memset(run, 0, sizeof *run);
	fake_sink_init(&run->sink);
	run->piece = piece;
	ck_assert_uint_le(dissector_astm.state_size, sizeof run->state);
}

static void say(struct run *run, enum side side, const char *bytes)
{
	if (run->verdict == DISSECT_FOLLOW) {
		run->verdict = fake_feed(&dissector_astm, run->state, &run->sink, side, bytes,
		                         strlen(bytes), run->piece, &flow);
	}
}

/* A frame with its sum, off by `wrong`, answered by an ACK or NAK. */
static void frame(struct run *run, enum side side, char number, const char *text, char end,
                  unsigned wrong)
{
	char bytes[512];
	unsigned sum = wrong;
	int n = snprintf(bytes, sizeof bytes, "\x02%c%s%c", number, text, end);

	for (int i = 1; i < n; i++) {
		sum += (unsigned char)bytes[i];
	}
	snprintf(bytes + n, sizeof bytes - (size_t)n, "%02X\r\n", sum & 0xff);
	say(run, side, bytes);
	say(run, (enum side) !side, wrong == 0 ? "\x06" : "\x15");
}

#define HEADER "H|\\^&||zzpass|Mindry^zz^1|||||LIS^zz||P|LIS2-A2|20260102\r"
#define ETX    '\x03'
#define ETB    '\x17'

static void results(struct run *run)
{
	say(run, SIDE_0, "\x05");
	say(run, SIDE_1, "\x06");
	frame(run, SIDE_0, '1', HEADER, ETX, 0);
	frame(run, SIDE_0, '2', "P|1||9434765919||QUILLFEATHER^Z||19481103\r", ETX, 0);
	frame(run, SIDE_0, '3', "O|1|S1||^^^GLU\r", ETX, 0);
	frame(run, SIDE_0, '4', "R|1|^^^GLU|5.5|mmol", ETB, 0);
	frame(run, SIDE_0, '5', "/l|H|L|R\r", ETX, 0);
	frame(run, SIDE_0, '6', "R|2|^^^NA|140\r", ETX, 0);
	frame(run, SIDE_0, '7', "L|1|N\r", ETX, 0);
	say(run, SIDE_0, "\x04");
}

static void check_entry(const struct run *run, const char *text, enum side side, unsigned messages)
{
	const struct fake_entry *e = fake_entry(&run->sink, text);

	ck_assert_msg(e != NULL, "%s is missing", text);
	ck_assert_int_eq(e->type, EVIDENCE_ASTM_RECORD);
	ck_assert_int_eq(e->side, side);
	ck_assert_int_eq(e->direction, INFO_MSG);
	ck_assert_uint_eq(e->messages, messages);
}

START_TEST(a_message_in_frames_is_one_and_named_by_its_results)
{
	static struct run whole, cut;

	begin(&whole, 0);
	results(&whole);
	ck_assert_int_eq(whole.sink.n_entries, 1);
	check_entry(&whole, "R", SIDE_0, 1);
	ck_assert_uint_eq(whole.sink.entries[0].bytes[0], whole.sink.total[0]);
	ck_assert_uint_eq(whole.sink.entries[0].bytes[1], 8);
	ck_assert_int_eq(whole.sink.encryption, ENCRYPTED_NO);
	for (size_t piece = 1; piece < 64; piece++) {
		begin(&cut, piece);
		results(&cut);
		ck_assert_mem_eq(&cut.sink, &whole.sink, sizeof cut.sink);
	}
}
END_TEST

START_TEST(the_header_names_both_ends_and_nothing_else_is_kept)
{
	static struct run run;

	begin(&run, 0);
	results(&run);
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "Mindry"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "LIS"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "LIS2-A2"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "R"), 2);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "O"), 1);
	ck_assert_ptr_null(memmem(&run, sizeof run, "zz", 2));
	ck_assert_ptr_null(memmem(&run, sizeof run, "QUILL", 5));
	ck_assert_ptr_null(memmem(&run, sizeof run, "9434", 4));
}
END_TEST

START_TEST(a_frame_that_is_sent_again_counts_once)
{
	static struct run run;

	begin(&run, 0);
	frame(&run, SIDE_0, '1', HEADER, ETX, 0);
	frame(&run, SIDE_0, '2', "R|1|^^^GLU|5.5\r", ETX, 1);
	frame(&run, SIDE_0, '2', "R|1|^^^GLU|5.5\r", ETX, 0);
	frame(&run, SIDE_0, '2', "R|1|^^^GLU|5.5\r", ETX, 0);
	frame(&run, SIDE_0, '3', "L|1\r", ETX, 0);
	check_entry(&run, "R", SIDE_0, 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "R"), 1);
}
END_TEST

START_TEST(a_query_and_the_orders_that_answer_it_go_their_own_ways)
{
	static struct run run;

	begin(&run, 0);
	say(&run, SIDE_1, "\x05");
	say(&run, SIDE_0, "\x06");
	frame(&run, SIDE_1, '1', HEADER "Q|1|^S1||ALL\rL|1\r", ETX, 0);
	say(&run, SIDE_1, "\x04");
	say(&run, SIDE_0, "\x05");
	say(&run, SIDE_1, "\x06");
	frame(&run, SIDE_0, '1', HEADER "P|1\rO|1|S1\rL|1\r", ETX, 0);
	say(&run, SIDE_0, "\x04");
	ck_assert_int_eq(run.sink.n_entries, 2);
	check_entry(&run, "Q", SIDE_1, 1);
	check_entry(&run, "O", SIDE_0, 1);
	ck_assert_uint_eq(run.sink.entries[0].bytes[0], 2); /* acknowledgements */
	ck_assert_uint_eq(run.sink.entries[1].bytes[1], 2);
	ck_assert_uint_eq(run.sink.pending[0] + run.sink.pending[1], 0);
}
END_TEST

START_TEST(records_without_frames_are_read_and_said_to_be)
{
	static const char text[] = HEADER "P|1\r\nO|1|S1\rR|1|^^^GLU|5\rL|1\r" HEADER "M|1\rL|1\r";
	static struct run whole, cut;

	for (size_t piece = 0; piece < sizeof text; piece++) {
		begin(&cut, piece);
		say(&cut, SIDE_0, text);
		if (piece == 0) {
			whole = cut;
		}
		ck_assert_mem_eq(&cut.sink, &whole.sink, sizeof cut.sink);
	}
	check_entry(&whole, "R without frames", SIDE_0, 1);
	check_entry(&whole, "H without frames", SIDE_0, 1);
	ck_assert_uint_eq(whole.sink.entries[0].bytes[0] + whole.sink.entries[1].bytes[0],
	                  sizeof text - 1);
}
END_TEST

START_TEST(a_message_without_terminator_ends_with_its_session)
{
	static struct run run;

	begin(&run, 0);
	frame(&run, SIDE_0, '1', HEADER, ETX, 0);
	frame(&run, SIDE_0, '2', "R|1\r", ETX, 0);
	say(&run, SIDE_0, "\x04");
	check_entry(&run, "R", SIDE_0, 1);
	frame(&run, SIDE_0, '1', HEADER "R|1\r", ETX, 0);
	frame(&run, SIDE_0, '2', HEADER "R|1\rL|1\r", ETX, 0);
	check_entry(&run, "R", SIDE_0, 3);
}
END_TEST

START_TEST(after_a_hole_the_next_frame_counts)
{
	static struct run run;
	static const char rest[] = "^GLU|5\r\x03"
	                           "00\r\n";

	begin(&run, 0);
	frame(&run, SIDE_0, '1', HEADER, ETX, 0);
	say(&run, SIDE_0,
	    "\x02"
	    "2R|1|");
	dissector_astm.dissect(run.state, SIDE_0, cur_make(rest, sizeof rest - 1), 500, &flow,
	                       &run.sink);
	frame(&run, SIDE_0, '5', "R|9|^^^NA|1\r", ETX, 0);
	frame(&run, SIDE_0, '6', "L|1\r", ETX, 0);
	check_entry(&run, "R", SIDE_0, 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "R"), 1);
}
END_TEST

START_TEST(what_never_has_a_right_sum_is_released)
{
	static struct run run;

	begin(&run, 0);
	frame(&run, SIDE_0, '1', HEADER, ETX, 3);
	ck_assert_int_eq(run.verdict, DISSECT_RELEASE);
	ck_assert_int_eq(run.sink.n_entries, 0);
	ck_assert_int_eq(run.sink.n_notes, 0);
}
END_TEST

static size_t recognised(const char *bytes)
{
	return dissector_astm.recognise(cur_make(bytes, strlen(bytes)), SIDE_0, &flow);
}

START_TEST(one_octet_claims_nothing)
{
	ck_assert_uint_eq(recognised("\x05"), 0);
	ck_assert_uint_eq(recognised("\x06"), 0);
	ck_assert_uint_eq(recognised("\x02"), 0);
	ck_assert_uint_eq(recognised("\x02"
	                             "1"),
	                  0);
	ck_assert_uint_eq(recognised("\x05\x05\x05\x05"), 0);
	ck_assert_uint_eq(recognised("H|\\^"), 0);
	ck_assert_uint_eq(recognised("Hello, world"), 0);
	ck_assert_uint_eq(recognised("\x02"
	                             "2R|1\r\x03"
	                             "00\r\n"),
	                  0);
	ck_assert_uint_eq(recognised("MSH|^~\\&|A|B"), 0);
}
END_TEST

START_TEST(headers_and_frames_with_a_right_sum_are_claimed)
{
	ck_assert_uint_eq(recognised(HEADER), 1);
	ck_assert_uint_eq(recognised("1" HEADER), 1);
	ck_assert_uint_eq(recognised("\x02"
	                             "1" HEADER),
	                  1);
	ck_assert_uint_eq(recognised("\x06\x02"
	                             "2L|1\r\x03"
	                             "3B\r\n"),
	                  1);
}
END_TEST

UNIT_MAIN("dissect_astm", a_message_in_frames_is_one_and_named_by_its_results,
          the_header_names_both_ends_and_nothing_else_is_kept,
          a_frame_that_is_sent_again_counts_once,
          a_query_and_the_orders_that_answer_it_go_their_own_ways,
          records_without_frames_are_read_and_said_to_be,
          a_message_without_terminator_ends_with_its_session, after_a_hole_the_next_frame_counts,
          what_never_has_a_right_sum_is_released, one_octet_claims_nothing,
          headers_and_frames_with_a_right_sum_are_claimed)
