/* The dissector of point-of-care devices: what is kept of a conversation, however it is cut. */
#include "fake_sink.h"
#include "unit.h"

extern const struct dissector dissector_poct1a;

#define XML "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
#define HDR "<HDR><HDR.control_id V=\"9434765919\"/><HDR.version_id V=\"POCT1\"/></HDR>"
#define ACK XML "<ACK.R01>" HDR "<ACK><ACK.type_cd V=\"AA\"/></ACK></ACK.R01>"
#define OBS                                                                                        \
	"<OBS.R01>" HDR "<SVC><PT><PT.patient_id V='9434765919'/><PT.name "                        \
	                "V=\"QUILLFEATHER\"/></PT></SVC></OBS.R01>\n"
#define HEL                                                                                        \
	XML "<HEL.R01 >" HDR "<DEV><DEV.device_id V=\"quill-1\"/><DEV.vendor_id V=\"ROCHE\"/>"     \
	    "<DEV.model_id  X=\"no\" V=\"Inform II\" /><DEV.serial_id V=\"UU14\"/>"                \
	    "<DEV.manufacturer_name\n V='Roche D'/><DEV.sw_version V=\"04.01\"/>"                  \
	    "</DEV></HEL.R01>"

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 3001}};

struct run {
	struct sink sink;
	uint64_t state[DISSECT_STATE_MAX / 8];
};

static const struct turn {
	enum side side;
	const char *text;
} turns[] = {
        {SIDE_0, HEL},
        {SIDE_1, ACK},
        {SIDE_1, XML "<REQ.R01>" HDR "</REQ.R01>"},
        {SIDE_0, ACK OBS OBS "<EOT.R01>" HDR "</EOT.R01>"},
        {SIDE_1, ACK},
        {SIDE_1, "<OPL.R01><OPL><OPL.name V=\"zebedee\"/></OPL></OPL.R01>"},
};

static void play(struct run *run, size_t piece)
{
	memset(run, 0, sizeof *run);
	fake_sink_init(&run->sink);
	for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
		ck_assert_int_eq(fake_feed(&dissector_poct1a, run->state, &run->sink, turns[i].side,
		                           turns[i].text, strlen(turns[i].text), piece, &flow),
		                 DISSECT_FOLLOW);
	}
}

static void check_entry(const struct run *run, const char *text, enum side side, unsigned messages)
{
	const struct fake_entry *e = fake_entry(&run->sink, text);

	ck_assert_msg(e != NULL, "%s is missing", text);
	ck_assert_int_eq(e->type, EVIDENCE_POCT1A_ROOT);
	ck_assert_int_eq(e->side, side);
	ck_assert_int_eq(e->direction, INFO_C2S);
	ck_assert_uint_eq(e->messages, messages);
}

START_TEST(each_message_goes_away_from_its_sender_however_it_is_cut)
{
	static struct run whole, cut;

	play(&whole, 0);
	ck_assert_int_eq(whole.sink.n_entries, 4);
	check_entry(&whole, "HEL.R01", SIDE_0, 1);
	check_entry(&whole, "REQ.R01", SIDE_1, 1);
	check_entry(&whole, "OBS.R01", SIDE_0, 2);
	check_entry(&whole, "OPL.R01", SIDE_1, 1);
	ck_assert_int_eq(whole.sink.encryption, ENCRYPTED_NO);
	for (size_t piece = 1; piece < 400; piece++) {
		play(&cut, piece);
		ck_assert_mem_eq(&cut.sink, &whole.sink, sizeof cut.sink);
	}
}
END_TEST

START_TEST(an_acknowledgement_is_no_message_and_its_octets_are_of_what_it_acknowledges)
{
	static struct run run;

	play(&run, 0);
	ck_assert_uint_eq(fake_entry(&run.sink, "HEL.R01")->bytes[1], strlen(ACK));
	ck_assert_uint_eq(fake_entry(&run.sink, "REQ.R01")->bytes[0], strlen(ACK));
	ck_assert_uint_eq(fake_entry(&run.sink, "OBS.R01")->bytes[1], strlen(ACK));
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "ACK.R01"), 3);
}
END_TEST

START_TEST(of_a_device_make_model_and_software_are_kept_and_no_more)
{
	static struct run run;

	play(&run, 0);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "ROCHE"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "Inform II"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "Roche D"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "04.01"), 1);
	ck_assert_int_eq(run.sink.n_notes, 6); /* and two roots */
	ck_assert_ptr_null(memmem(&run, sizeof run, "QUILL", 5));
	ck_assert_ptr_null(memmem(&run, sizeof run, "9434", 4));
	ck_assert_ptr_null(memmem(&run, sizeof run, "UU14", 4));
	ck_assert_ptr_null(memmem(&run, sizeof run, "zebedee", 7));
}
END_TEST

START_TEST(after_a_hole_the_next_document_is_found)
{
	static const char rest[] = "ue\"/></PT></OBS.R01>" OBS;
	static struct run run;

	memset(&run, 0, sizeof run);
	fake_sink_init(&run.sink);
	fake_feed(&dissector_poct1a, run.state, &run.sink, SIDE_0, OBS "<OBS.R01><PT V=\"x",
	          strlen(OBS) + 17, 0, &flow);
	dissector_poct1a.dissect(run.state, SIDE_0, cur_make(rest, sizeof rest - 1), 900, &flow,
	                         &run.sink);
	check_entry(&run, "OBS.R01", SIDE_0, 3);
}
END_TEST

static size_t recognised(const char *bytes)
{
	return dissector_poct1a.recognise(cur_make(bytes, strlen(bytes)), SIDE_0, &flow);
}

START_TEST(only_the_roots_of_this_standard_are_claimed)
{
	ck_assert_uint_eq(recognised(HEL), 1);
	ck_assert_uint_eq(recognised(OBS), 1);
	ck_assert_uint_eq(recognised("\xef\xbb\xbf<!-- x --><KPA.R01>"), 1);
	ck_assert_uint_eq(recognised("<html><OBS.R01>"), 0);
	ck_assert_uint_eq(recognised("<OBS.R1>        "), 0);
	ck_assert_uint_eq(recognised("<OBS.R01x>      "), 0);
	ck_assert_uint_eq(recognised("<?xml version=\"1.0\""), 0);
	ck_assert_uint_eq(recognised("<?xml version=\"1.0\"?>\n<ADT_A01>"), 0);
	ck_assert_uint_eq(recognised("<"), 0);
}
END_TEST

START_TEST(what_has_no_root_for_long_is_released)
{
	static struct run run;
	static char text[3000];

	memset(text, ' ', sizeof text);
	memset(&run, 0, sizeof run);
	fake_sink_init(&run.sink);
	ck_assert_int_eq(fake_feed(&dissector_poct1a, run.state, &run.sink, SIDE_0, text,
	                           sizeof text, 0, &flow),
	                 DISSECT_RELEASE);
}
END_TEST

UNIT_MAIN("dissect_poct1a", each_message_goes_away_from_its_sender_however_it_is_cut,
          an_acknowledgement_is_no_message_and_its_octets_are_of_what_it_acknowledges,
          of_a_device_make_model_and_software_are_kept_and_no_more,
          after_a_hole_the_next_document_is_found, only_the_roots_of_this_standard_are_claimed,
          what_has_no_root_for_long_is_released)
