/* The DICOM dissector: kinds, counts and octets of whole associations, however they are cut. */
#include "fake_sink.h"
#include "unit.h"

#include <stdio.h>

extern const struct dissector dissector_dicom;

#define CT     "1.2.840.10008.5.1.4.1.1.2"
#define MR     "1.2.840.10008.5.1.4.1.1.4"
#define FIND   "1.2.840.10008.5.1.4.1.2.2.1"
#define MOVE   "1.2.840.10008.5.1.4.1.2.2.2"
#define GET    "1.2.840.10008.5.1.4.1.2.2.3"
#define VERIFY "1.2.840.10008.1.1"

enum { TURNS_MAX = 24, TURN_MAX = 6000, NONE = 0x0101, DATA = 0x0001 };

struct turn {
	enum side side;
	size_t len;
	uint8_t bytes[TURN_MAX];
};

/* A conversation under construction. */
struct talk {
	size_t n;
	struct turn turns[TURNS_MAX];
};

static const struct dissect_flow flow = {
        .ip_protocol = IP_TCP, .client = SIDE_0, .port = {40000, 4242}};

struct run {
	struct sink sink;
	uint64_t state[DISSECT_STATE_MAX / 8];
};

/* --- writing --- */

static void put(struct turn *t, const void *bytes, size_t len)
{
	ck_assert_uint_le(t->len + len, TURN_MAX);
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
}

static void put_be(struct turn *t, uint32_t value, int octets)
{
	for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
		uint8_t b = (uint8_t)(value >> shift);

		put(t, &b, 1);
	}
}

static void put_le(struct turn *t, uint32_t value, int octets)
{
	for (int i = 0; i < octets; i++, value >>= 8) {
		uint8_t b = (uint8_t)value;

		put(t, &b, 1);
	}
}

static void set_be(struct turn *t, size_t at, uint32_t value, int octets)
{
	struct turn number = {0};

	put_be(&number, value, octets);
	memcpy(t->bytes + at, number.bytes, (size_t)octets);
}

static struct turn *turn_new(struct talk *talk, enum side side)
{
	struct turn *t = &talk->turns[talk->n++];

	ck_assert_uint_le(talk->n, TURNS_MAX);
	*t = (struct turn){.side = side};
	return t;
}

/* Begins a PDU, and ends it by writing its length. */
static size_t pdu_begin(struct turn *t, uint8_t type)
{
	put_be(t, (uint32_t)type << 8, 2);
	put_be(t, 0, 4);
	return t->len;
}

static void pdu_end(struct turn *t, size_t start)
{
	set_be(t, start - 4, (uint32_t)(t->len - start), 4);
}

static void put_item(struct turn *t, uint8_t type, const char *text)
{
	put_be(t, (uint32_t)type << 8, 2);
	put_be(t, (uint32_t)strlen(text), 2);
	put(t, text, strlen(text));
}

/* A-ASSOCIATE-RQ (1) or -AC (2) with contexts 1, 3, … for `classes`; the AC refuses the second. */
static void put_associate(struct turn *t, uint8_t type, const char *const *classes, size_t n)
{
	size_t pdu = pdu_begin(t, type), user;

	put_be(t, 1, 2);
	put_be(t, 0, 2);
	put(t, type == 1 ? "PACS            " : "echo not tested!", 16);
	put(t, " CT01           ", 16);
	for (int i = 0; i < 8; i++) {
		put_be(t, 0, 4);
	}
	put_item(t, 0x10, "1.2.840.10008.3.1.1.1");
	for (size_t i = 0; i < n; i++) {
		size_t item = t->len;

		put_be(t, type == 1 ? 0x2000 : 0x2100, 2);
		put_be(t, 0, 2);
		put_be(t, (uint32_t)(2 * i + 1) << 24 | (i == 1 ? 3 << 8 : 0), 4);
		if (type == 1) {
			put_item(t, 0x30, classes[i]);
		}
		put_item(t, 0x40, "1.2.840.10008.1.2");
		set_be(t, item + 2, (uint32_t)(t->len - item - 4), 2);
	}
	user = t->len;
	put_be(t, 0x5000, 2);
	put_be(t, 0, 2);
	put_item(t, 0x51, "\x01\x01\x40\x10");
	put_item(t, 0x52, type == 1 ? "1.2.276.0.1" : "1.2.276.0.2");
	put_item(t, 0x55, type == 1 ? "SCANNER_1" : "ARCHIVE_2");
	if (type == 1) {
		put_item(t, 0x58, "\1\1\0\5jdoe9secret");
	}
	set_be(t, user + 2, (uint32_t)(t->len - user - 4), 2);
	pdu_end(t, pdu);
}

