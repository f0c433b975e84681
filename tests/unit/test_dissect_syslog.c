/* The syslog dissector: both formats, both framings, audit messages; however the stream is cut. */
#include "fake_sink.h"
#include "unit.h"

#include <stdio.h>

extern const struct dissector dissector_syslog;

#define NEW                                                                                        \
	"<13>1 2026-11-21T22:08:46.28+00:00 PAS zzapp 77 - [t@9 who=\"zquillf\"] patient "         \
	"QUILLFEATHER"
#define OLD "<34>Oct 11 22:14:15 mymachine su[12]: 'su root' failed for zquillf"
#define AUDIT                                                                                      \
	"<85>1 2026-01-02T10:00:00Z epr.trust.example EPR 9 IHE+RFC-3881 - <?xml "                 \
	"version=\"1.0\"?><AuditMessage>zquillf"

static const struct dissect_flow udp = {.ip_protocol = IP_UDP, .port = {40000, 514}};
static const struct dissect_flow tcp = {.ip_protocol = IP_TCP, .port = {40000, 601}};

struct run {
	struct sink sink;
	uint64_t state[DISSECT_STATE_MAX / 8];
};

static void begin(struct run *run)
{
	memset(run, 0, sizeof *run);
	fake_sink_init(&run->sink);
}

static void say(struct run *run, const char *text, size_t piece, const struct dissect_flow *flow)
{
	ck_assert_int_eq(fake_feed(&dissector_syslog, run->state, &run->sink, SIDE_0, text,
	                           strlen(text), piece, flow),
	                 DISSECT_FOLLOW);
}

static void check_entry(const struct run *run, const char *text, enum evidence_type type,
                        unsigned messages)
{
	const struct fake_entry *e = fake_entry(&run->sink, text);

	ck_assert_msg(e != NULL, "%s is missing", text);
	ck_assert_int_eq(e->type, type);
	ck_assert_int_eq(e->side, SIDE_0);
	ck_assert_int_eq(e->direction, INFO_C2S);
	ck_assert_uint_eq(e->messages, messages);
}

/* The stream gives the same however it is cut. */
static void play_all(struct run *whole, const char *text)
{
	static struct run cut;

	begin(whole);
	say(whole, text, 0, &tcp);
	for (size_t piece = 1; piece < strlen(text); piece++) {
		begin(&cut);
		say(&cut, text, piece, &tcp);
		ck_assert_mem_eq(&cut.sink, &whole->sink, sizeof cut.sink);
	}
}

START_TEST(datagrams_are_messages_and_their_host_and_application_are_kept)
{
	static struct run run;

	begin(&run);
	say(&run, NEW, 0, &udp);
	say(&run, OLD, 0, &udp);
	say(&run, "<189>72: Mar  3 19:57:17.371: %LINK-5-CHANGED: Interface", 0, &udp);
	say(&run, "<133>ssg: NetScreen device_id=7", 0, &udp);
	check_entry(&run, "syslog", EVIDENCE_PROTOCOL, 4);
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "pas"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "mymachine"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "zzapp"), 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "su"), 1);
	ck_assert_int_eq(run.sink.n_notes, 4);
	ck_assert_int_eq(run.sink.client, SIDE_0);
	ck_assert_str_eq(run.sink.protocol, "syslog");
	ck_assert_ptr_null(memmem(&run, sizeof run, "quill", 5));
	ck_assert_ptr_null(memmem(&run, sizeof run, "QUILL", 5));
}
END_TEST

START_TEST(an_audit_message_is_told_by_its_id_or_its_element)
{
	static struct run run;

	begin(&run);
	say(&run, AUDIT, 0, &udp);
	check_entry(&run, "IHE+RFC-3881", EVIDENCE_SYSLOG_MSGID, 1);
	ck_assert_str_eq(run.sink.protocol, "ATNA");
	say(&run, "<85>Oct 11 22:14:15 epr.trust.example EPR[7]: <?xml ?><<AuditMessage>", 0, &udp);
	check_entry(&run, "ATNA", EVIDENCE_PROTOCOL, 1);
	say(&run, OLD, 0, &udp);
	check_entry(&run, "syslog", EVIDENCE_PROTOCOL, 1);
	ck_assert_str_eq(run.sink.protocol, "syslog");
	ck_assert_uint_eq(fake_noted(&run.sink, "name", "epr.trust.example"), 2);
}
END_TEST

START_TEST(lines_and_counted_messages_may_alternate)
{
	static struct run run;
	static char text[2048];

	snprintf(text, sizeof text, "%s\n%zu %s\n%s\n%zu %s%zu %s", OLD, strlen(NEW) + 1, NEW, OLD,
	         strlen(AUDIT), AUDIT, strlen(NEW), NEW);
	play_all(&run, text);
	check_entry(&run, "syslog", EVIDENCE_PROTOCOL, 4);
	check_entry(&run, "IHE+RFC-3881", EVIDENCE_SYSLOG_MSGID, 1);
	ck_assert_uint_eq(run.sink.total[0], strlen(text));
	ck_assert_uint_eq(run.sink.pending[0], 0);
	ck_assert_uint_eq(fake_entry(&run.sink, "IHE+RFC-3881")->bytes[0], strlen(AUDIT) + 4);
}
END_TEST

