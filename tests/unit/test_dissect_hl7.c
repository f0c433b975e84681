/* The HL7 v2 dissector: kinds, counts and octets of whole conversations, however they are cut. */
#include "fake_sink.h"
#include "unit.h"

#include <stdio.h>

extern const struct dissector dissector_hl7;

#define VT  "\x0b"
#define END "\x1c\r"
#define MSH "MSH|^~\\&|PAS|RXX|TIE^1.2.3^ISO|RYY&Z|20260102030405||"
#define ADT MSH "ADT^A01^ADT_A01|MSG00001|P|2.4\rPID|1||9434765919\r"
#define ORU MSH "ORU^R01|MSG00002|P|2.3\rOBX|1|TX|||text\r"
#define ACK "MSH|^~\\&|TIE|RYY|PAS|RXX|||ACK^A01|7|P|2.4\rMSA|AA|MSG00001\r"

struct turn {
	enum side side;
	const char *bytes;
	size_t len;
};

#define TURN(side, text)                                                                           \
	{                                                                                          \
		side, text, sizeof(text) - 1                                                       \
	}

static const struct dissect_flow flow = {
        .ip_protocol = IP_TCP, .client = SIDE_0, .port = {40000, 9000}};

struct run {
	struct sink sink;
	uint64_t state[DISSECT_STATE_MAX / 8];
};

static void begin(struct run *run)
{
	memset(run, 0, sizeof *run);
	fake_sink_init(&run->sink);
	ck_assert_uint_le(dissector_hl7.state_size, sizeof run->state);
}

static void say(struct run *run, enum side side, const char *bytes, size_t len, size_t piece)
{
	ck_assert_int_eq(
	        fake_feed(&dissector_hl7, run->state, &run->sink, side, bytes, len, piece, &flow),
	        DISSECT_FOLLOW);
}

#define SAY(run, side, text) say(run, side, text, sizeof(text) - 1, 0)

/* The same bytes after a hole of `lost` octets. */
static void say_after(struct run *run, enum side side, const char *text, uint64_t lost)
{
	ck_assert_int_eq(dissector_hl7.dissect(run->state, side, cur_make(text, strlen(text)), lost,
	                                       &flow, &run->sink),
	                 DISSECT_FOLLOW);
}

static void play(struct run *run, const struct turn *turns, size_t n, size_t piece)
{
	begin(run);
	for (size_t i = 0; i < n; i++) {
		say(run, turns[i].side, turns[i].bytes, turns[i].len, piece);
	}
}

/* Plays whole, then in pieces of every length, then cut once at every place: the sums must be the
 * same. */
static void play_all(struct run *whole, const struct turn *turns, size_t n)
{
	static struct run other;
	size_t longest = 0;

	play(whole, turns, n, 0);
	for (size_t i = 0; i < n; i++) {
		longest = turns[i].len > longest ? turns[i].len : longest;
	}
	for (size_t piece = 1; piece <= longest; piece++) {
		play(&other, turns, n, piece);
		ck_assert_mem_eq(&other.sink, &whole->sink, sizeof other.sink);
		begin(&other);
		for (size_t i = 0; i < n; i++) {
			size_t cut = piece < turns[i].len ? piece : turns[i].len;

			say(&other, turns[i].side, turns[i].bytes, cut, 0);
			if (cut < turns[i].len) {
				say(&other, turns[i].side, turns[i].bytes + cut, turns[i].len - cut,
				    0);
			}
		}
		ck_assert_mem_eq(&other.sink, &whole->sink, sizeof other.sink);
	}
}

static void check_entry(const struct run *run, const char *text, enum side side, unsigned messages,
                        uint64_t bytes0, uint64_t bytes1)
{
	const struct fake_entry *e = fake_entry(&run->sink, text);

	ck_assert_msg(e != NULL, "%s is missing", text);
	ck_assert_int_eq(e->side, side);
	ck_assert_uint_eq(e->messages, messages);
	ck_assert_uint_eq(e->bytes[0], bytes0);
	ck_assert_uint_eq(e->bytes[1], bytes1);
}