static void put_element(struct turn *t, uint16_t element, const void *value, uint32_t len)
{
	put_le(t, 0, 2);
	put_le(t, element, 2);
	put_le(t, len, 4);
	put(t, value, len);
}

static void put_number(struct turn *t, uint16_t element, uint16_t value)
{
	struct turn number = {0};

	put_le(&number, value, 2);
	put_element(t, element, number.bytes, 2);
}

/* A command set. A response has its request's id, and a status. */
static void put_command(struct turn *t, uint16_t field, const char *class, uint16_t id,
                        uint16_t data_set, uint16_t status)
{
	uint32_t zero = 0;
	char uid[66] = "";
	uint32_t len = (uint32_t)strlen(class);

	memcpy(uid, class, len);
	put_element(t, 0x0000, &zero, 4);
	if (len > 0) {
		put_element(t, field == 0x0110 ? 0x0003 : 0x0002, uid, len + len % 2);
	}
	put_number(t, 0x0100, field);
	put_number(t, (field & 0x8000) != 0 || field == 0x0fff ? 0x0120 : 0x0110, id);
	if (field == 0x0021) {
		put_element(t, 0x0600, "WS7             ", 16);
	}
	put_number(t, 0x0800, data_set);
	if ((field & 0x8000) != 0) {
		put_number(t, 0x0900, status);
	}
	put_element(t, 0x1000, "1.2.999.123456789", 17);
}

/* A P-DATA-TF with one PDV that carries `len` bytes. */
static void put_pdata(struct turn *t, uint8_t control, const void *bytes, size_t len)
{
	size_t pdu = pdu_begin(t, 4);

	put_be(t, (uint32_t)len + 2, 4);
	put_be(t, 0x0100u | control, 2);
	put(t, bytes, len);
	pdu_end(t, pdu);
}

static void put_message(struct turn *t, uint16_t field, const char *class, uint16_t id,
                        uint16_t data_set, uint16_t status)
{
	struct turn command = {0};

	put_command(&command, field, class, id, data_set, status);
	put_pdata(t, 3, command.bytes, command.len);
}

/* A data set of `n` PDUs; it holds what looks like PDUs and must never be read. */
static void put_data(struct turn *t, int n)
{
	static const char data[] = "\4\0\0\0\0\x08\0\0\0\4\1\3 PatientName^Secret \1\0\0\0\0\x04";

	for (int i = 0; i < n; i++) {
		put_pdata(t, i == n - 1 ? 2 : 0, data, sizeof data);
	}
}

static void put_short(struct turn *t, uint8_t type, uint32_t value)
{
	size_t pdu = pdu_begin(t, type);

	put_be(t, value, 4);
	pdu_end(t, pdu);
}

/* --- playing --- */

static void begin(struct run *run)
{
	memset(run, 0, sizeof *run);
	fake_sink_init(&run->sink);
	ck_assert_uint_le(dissector_dicom.state_size, sizeof run->state);
}

static void say(struct run *run, const struct turn *t, size_t from, size_t to, uint64_t lost)
{
	ck_assert_int_eq(dissector_dicom.dissect(run->state, t->side,
	                                         cur_make(t->bytes + from, to - from), lost, &flow,
	                                         &run->sink),
	                 DISSECT_FOLLOW);
}

static void play(struct run *run, const struct talk *talk, size_t piece)
{
	begin(run);
	for (size_t i = 0; i < talk->n; i++) {
		const struct turn *t = &talk->turns[i];

		ck_assert_int_eq(fake_feed(&dissector_dicom, run->state, &run->sink, t->side,
		                           t->bytes, t->len, piece, &flow),
		                 DISSECT_FOLLOW);
	}
}

