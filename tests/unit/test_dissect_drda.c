#include "talk.h"

extern const struct dissector dissector_drda;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 50001}};
static struct talk t;
static struct outcome o;

static void ddm(struct said *s, unsigned codepoint, const void *body, size_t len)
{
	put_be(s, len + 4, 2);
	put_be(s, codepoint, 2);
	put(s, body, len);
}

static void dss(enum side side, int kind, unsigned codepoint, const struct said *parameters)
{
	struct said *s = say(&t, side);

	put_be(s, parameters->len + 10, 2);
	put(s, "\xd0", 1);
	put_be(s, (uint64_t)kind, 1);
	put_be(s, 1, 2);
	ddm(s, codepoint, parameters->bytes, parameters->len);
}

/* A sign-in of this user to this database, both padded by `pad`. */
static void sign_in(const char *user, const char *database, size_t octets)
{
	struct said p = {.len = 0};

	t.n = 0;
	ddm(&p, 0x115e, "WARD7-PC1", 9);
	dss(SIDE_0, 1, 0x1041, &p);
	p.len = 0;
	ddm(&p, 0x11a2, "\0\3", 2);
	ddm(&p, 0x2110, database, octets);
	dss(SIDE_0, 1, 0x106d, &p);
	p.len = 0;
	ddm(&p, 0x2110, database, octets);
	ddm(&p, 0x11a1, "secret", 6);
	ddm(&p, 0x11a0, user, strlen(user));
	dss(SIDE_0, 1, 0x106e, &p);
	p.len = 0;
	ddm(&p, 0x2110, database, octets);
	ddm(&p, 0x112e, "JCC0", 4);
	dss(SIDE_0, 1, 0x2001, &p);
	talk_run(&dissector_drda, &t, 0, &flow, &o);
	talk_is_same(&dissector_drda, &t, &flow, &o);
}

START_TEST(a_sign_in_names_the_database_in_either_code)
{
	sign_in("zquillf", "RADLIVE           ", 18);
	ck_assert(talk_is_known(&dissector_drda, &t, &flow));
	ck_assert_int_eq(o.verdict, DISSECT_DONE);
	ck_assert_int_eq(fake_entry(&o.sink, "RADLIVE")->type, EVIDENCE_DATABASE);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "DRDA user and password"), 1);
	ck_assert_int_eq(o.sink.n_notes, 1);
	talk_is_counted(&t, &o);
	sign_in("zquillf", "\xd4\xc1\xe3\xc5\xd9\xd5\xf1\x6d\x40\x40", 10); /* EBCDIC */
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "MATERN1_"));
}
END_TEST

START_TEST(a_database_called_like_the_user_or_in_no_code_is_not_named)
{
	sign_in("zquillf", "ZQUILLF", 7);
	ck_assert_int_eq(fake_entry(&o.sink, "DRDA")->type, EVIDENCE_PROTOCOL);
	sign_in("zquillf", "\1\2\3\4", 4);
	ck_assert_int_eq(fake_entry(&o.sink, "DRDA")->type, EVIDENCE_PROTOCOL);
}
END_TEST

START_TEST(lengths_that_lead_outside_name_nothing)
{
	struct said p = {.len = 0};

	t.n = 0;
	put(&p, "\x7f\xff\x21\x10ZZZZ", 8);
	dss(SIDE_0, 1, 0x2001, &p);
	talk_run(&dissector_drda, &t, 0, &flow, &o);
	ck_assert_int_eq(o.sink.n_entries, 1);
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "DRDA"));
}
END_TEST

START_TEST(an_answer_says_who_is_the_server)
{
	struct said p = {.len = 0};

	t.n = 0;
	ddm(&p, 0x1149, "\0\0", 2);
	dss(SIDE_0, 2, 0x1219, &p);
	ck_assert(talk_is_known(&dissector_drda, &t, &flow));
	talk_run(&dissector_drda, &t, 0, &flow, &o);
	ck_assert_int_eq(o.sink.client, SIDE_1);
}
END_TEST

START_TEST(a_gap_ends_the_reading_and_keeps_the_sums)
{
	sign_in("zquillf", "RADLIVE", 7);
	memset(&o, 0, sizeof o);
	fake_sink_init(&o.sink);
	fake_feed(&dissector_drda, o.state, &o.sink, SIDE_0, t.said[0].bytes, 12, 0, &flow);
	ck_assert_int_eq(
	        dissector_drda.dissect(o.state, SIDE_0, cur_make("abc", 3), 9000, &flow, &o.sink),
	        DISSECT_DONE);
	ck_assert_uint_eq(o.sink.total[0], 15);
}
END_TEST

START_TEST(both_lengths_must_agree)
{
	sign_in("zquillf", "RADLIVE", 7);
	t.said[0].bytes[7]++;
	ck_assert(!talk_is_known(&dissector_drda, &t, &flow));
	t.said[0].bytes[7]--;
	t.said[0].bytes[2] = 0xd1;
	ck_assert(!talk_is_known(&dissector_drda, &t, &flow));
}
END_TEST

UNIT_MAIN("dissect_drda", a_sign_in_names_the_database_in_either_code,
          a_database_called_like_the_user_or_in_no_code_is_not_named,
          lengths_that_lead_outside_name_nothing, an_answer_says_who_is_the_server,
          a_gap_ends_the_reading_and_keeps_the_sums, both_lengths_must_agree)