static size_t recognised(const char *bytes, size_t len)
{
	return dissector_hl7.recognise(cur_make(bytes, len), SIDE_0, &flow);
}

#define RECOGNISED(text) recognised(text, sizeof(text) - 1)

START_TEST(a_message_has_its_kind_and_its_acknowledgement_is_none)
{
	static const struct turn turns[] = {
	        TURN(SIDE_0, VT ADT END),
	        TURN(SIDE_1, VT ACK END),
	        TURN(SIDE_0, VT ORU END VT ORU END),
	        TURN(SIDE_1, VT ACK END VT ACK END),
	};
	static struct run run;
	size_t adt = sizeof(VT ADT END) - 1, oru = sizeof(VT ORU END) - 1,
	       ack = sizeof(VT ACK END) - 1;

	play_all(&run, turns, 4);
	ck_assert_int_eq(run.sink.n_entries, 2);
	check_entry(&run, "ADT^A01", SIDE_0, 1, adt, ack);
	check_entry(&run, "ORU^R01", SIDE_0, 2, 2 * oru, 2 * ack);
	ck_assert_int_eq(run.sink.entries[0].direction, INFO_MSG);
	ck_assert_int_eq(run.sink.entries[0].type, EVIDENCE_HL7_MSH9);
	ck_assert_int_eq(run.sink.encryption, ENCRYPTED_NO);
}
END_TEST

START_TEST(only_the_allowed_fields_are_kept)
{
	static struct run run;

	begin(&run);
	SAY(&run, SIDE_0, VT ADT END);
	ck_assert_int_eq(run.sink.n_notes, 4);
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "PAS^RXX"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "TIE^RYY"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "2.4"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "P"), 1);
	ck_assert_ptr_null(memmem(&run, sizeof run, "MSG00001", 8));
	ck_assert_ptr_null(memmem(&run, sizeof run, "2026010", 7));
	ck_assert_ptr_null(memmem(&run, sizeof run, "9434765919", 10));
}
END_TEST

START_TEST(names_may_be_empty_padded_deleted_or_too_long)
{
	static struct run run;
	char text[400];
	int len = snprintf(text, sizeof text,
	                   VT "MSH|^~\\&|%0100d|%0100d| LAB |\"\"|||ADT^A08|1|T|2.3\r" END, 0, 0);

	begin(&run);
	SAY(&run, SIDE_0, VT "MSH|^~\\&||||A|||ADT^A08|1|T|2.3\r" END);
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "^A"), 1);
	say(&run, SIDE_0, text, (size_t)len, 0);
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "LAB"), 1);
	ck_assert_int_eq(run.sink.n_notes,
	                 5); /* ^A, T, 2.3, LAB and the long one, which the sink refuses */
	check_entry(&run, "ADT^A08", SIDE_0, 2, run.sink.total[0], 0);
}
END_TEST

START_TEST(any_legal_delimiters_are_read)
{
	static const char text[] =
	        VT "MSH$%~\\&$PAS%X$RXX$TIE$RYY$$$ADT%A31%ADT_A05$1$D$2.5\rPID$1\r" END;
	static const char five[] = VT "MSH|^~\\&#|A|B|C|D|||ORM^O01|1|P|2.7\r" END;
	static struct run run;

	begin(&run);
	ck_assert_uint_eq(RECOGNISED(text), 1);
	ck_assert_uint_eq(RECOGNISED(five), 1);
	SAY(&run, SIDE_0, text);
	SAY(&run, SIDE_0, five);
	check_entry(&run, "ADT^A31", SIDE_0, 1, sizeof text - 1, 0);
	check_entry(&run, "ORM^O01", SIDE_0, 1, sizeof five - 1, 0);
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "PAS^RXX"), 1);
}
END_TEST