/* Plays whole, in pieces of every length, and cut once at every place: the sums must be the same.
 */
static void play_all(struct run *whole, const struct talk *talk)
{
	static struct run other;
	size_t longest = 0;
	uint64_t octets[2] = {0, 0};

	play(whole, talk, 0);
	for (size_t i = 0; i < talk->n; i++) {
		longest = talk->turns[i].len > longest ? talk->turns[i].len : longest;
		octets[talk->turns[i].side] += talk->turns[i].len;
	}
	ck_assert_mem_eq(octets, whole->sink.total, sizeof octets);
	for (size_t piece = 1; piece <= longest; piece++) {
		play(&other, talk, piece);
		ck_assert_mem_eq(&other.sink, &whole->sink, sizeof other.sink);
		begin(&other);
		for (size_t i = 0; i < talk->n; i++) {
			const struct turn *t = &talk->turns[i];
			size_t cut = piece < t->len ? piece : t->len;

			say(&other, t, 0, cut, 0);
			if (cut < t->len) {
				say(&other, t, cut, t->len, 0);
			}
		}
		ck_assert_mem_eq(&other.sink, &whole->sink, sizeof other.sink);
	}
}

static void check_entry(const struct run *run, const char *text, enum side side, unsigned messages)
{
	const struct fake_entry *e = fake_entry(&run->sink, text);

	ck_assert_msg(e != NULL, "%s is missing", text);
	ck_assert_int_eq(e->side, side);
	ck_assert_uint_eq(e->messages, messages);
}

static void put_opening(struct talk *talk)
{
	static const char *const classes[] = {CT, MR, FIND};

	put_associate(turn_new(talk, SIDE_0), 1, classes, 3);
	put_associate(turn_new(talk, SIDE_1), 2, classes, 3);
}

static size_t recognised(const struct turn *t)
{
	return dissector_dicom.recognise(cur_make(t->bytes, t->len), t->side, &flow);
}

static struct talk talk;
static struct run run;

START_TEST(an_association_gives_names_and_what_was_agreed_on)
{
	talk.n = 0;
	put_opening(&talk);
	play_all(&run, &talk);
	ck_assert_uint_eq(recognised(&talk.turns[0]), 1);
	ck_assert_uint_eq(recognised(&talk.turns[1]), 1);
	ck_assert_int_eq(run.sink.client, SIDE_0);
	ck_assert_int_eq(run.sink.encryption, ENCRYPTED_NO);
	ck_assert_int_eq(run.sink.n_entries, 0);
	ck_assert_int_eq(run.sink.n_notes, 9);
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "PACS"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "CT01"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", CT), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", MR), 0);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", FIND), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "SCANNER_1"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "ARCHIVE_2"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "1.2.276.0.1"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "present"), 1);
	ck_assert_ptr_null(memmem(&run, sizeof run, "jdoe", 4));
	for (int i = 0; i < run.sink.n_notes; i++) {
		const struct fake_note *n = &run.sink.notes[i];

		ck_assert(strcmp(n->text, "PACS") != 0 || n->key[0] == '1');
		ck_assert(strcmp(n->text, "CT01") != 0 || n->key[0] == '0');
	}
}
END_TEST

START_TEST(a_stored_object_with_its_answer_is_one_message)
{
	struct turn *t;
	uint64_t sent = 0, answered = 0;

	talk.n = 0;
	put_opening(&talk);
	for (uint16_t id = 1; id <= 3; id++) {
		t = turn_new(&talk, SIDE_0);
		put_message(t, 0x0001, id < 3 ? CT : MR, id, DATA, 0);
		put_data(t, 3);
		t = turn_new(&talk, SIDE_1);
		put_message(t, 0x8001, id < 3 ? CT : MR, id, NONE, id == 2 ? 0xa700 : 0);
	}
	put_short(turn_new(&talk, SIDE_0), 5, 0);
	put_short(turn_new(&talk, SIDE_1), 6, 0);
	play_all(&run, &talk);
	check_entry(&run, CT, SIDE_0, 2);
	check_entry(&run, MR, SIDE_0, 1);
	ck_assert_int_eq(run.sink.n_entries, 2);
	sent = talk.turns[0].len + talk.turns[2].len + talk.turns[4].len;
	answered = talk.turns[1].len + talk.turns[3].len + talk.turns[5].len;
	ck_assert_uint_eq(fake_entry(&run.sink, CT)->bytes[0], sent);
	ck_assert_uint_eq(fake_entry(&run.sink, CT)->bytes[1], answered);
	ck_assert_uint_eq(fake_entry(&run.sink, MR)->bytes[0], talk.turns[6].len);
	ck_assert_uint_eq(run.sink.pending[0], 10);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "A700"), 1);
	ck_assert_ptr_null(memmem(&run, sizeof run, "Secret", 6));
	ck_assert_ptr_null(memmem(&run, sizeof run, "1.2.999", 7));
}
END_TEST