START_TEST(text_that_stands_where_a_host_should_is_not_kept)
{
	static struct run run;

	begin(&run);
	say(&run, "<13>Oct 11 22:14:15 QUILLFEATHER admitted to ward: 7", 0, &udp);
	say(&run, "<13>Oct  1 22:14:15 su: zebedee failed", 0, &udp);
	say(&run, "<13>Oct  1 22:14:15 QUILLFEATHER", 0, &udp);
	say(&run, "<13>1 2026-01-01T00:00:00Z 10.1.2.3 - - - - text", 0, &udp);
	say(&run, "<13>1 2026-01-01T00:00:00Z - 1234567890 - zquillf@nhs.net - text", 0, &udp);
	check_entry(&run, "syslog", EVIDENCE_PROTOCOL, 5);
	ck_assert_int_eq(run.sink.n_notes, 1);
	ck_assert_uint_eq(fake_noted(&run.sink, "fact", "su"), 1);
}
END_TEST

START_TEST(a_line_that_goes_on_is_no_second_message)
{
	static struct run run;

	play_all(&run, OLD "\n  at line two\n12 apples\nmore\n" OLD "\n");
	check_entry(&run, "syslog", EVIDENCE_PROTOCOL, 2);
}
END_TEST

START_TEST(after_a_hole_the_next_message_is_found)
{
	static struct run run;
	static char text[1024];

	begin(&run);
	say(&run, OLD "\n<13>1 2026-", 0, &tcp);
	dissector_syslog.dissect(run.state, SIDE_0, cur_make("rest\n" OLD "\n", sizeof OLD + 5),
	                         300, &tcp, &run.sink);
	check_entry(&run, "syslog", EVIDENCE_PROTOCOL, 3);
	begin(&run);
	snprintf(text, sizeof text, "%zu " NEW "%zu <13>1 2026", strlen(NEW), strlen(NEW));
	say(&run, text, 0, &tcp);
	snprintf(text, sizeof text, "rest%zu " NEW "%zu " AUDIT, strlen(NEW), strlen(AUDIT));
	dissector_syslog.dissect(run.state, SIDE_0, cur_make(text, strlen(text)), 700, &tcp,
	                         &run.sink);
	check_entry(&run, "syslog", EVIDENCE_PROTOCOL, 3);
	check_entry(&run, "IHE+RFC-3881", EVIDENCE_SYSLOG_MSGID, 1);
}
END_TEST

static size_t recognised(const char *bytes, const struct dissect_flow *flow)
{
	return dissector_syslog.recognise(cur_make(bytes, strlen(bytes)), SIDE_0, flow);
}

START_TEST(only_a_priority_and_a_time_are_claimed)
{
	static const struct dissect_flow rsh = {.ip_protocol = IP_TCP, .port = {1022, 514}};
	static const struct dissect_flow other = {.ip_protocol = IP_UDP, .port = {40000, 5000}};

	ck_assert_uint_eq(recognised(NEW, &tcp), 1);
	ck_assert_uint_eq(recognised(OLD, &other), 1);
	ck_assert_uint_eq(recognised("77 " OLD, &tcp), 1);
	ck_assert_uint_eq(recognised("<133>ssg: NetScreen", &udp), 1);
	ck_assert_uint_eq(recognised("<189>72: *Mar  3 19:57:17", &other), 1);
	ck_assert_uint_eq(recognised("<133>ssg: NetScreen", &other), 0);
	ck_assert_uint_eq(recognised("1022", &rsh), 0);
	ck_assert_uint_eq(recognised("<192>Oct 11 22:14:15", &tcp), 0);
	ck_assert_uint_eq(recognised("<>Oct 11 22:14:15", &tcp), 0);
	ck_assert_uint_eq(recognised("5<13>Oct 11 22:14:15", &tcp), 0);
	ck_assert_uint_eq(recognised("<13>", &udp), 0);
	ck_assert_uint_eq(recognised("<html>", &udp), 0);
	ck_assert_uint_eq(recognised("<1>Oct is a month", &tcp), 0);
}
END_TEST

UNIT_MAIN("dissect_syslog", datagrams_are_messages_and_their_host_and_application_are_kept,
          an_audit_message_is_told_by_its_id_or_its_element,
          lines_and_counted_messages_may_alternate,
          text_that_stands_where_a_host_should_is_not_kept,
          a_line_that_goes_on_is_no_second_message, after_a_hole_the_next_message_is_found,
          only_a_priority_and_a_time_are_claimed)