START_TEST(a_code_may_stand_alone_and_in_small_letters)
{
	static struct run run;

	begin(&run);
	SAY(&run, SIDE_0, VT "MSH|^~\\&|||||||adt|1\r" END);
	SAY(&run, SIDE_1, VT "MSH|^~\\&|||||||ACK|1\rMSA|AA|1" END);
	SAY(&run, SIDE_0, VT "MSH|^~\\&|||||||ORU^whatever^X|1\r" END);
	SAY(&run, SIDE_1, VT "MSH|^~\\&|||||||MCF|1\rMSA|AA|1" END);
	ck_assert_int_eq(run.sink.n_entries, 2);
	ck_assert_uint_eq(fake_entry(&run.sink, "ADT")->messages, 1);
	ck_assert_uint_eq(fake_entry(&run.sink, "ORU")->messages, 1);
	ck_assert_uint_eq(fake_entry(&run.sink, "ORU")->bytes[1], 32);
}
END_TEST

START_TEST(a_message_type_that_cannot_be_read_is_the_protocols)
{
	static const char *const texts[] = {
	        VT "MSH|^~\\&|A|B|C|D\rPID|1\r" END,         /* too short */
	        VT "MSH|^~\\&|A|B|C|D|||Jane Doe^X|1\r" END, /* no code */
	        VT "MSH|^~\\&" END,
	        VT "MSH|^~\\&|||||||" END,
	        VT "MSHxyz" END,
	        VT "<ADT_A01 xmlns=\"urn:hl7-org:v2xml\"/>" END,
	};
	static struct run run;

	begin(&run);
	SAY(&run, SIDE_1, VT ADT END);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		say(&run, SIDE_1, texts[i], strlen(texts[i]), 0);
		ck_assert_uint_eq(fake_entry(&run.sink, "HL7v2")->messages, i + 1);
	}
	ck_assert_int_eq(run.sink.n_entries, 2);
	ck_assert_int_eq(fake_entry(&run.sink, "HL7v2")->type, EVIDENCE_PROTOCOL);
	ck_assert_int_eq(fake_entry(&run.sink, "HL7v2")->direction, INFO_S2C);
	check_entry(&run, "ADT^A01", SIDE_1, 1, 0, sizeof(VT ADT END) - 1);
}
END_TEST

START_TEST(lines_may_end_any_way_and_the_last_mark_may_be_missing)
{
	static const struct turn turns[] = {
	        TURN(SIDE_0, VT "MSH|^~\\&|A|B|C|D|||ADT^A01|1|P|2.4\nPID|1\n\x1c\r\n"),
	        TURN(SIDE_1, VT "MSH|^~\\&|C|D|A|B|||ACK|1|P|2.4\r\nMSA|AR|1\r\n\x1c"),
	        TURN(SIDE_0, VT "MSH|^~\\&|A|B|C|D|||ADT^A02|1|P|2.4\r\nPID|1\r\n\x1c" VT
	                        "MSH|^~\\&|A|B|C|D|||ADT^A03|1|P|2.4\x1c\n" VT VT
	                        "\rMSH|^~\\&|||||||ADT^A04\r" END),
	};
	static struct run run;

	play_all(&run, turns, 3);
	ck_assert_int_eq(run.sink.n_entries, 4);
	check_entry(&run, "ADT^A01", SIDE_0, 1, turns[0].len, turns[1].len);
	ck_assert_uint_eq(fake_entry(&run.sink, "ADT^A02")->messages, 1);
	ck_assert_uint_eq(fake_entry(&run.sink, "ADT^A03")->messages, 1);
	ck_assert_uint_eq(fake_entry(&run.sink, "ADT^A04")->messages, 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "AR"), 1);
}
END_TEST