START_TEST(a_query_with_all_its_answers_is_one_message)
{
	struct turn *t;

	talk.n = 0;
	put_opening(&talk);
	t = turn_new(&talk, SIDE_0);
	put_message(t, 0x0020, FIND, 9, DATA, 0);
	put_data(t, 1);
	t = turn_new(&talk, SIDE_1);
	for (int i = 0; i < 3; i++) {
		put_message(t, 0x8020, FIND, 9, DATA, i == 0 ? 0xff01 : 0xff00);
		put_data(t, 1);
	}
	put_message(turn_new(&talk, SIDE_0), 0x0fff, "", 9, NONE, 0);
	put_message(turn_new(&talk, SIDE_1), 0x8020, "", 9, NONE, 0xfe00);
	put_message(turn_new(&talk, SIDE_0), 0x0021, MOVE, 10, NONE, 0);
	put_message(turn_new(&talk, SIDE_1), 0x8021, "", 10, NONE, 0);
	put_message(turn_new(&talk, SIDE_0), 0x0030, VERIFY, 10, NONE, 0);
	put_message(turn_new(&talk, SIDE_1), 0x8030, VERIFY, 10, NONE, 0);
	play_all(&run, &talk);
	check_entry(&run, FIND, SIDE_0, 1);
	check_entry(&run, MOVE, SIDE_0, 1);
	check_entry(&run, VERIFY, SIDE_0, 1);
	ck_assert_int_eq(run.sink.n_entries, 3);
	ck_assert_uint_eq(fake_entry(&run.sink, FIND)->bytes[1],
	                  talk.turns[1].len + talk.turns[3].len + talk.turns[5].len);
	ck_assert_uint_eq(fake_entry(&run.sink, FIND)->bytes[0],
	                  talk.turns[0].len + talk.turns[2].len + talk.turns[4].len);
	ck_assert_uint_eq(fake_entry(&run.sink, MOVE)->bytes[1], talk.turns[7].len);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "FE00"), 1);
	ck_assert_uint_eq(run.sink.pending[0] + run.sink.pending[1], 0);
}
END_TEST

START_TEST(objects_of_a_retrieval_come_back_on_the_same_association)
{
	struct turn *t;

	talk.n = 0;
	put_opening(&talk);
	t = turn_new(&talk, SIDE_0);
	put_message(t, 0x0010, GET, 1, DATA, 0);
	put_data(t, 1);
	for (uint16_t id = 1; id <= 2; id++) {
		t = turn_new(&talk, SIDE_1);
		put_message(t, 0x0001, MR, id, DATA, 0);
		put_data(t, 2);
		put_message(t, 0x8010, GET, 1, NONE, 0xff00);
		put_message(turn_new(&talk, SIDE_0), 0x8001, MR, id, NONE, 0);
	}
	put_message(turn_new(&talk, SIDE_1), 0x8010, GET, 1, NONE, 0);
	play_all(&run, &talk);
	check_entry(&run, GET, SIDE_0, 1);
	check_entry(&run, MR, SIDE_1, 2);
	ck_assert_int_eq(run.sink.client, SIDE_0);
	ck_assert_uint_eq(fake_entry(&run.sink, MR)->bytes[0],
	                  talk.turns[4].len + talk.turns[6].len);
}
END_TEST