START_TEST(streams_without_framing_are_divided_at_msh)
{
	static const struct turn turns[] = {
	        TURN(SIDE_0, "\r\n" ADT ORU "ZZZ|MSH|MSH\r" ORU),
	        TURN(SIDE_1, ACK ACK ACK),
	        TURN(SIDE_0,
	             "MSH|^~\\&|||||||ADT^A03\rMSH|^~\\&|||||||ADT^A03\rEVN|\r\x03\x02" ADT),
	};
	static struct run run;

	ck_assert_uint_eq(RECOGNISED("\r\n" ADT), 3);
	play_all(&run, turns, 3);
	ck_assert_int_eq(run.sink.n_entries, 3);
	ck_assert_uint_eq(fake_entry(&run.sink, "ADT^A01")->messages, 2);
	ck_assert_uint_eq(fake_entry(&run.sink, "ORU^R01")->messages, 2);
	ck_assert_uint_eq(fake_entry(&run.sink, "ADT^A03")->messages, 2);
	ck_assert_uint_eq(fake_entry(&run.sink, "ADT^A01")->bytes[1], sizeof ACK - 1);
}
END_TEST

START_TEST(a_missing_start_byte_does_no_harm_where_ends_are_marked)
{
	static const struct turn turns[] = {TURN(SIDE_0, ADT END ORU END VT ADT END)};
	static struct run run;

	play_all(&run, turns, 1);
	check_entry(&run, "ADT^A01", SIDE_0, 2, 2 * (sizeof(ADT END) - 1) + 1, 0);
	check_entry(&run, "ORU^R01", SIDE_0, 1, sizeof(ORU END) - 1, 0);
}
END_TEST

START_TEST(each_message_of_a_batch_counts)
{
	static const struct turn turns[] = {
	        TURN(SIDE_0, VT "FHS|^~\\&|A|B|C|D\rBHS|^~\\&|A|B\r" ADT ADT ORU
	                        "BTS|3\rFTS|1\r" END VT ADT END),
	        TURN(SIDE_1, "BHS|^~\\&|A|B\r" ADT ORU "BTS|2\r"),
	};
	static struct run run;

	ck_assert_uint_eq(RECOGNISED(VT "FHS|^~\\&|A|B|C|D\r"), 1);
	ck_assert_uint_eq(RECOGNISED("BHS|^~\\&|A|B|C|D\r"), 1);
	play_all(&run, turns, 2);
	ck_assert_uint_eq(run.sink.entries[0].messages, 3);
	ck_assert_uint_eq(run.sink.entries[1].messages, 1);
	ck_assert_int_eq(run.sink.n_entries, 4);
	ck_assert_uint_eq(run.sink.pending[0] + run.sink.pending[1], 0);
}
END_TEST

START_TEST(commit_blocks_and_the_older_hybrid_protocol_are_read)
{
	static const struct turn turns[] = {
	        TURN(SIDE_0, VT ADT END),
	        TURN(SIDE_1, VT "\x06" END),
	        TURN(SIDE_0, VT ORU END),
	        TURN(SIDE_1, VT "\x15" END),
	        TURN(SIDE_0, VT "D23\rMSH|^~\\&|||||||ORM^O01\r00022123" END),
	        TURN(SIDE_1, VT "N23\rC00000123" END),
	};
	static struct run run;

	ck_assert_uint_eq(RECOGNISED(VT "\x06" END), 1);
	ck_assert_uint_eq(RECOGNISED(VT "D23\rMSH|^~\\&|A"), 1);
	play_all(&run, turns, 6);
	ck_assert_int_eq(run.sink.n_entries, 3);
	check_entry(&run, "ADT^A01", SIDE_0, 1, turns[0].len, 4);
	check_entry(&run, "ORU^R01", SIDE_0, 1, turns[2].len, 4);
	check_entry(&run, "ORM^O01", SIDE_0, 1, turns[4].len, turns[5].len);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "NAK"), 2);
}
END_TEST

/* Writes `text` in UTF-16; a byte of the framing stays alone. */
static size_t widen(char *out, const char *text, bool is_little)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text == '\x0b' || *text == '\x1c') {
			out[n++] = *text;
		} else if (text[-(*text == '\r')] == '\x1c') {
			out[n++] = '\r';
		} else {
			out[n++] = is_little ? *text : '\0';
			out[n++] = is_little ? '\0' : *text;
		}
	}
	return n;
}

START_TEST(utf_16_is_followed)
{
	static struct run run;
	char text[512];

	for (int little = 0; little < 2; little++) {
		size_t len = widen(text, VT ADT END VT ORU END, little);
		struct turn turn = {SIDE_0, text, len};

		ck_assert_uint_eq(recognised(text, len), 1);
		ck_assert_uint_eq(recognised(text + 1, len - 1), 1);
		play_all(&run, &turn, 1);
		ck_assert_uint_eq(fake_entry(&run.sink, "ADT^A01")->messages, 1);
		ck_assert_uint_eq(fake_entry(&run.sink, "ORU^R01")->messages, 1);
		ck_assert_uint_eq(run.sink.pending[0], 0);
	}
	/* a quotation mark, U+201C, has the octet of a block's end in it */
	static const char quote[] = VT "M\0S\0H\0|\0^\0~\0\\\0&\0|\0A\0\r\0\x1c\x20\x1c\x20x\0" END;
	static const struct turn turn = TURN(SIDE_0, quote);

	play_all(&run, &turn, 1);
	check_entry(&run, "HL7v2", SIDE_0, 1, sizeof quote - 1, 0);
}
END_TEST

START_TEST(a_message_stays_one_over_a_hole)
{
	static struct run run;

	begin(&run);
	SAY(&run, SIDE_0, VT ADT "OBX|1");
	say_after(&run, SIDE_0, "rest\r" END VT ORU END, 1460);
	ck_assert_uint_eq(fake_entry(&run.sink, "ADT^A01")->messages, 1);
	ck_assert_uint_eq(fake_entry(&run.sink, "ORU^R01")->messages, 1);
	check_entry(&run, "ORU^R01", SIDE_0, 1, sizeof(VT ORU END) - 1, 0);

	begin(&run); /* the end and other messages were in the hole */
	SAY(&run, SIDE_0, VT ADT "OBX|1");
	say_after(&run, SIDE_0, "PID|tail\r" VT ORU END, 100);
	say_after(&run, SIDE_0, "MSH\r" VT " word\r" END VT ADT END, 100);
	check_entry(&run, "ORU^R01", SIDE_0, 1, sizeof(VT ORU END) - 1, 0);
	ck_assert_uint_eq(fake_entry(&run.sink, "ADT^A01")->messages, 2);
	ck_assert_uint_eq(run.sink.total[0],
	                  run.sink.entries[0].bytes[0] + run.sink.entries[1].bytes[0]);
}
END_TEST

START_TEST(a_hole_in_a_header_never_makes_a_message)
{
	static const char text[] = VT ADT END;
	static struct run run;

	for (size_t cut = 1; cut < sizeof text - 1; cut++) {
		for (size_t lost = 1; cut + lost < sizeof text - 1; lost++) {
			bool is_seen = cut >= (size_t)(strstr(text, "|MSG") - text) + 1;

			begin(&run);
			say(&run, SIDE_0, text, cut, 0);
			say_after(&run, SIDE_0, text + cut + lost, lost);
			SAY(&run, SIDE_0, VT ORU END);
			ck_assert_uint_eq(fake_entry(&run.sink, "ORU^R01")->messages, 1);
			ck_assert_int_eq(run.sink.n_entries, is_seen ? 2 : 1);
			ck_assert_uint_eq(run.sink.total[0],
			                  sizeof text - 1 - lost + sizeof(VT ORU END) - 1);
		}
	}
}
END_TEST

START_TEST(a_stream_joined_in_the_middle_begins_at_the_next_start)
{
	static const char middle[] = "tail of a message\r" END VT ORU END;
	static struct run run;

	ck_assert_uint_eq(RECOGNISED(middle), sizeof("tail of a message\r" END));
	ck_assert_uint_eq(RECOGNISED("tail\r" END VT), sizeof("tail\r" END));
	begin(&run);
	SAY(&run, SIDE_0, middle);
	check_entry(&run, "ORU^R01", SIDE_0, 1, sizeof middle - 1, 0);
	begin(&run); /* the other side, which nobody recognised, in the middle of something */
	SAY(&run, SIDE_0, VT ADT END);
	SAY(&run, SIDE_1, "OBX|1\r" VT "not this\r" END VT ACK END);
	check_entry(&run, "ADT^A01", SIDE_0, 1, sizeof(VT ADT END) - 1, sizeof(VT ACK END) + 17);
}
END_TEST