START_TEST(commands_may_be_cut_into_fragments_and_share_a_pdu)
{
	struct turn command = {0}, *t;
	size_t pdu;

	talk.n = 0;
	put_opening(&talk);
	put_command(&command, 0x0001, CT, 1, DATA, 0);
	t = turn_new(&talk, SIDE_0);
	put_pdata(t, 1, command.bytes, 5); /* inside an element's head */
	put_pdata(t, 1, command.bytes + 5, 30);
	put_pdata(t, 1, "", 0);
	pdu = pdu_begin(t, 4);
	put_be(t, (uint32_t)(command.len - 35) + 2, 4);
	put_be(t, 0x0103, 2);
	put(t, command.bytes + 35, command.len - 35);
	put_be(t, 6, 4);
	put_be(t, 0x0102, 2);
	put(t, "data", 4);
	pdu_end(t, pdu);
	play_all(&run, &talk);
	check_entry(&run, CT, SIDE_0, 1);
	ck_assert_uint_eq(fake_entry(&run.sink, CT)->bytes[0], talk.turns[0].len + t->len);
	ck_assert_uint_eq(run.sink.pending[0], 0);
}
END_TEST

START_TEST(normalised_commands_name_their_class_or_themselves)
{
	talk.n = 0;
	put_opening(&talk);
	put_message(turn_new(&talk, SIDE_0), 0x0110, "1.2.840.10008.5.1.1.16", 1, NONE, 0);
	put_message(turn_new(&talk, SIDE_1), 0x8110, "", 1, NONE, 0);
	put_message(turn_new(&talk, SIDE_1), 0x0100, "1.2.840.10008.1.20.1", 1, NONE, 0);
	put_message(turn_new(&talk, SIDE_0), 0x8100, "", 1, NONE, 0x0110);
	put_message(turn_new(&talk, SIDE_0), 0x0120, "", 2, NONE,
	            0); /* by its context, which is CT */
	play_all(&run, &talk);
	check_entry(&run, "1.2.840.10008.5.1.1.16", SIDE_0, 1);
	check_entry(&run, "1.2.840.10008.1.20.1", SIDE_1, 1);
	check_entry(&run, CT, SIDE_0, 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "0110"), 1);

	talk.n = 0; /* no association was seen: by its name */
	put_message(turn_new(&talk, SIDE_0), 0x0120, "", 2, NONE, 0);
	put_message(turn_new(&talk, SIDE_0), 0x0120, "1.2.x.4", 3, NONE, 0);
	put_message(turn_new(&talk, SIDE_0), 0x7777, "", 4, NONE, 0);
	play_all(&run, &talk);
	check_entry(&run, "N-SET 0x0120", SIDE_0, 2);
	ck_assert_int_eq(fake_entry(&run.sink, "N-SET 0x0120")->type, EVIDENCE_DICOM_COMMAND);
	check_entry(&run, "DICOM", SIDE_0, 1);
}
END_TEST

START_TEST(an_association_joined_in_the_middle_is_recognised)
{
	struct turn t = {0}, tail = {0};

	put_message(&t, 0x0001, CT, 1, DATA, 0);
	ck_assert_uint_eq(recognised(&t), 1);
	put(&tail, "end of an image", 15);
	put(&tail, t.bytes, t.len);
	ck_assert_uint_eq(recognised(&tail), 16);
	t.len = 0;
	put_pdata(&t, 0, "pixels", 6);
	ck_assert_uint_eq(recognised(&t), 0); /* one could be chance */
	put_pdata(&t, 0, "pixels", 6);
	ck_assert_uint_eq(recognised(&t), 1);
	begin(&run);
	tail.side = SIDE_0;
	say(&run, &tail, 15, tail.len, 0);
	check_entry(&run, CT, SIDE_0, 1);
}
END_TEST

START_TEST(headers_in_a_segment_of_their_own_are_recognised)
{
	static const char head[] = "\4\0\0\0\0\x60\0\0\0\x5c\1\3";
	static const char wrong[] = "\4\0\0\0\0\x60\0\0\0\x5b\1\3";

	ck_assert_uint_eq(dissector_dicom.recognise(cur_make(head, 12), SIDE_0, &flow), 1);
	ck_assert_uint_eq(dissector_dicom.recognise(cur_make(wrong, 12), SIDE_0, &flow), 0);
}
END_TEST