START_TEST(a_response_counts_in_its_own_direction)
{
	static const struct turn turns[] = {
	        TURN(SIDE_0, VT "MSH|^~\\&|||||||QBP^Q22|1|P|2.5\rQPD|x\r" END),
	        TURN(SIDE_1, VT "MSH|^~\\&|||||||RSP^K22|1|P|2.5\rMSA|AA|1\rPID|\r" END),
	        TURN(SIDE_0, VT ADT END),
	        TURN(SIDE_1, VT ACK END),
	};
	static struct run run;

	play_all(&run, turns, 4);
	check_entry(&run, "QBP^Q22", SIDE_0, 1, turns[0].len, 0);
	check_entry(&run, "RSP^K22", SIDE_1, 1, 0, turns[1].len);
	check_entry(&run, "ADT^A01", SIDE_0, 1, turns[2].len, turns[3].len);
}
END_TEST

START_TEST(enhanced_mode_acknowledges_twice)
{
	static const char commit[] = VT "MSH|^~\\&|||||||ACK|1|P|2.5\rMSA|CA|1\r" END;
	static const char failed[] = VT "MSH|^~\\&|||||||ACK|1|P|2.5\rMSA|AE|1\r" END;
	static struct run run;

	begin(&run);
	SAY(&run, SIDE_0, VT ADT END);
	SAY(&run, SIDE_1, commit);
	SAY(&run, SIDE_1, failed);
	SAY(&run, SIDE_0,
	    commit); /* of the application acknowledgement: of no message on that side */
	check_entry(&run, "ADT^A01", SIDE_0, 1, sizeof(VT ADT END) - 1, 2 * (sizeof commit - 1));
	ck_assert_int_eq(run.sink.n_entries, 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "AE"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "CA"), 0);
}
END_TEST

START_TEST(acknowledgements_find_the_oldest_of_many)
{
	static struct run run;

	begin(&run);
	SAY(&run, SIDE_0, VT ADT END VT ORU END);
	SAY(&run, SIDE_1, VT ACK END);
	ck_assert_uint_eq(fake_entry(&run.sink, "ADT^A01")->bytes[1], sizeof(VT ACK END) - 1);
	SAY(&run, SIDE_1, VT ACK END);
	ck_assert_uint_eq(fake_entry(&run.sink, "ORU^R01")->bytes[1], sizeof(VT ACK END) - 1);
	for (int i = 0; i < 100; i++) {
		SAY(&run, SIDE_0, VT ADT END);
	}
	SAY(&run, SIDE_0, VT ORU END);
	say_after(&run, SIDE_1, VT ACK END, 100); /* lost ones: the newest is meant */
	ck_assert_uint_eq(fake_entry(&run.sink, "ORU^R01")->bytes[1], 2 * (sizeof(VT ACK END) - 1));
}
END_TEST

START_TEST(the_start_byte_may_come_alone)
{
	static struct run run;

	ck_assert_uint_eq(RECOGNISED(VT), 1);
	ck_assert_uint_eq(RECOGNISED(VT "M"), 1);
	ck_assert_uint_eq(RECOGNISED(VT "MSH|^~"), 1);
	begin(&run);
	SAY(&run, SIDE_0, VT);
	SAY(&run, SIDE_0, ADT);
	SAY(&run, SIDE_0, END);
	check_entry(&run, "ADT^A01", SIDE_0, 1, sizeof(VT ADT END) - 1, 0);
	begin(&run);
	ck_assert_int_eq(
	        fake_feed(&dissector_hl7, run.state, &run.sink, SIDE_0, VT "hello", 6, 1, &flow),
	        DISSECT_RELEASE);
	ck_assert_uint_eq(run.sink.total[0], 2);
	ck_assert_int_eq(run.sink.n_entries, 0);
}
END_TEST