START_TEST(who_asks_for_objects_is_the_client)
{
	talk.n = 0;
	put_message(turn_new(&talk, SIDE_1), 0x0001, CT, 1, NONE, 0);
	play(&run, &talk, 0);
	ck_assert_int_eq(run.sink.client, -1); /* may be the answer to a retrieval */
	put_message(turn_new(&talk, SIDE_1), 0x0020, FIND, 1, NONE, 0);
	play(&run, &talk, 0);
	ck_assert_int_eq(run.sink.client, SIDE_1);
}
END_TEST

START_TEST(an_answer_without_its_request_stands_for_both)
{
	struct turn *t;

	talk.n = 0;
	t = turn_new(&talk, SIDE_1);
	put_message(t, 0x8020, FIND, 9, DATA, 0xff00);
	put_data(t, 2);
	put_message(t, 0x8020, FIND, 9, NONE, 0);
	play_all(&run, &talk);
	check_entry(&run, FIND, SIDE_0, 1);
	ck_assert_uint_eq(fake_entry(&run.sink, FIND)->bytes[1], t->len);

	talk.n = 0; /* but not where every request was seen */
	put_opening(&talk);
	put_message(turn_new(&talk, SIDE_1), 0x8001, CT, 9, NONE, 0);
	play_all(&run, &talk);
	check_entry(&run, CT, SIDE_0, 0);
}
END_TEST

START_TEST(a_hole_inside_a_data_set_does_no_harm)
{
	struct turn *t;
	size_t data, end;

	talk.n = 0;
	put_opening(&talk);
	t = turn_new(&talk, SIDE_0);
	put_message(t, 0x0001, CT, 1, DATA, 0);
	data = t->len + 12;
	put_data(t, 1);
	end = t->len;
	put_message(t, 0x0001, MR, 2, NONE, 0);
	for (size_t from = data; from < end; from++) {
		for (size_t to = from + 1; to <= end; to++) {
			begin(&run);
			say(&run, &talk.turns[0], 0, talk.turns[0].len, 0);
			say(&run, t, 0, from, 0);
			say(&run, t, to, t->len, to - from);
			check_entry(&run, CT, SIDE_0, 1);
			check_entry(&run, MR, SIDE_0, 1);
			ck_assert_int_eq(run.sink.n_entries, 2);
			ck_assert_uint_eq(run.sink.entries[1].bytes[0], t->len - end);
		}
	}
}
END_TEST

START_TEST(after_any_other_hole_the_next_pdu_is_found)
{
	struct turn *t;
	size_t marks[5], n = 0;

	talk.n = 0;
	put_opening(&talk);
	t = turn_new(&talk, SIDE_0);
	for (uint16_t id = 1; id <= 4; id++) {
		marks[n++] = t->len;
		put_message(t, 0x0001, id == 4 ? MR : CT, id, DATA, 0);
		put_data(t, 2);
	}
	marks[n] = t->len;
	for (size_t from = 1; from < marks[2]; from += 3) {
		for (size_t to = from + 1; to <= marks[2]; to += 7) {
			begin(&run);
			say(&run, &talk.turns[0], 0, talk.turns[0].len, 0);
			say(&run, t, 0, from, 0);
			say(&run, t, to, t->len, to - from);
			const struct fake_entry *ct = fake_entry(&run.sink, CT);

			/* The data set's false PDUs add up, so that one may hide a message right
			 * behind the hole. */
			ck_assert_uint_ge(ct->messages, 1);
			ck_assert_uint_le(ct->messages, 3);
			check_entry(&run, MR, SIDE_0, 1);
			ck_assert_uint_eq(run.sink.total[0],
			                  talk.turns[0].len + t->len - (to - from));
		}
	}
}
END_TEST

START_TEST(a_refused_association_says_who_called)
{
	struct turn t = {.side = SIDE_1};

	put_short(&t, 3, 0x00010301);
	ck_assert_uint_eq(recognised(&t), 1);
	begin(&run);
	say(&run, &t, 0, t.len, 0);
	ck_assert_int_eq(run.sink.client, SIDE_0);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "rejected"), 1);
	t.len = 0;
	put_short(&t, 7, 0);
	say(&run, &t, 0, t.len, 0);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "aborted"), 1);
}
END_TEST

START_TEST(a_header_alone_is_taken_on_trust_and_given_back)
{
	static const uint8_t head[] = {1, 0, 0, 0, 0, 100}, body[100] = {0, 1};

	ck_assert_uint_eq(dissector_dicom.recognise(cur_make(head, 6), SIDE_0, &flow), 1);
	begin(&run);
	ck_assert_int_eq(
	        dissector_dicom.dissect(run.state, SIDE_0, cur_make(head, 6), 0, &flow, &run.sink),
	        DISSECT_FOLLOW);
	ck_assert_int_eq(dissector_dicom.dissect(run.state, SIDE_0, cur_make(body, 100), 0, &flow,
	                                         &run.sink),
	                 DISSECT_RELEASE);
	ck_assert_uint_eq(run.sink.total[0], 106);
	ck_assert_int_eq(run.sink.n_notes, 0);
}
END_TEST

START_TEST(what_is_no_dicom_is_not_recognised)
{
	static const struct {
		const char *bytes;
		size_t len;
	} others[] = {
	        {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11}, /* TLS */
	        {"GET / HTTP/1.1\r\n\r\n", 18},
	        {"\1\0\0\0\0\6\1\3\0\0\0\1", 12}, /* Modbus/TCP */
	        {"\1\0\0\0\0\x90\1\1\0\0", 10},   /* version's high octet */
	        {"\1\0\0\0\0\x90\0\2\0\0", 10},
	        {"\1\0\0\0\0\x90\0\1\0\0\xff\xff", 12}, /* no title */
	        {"\1\0\0\0\0", 5},
	        {"\3\0\0\0\0\4\0\1\1\1\1", 11},
	        {"\4\0\0\0\0\6\0\0\0\2\1\3", 12},
	        {"\4\0\0\0\0\x10\0\0\0\x0c\1\3\0\0\0\0\4\0\0\1\0\0\0\0", 24},
	        {"\4", 1},
	};

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		ck_assert_uint_eq(dissector_dicom.recognise(
		                          cur_make(others[i].bytes, others[i].len), SIDE_0, &flow),
		                  0);
	}
}
END_TEST

START_TEST(lengths_that_cannot_be_do_no_harm)
{
	static const char *const bad[] = {
	        "\4\0\0\0\0\5.....",
	        "\4\0\xff\xff\xff\xff......",
	        "\x99\0\0\0\0\4....",
	        "\4\0\0\0\0\6\0\0\0\1\1\3",
	        "\4\0\0\0\0\x0a\0\0\0\x09\1\3....",
	        "\4\0\0\0\0\x0c\0\0\0\2\1\1\0\0\0\0\0\0",
	        "\1\0\0\0\0\4....",
	};
	static const size_t lens[] = {11, 12, 10, 12, 16, 18, 10};
	struct turn next = {.side = SIDE_0};

	put_message(&next, 0x0001, MR, 1, NONE, 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		talk.n = 0;
		put_opening(&talk);
		put(turn_new(&talk, SIDE_0), bad[i], lens[i]);
		put(turn_new(&talk, SIDE_0), next.bytes, next.len);
		play_all(&run, &talk);
		check_entry(&run, MR, SIDE_0, 1);
	}
}
END_TEST

UNIT_MAIN("dissect_dicom", an_association_gives_names_and_what_was_agreed_on,
          a_stored_object_with_its_answer_is_one_message,
          a_query_with_all_its_answers_is_one_message,
          objects_of_a_retrieval_come_back_on_the_same_association,
          commands_may_be_cut_into_fragments_and_share_a_pdu,
          normalised_commands_name_their_class_or_themselves,
          an_association_joined_in_the_middle_is_recognised,
          headers_in_a_segment_of_their_own_are_recognised, who_asks_for_objects_is_the_client,
          an_answer_without_its_request_stands_for_both, a_hole_inside_a_data_set_does_no_harm,
          after_any_other_hole_the_next_pdu_is_found, a_refused_association_says_who_called,
          a_header_alone_is_taken_on_trust_and_given_back, what_is_no_dicom_is_not_recognised,
          lengths_that_cannot_be_do_no_harm)