START_TEST(what_is_no_hl7_is_not_recognised)
{
	static const char page[] =
	        "HTTP/1.1 200 OK\r\n\r\nA message begins\r\n" ADT "and so on\r\n";
	static const char big[] = "\x0b\0\0\0\3SELECT 1";

	ck_assert_uint_eq(RECOGNISED(page), 0);
	ck_assert_uint_eq(RECOGNISED("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x0b"), 0);
	ck_assert_uint_eq(RECOGNISED("GET / HTTP/1.1\r\n"), 0);
	ck_assert_uint_eq(RECOGNISED("MSH is short for message header"), 0);
	ck_assert_uint_eq(RECOGNISED("MSH|^~\\&|see chapter two of the standard\r\n"), 0);
	ck_assert_uint_eq(RECOGNISED("MSH|^~\\&|A|B|C|D|||no code here|"), 0);
	ck_assert_uint_eq(RECOGNISED("MSH|^^^^|A|B|C|D|||ADT^A01|"), 0);
	ck_assert_uint_eq(RECOGNISED(VT "hello"), 0);
	ck_assert_uint_eq(RECOGNISED(VT "MSHabc|def"), 0);
	ck_assert_uint_eq(RECOGNISED(VT "\x06 hello"), 0);
	ck_assert_uint_eq(RECOGNISED(big), 0);
	ck_assert_uint_eq(RECOGNISED("\r\n\r\n"), 0);
	ck_assert_uint_eq(RECOGNISED(VT VT), 0);
	ck_assert_uint_eq(RECOGNISED("M"), 0);
}
END_TEST

START_TEST(long_messages_and_long_headers_are_bounded)
{
	static char body[100000], header[5000];
	static struct run run;

	memset(body, 'M', sizeof body);
	memset(header, 'x', sizeof header);
	begin(&run);
	SAY(&run, SIDE_0, VT ADT);
	say(&run, SIDE_0, body, sizeof body, 1460);
	SAY(&run, SIDE_0, END VT "MSH|^~\\&|");
	say(&run, SIDE_0, header, sizeof header, 100);
	SAY(&run, SIDE_0, "||||||ADT^A02|\r" END VT ORU END);
	check_entry(&run, "ADT^A01", SIDE_0, 1, sizeof(VT ADT END) - 1 + sizeof body, 0);
	ck_assert_uint_eq(fake_entry(&run.sink, "HL7v2")->messages, 1);
	ck_assert_ptr_null(fake_entry(&run.sink, "ADT^A02"));
	check_entry(&run, "ORU^R01", SIDE_0, 1, sizeof(VT ORU END) - 1, 0);
}
END_TEST

UNIT_MAIN("dissect_hl7", a_message_has_its_kind_and_its_acknowledgement_is_none,
          only_the_allowed_fields_are_kept, names_may_be_empty_padded_deleted_or_too_long,
          any_legal_delimiters_are_read, a_code_may_stand_alone_and_in_small_letters,
          a_message_type_that_cannot_be_read_is_the_protocols,
          lines_may_end_any_way_and_the_last_mark_may_be_missing,
          streams_without_framing_are_divided_at_msh,
          a_missing_start_byte_does_no_harm_where_ends_are_marked, each_message_of_a_batch_counts,
          commit_blocks_and_the_older_hybrid_protocol_are_read, utf_16_is_followed,
          a_message_stays_one_over_a_hole, a_hole_in_a_header_never_makes_a_message,
          a_stream_joined_in_the_middle_begins_at_the_next_start,
          a_response_counts_in_its_own_direction, enhanced_mode_acknowledges_twice,
          acknowledgements_find_the_oldest_of_many, the_start_byte_may_come_alone,
          what_is_no_hl7_is_not_recognised, long_messages_and_long_headers_are_bounded)
