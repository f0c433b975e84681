#include "terrier/store.h"

#include "store_help.h"

#include <sqlite3.h>

static char *folder;
static struct store *s; /* of the running test */

static void set_up(void)
{
	folder = new_folder();
	s = open_rw(in_folder(folder, "a.db"));
	begin(s);
}

static void tear_down(void)
{
	store_close(s);
	remove_folder(folder);
}

static void put_name(const char *address, enum name_source source, const char *name, uint64_t count)
{
	struct endpoint end = host(address);

	const struct store_name put = {source, name, count, T0, T0, false};

	ck_assert_int_eq(store_put_name(s, "", &end, &put), 0);
}

struct lines {
	char text[4096];
};

static bool add_ends(void *context, const struct exchange_row *r)
{
	struct lines *lines = context;
	size_t len = strlen(lines->text);

	snprintf(lines->text + len, sizeof lines->text - len, "%s%s%s>%s %u %u %s\n", r->segment,
	         r->segment[0] != '\0' ? ":" : "", r->source_address, r->destination_address, r->ip_protocol,
	         r->server_port, r->kind_id);
	return true;
}

START_TEST(rows_come_in_the_order_of_addresses_not_of_their_text)
{
	static const char *const pairs[][2] = {{"10.0.0.10", "10.0.0.2"}, {"10.0.0.9", "10.0.0.10"},
	                                       {"10.0.0.9", "10.0.0.2"},  {"2001:db8::1", "10.0.0.2"},
	                                       {"9.0.0.1", "10.0.0.2"}};
	struct lines lines = {""};
	struct booking b;

	set_up();
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		put(s, booking(pairs[i][0], pairs[i][1]));
	}
	b = booking("10.0.0.9", "10.0.0.2");
	b.server_port = 443;
	put(s, b);
	b.kind_id = "a.kind";
	put(s, b);
	b.ip_protocol = 17;
	put(s, b);
	b.ip_protocol = 1;
	b.segment = "ward";
	put(s, b);
	b.segment = "";
	b.source = party("alpha.example");
	put(s, b);
	b.source = party("10.0.0.8/30");
	ck_assert(addr_parse("10.0.0.8", &b.source.addr));
	put(s, b);
	commit(s);
	ck_assert_int_eq(store_each_exchange(s, &everything, add_ends, &lines), 0);
	ck_assert_str_eq(lines.text, "9.0.0.1>10.0.0.2 6 2575 clin.adt\n"
	                             "[10.0.0.8/30]>10.0.0.2 1 443 a.kind\n"
	                             "10.0.0.9>10.0.0.2 6 443 a.kind\n"
	                             "10.0.0.9>10.0.0.2 6 443 clin.adt\n"
	                             "10.0.0.9>10.0.0.2 6 2575 clin.adt\n"
	                             "10.0.0.9>10.0.0.2 17 443 a.kind\n"
	                             "10.0.0.9>10.0.0.10 6 2575 clin.adt\n"
	                             "10.0.0.10>10.0.0.2 6 2575 clin.adt\n"
	                             "2001:db8::1>10.0.0.2 6 2575 clin.adt\n"
	                             "[alpha.example]>10.0.0.2 1 443 a.kind\n"
	                             "ward:10.0.0.9>10.0.0.2 1 443 a.kind\n");
	tear_down();
}
END_TEST

static void put_at(const char *from, const char *to, int hour, bool is_provisional)
{
	struct booking b = booking(from, to);

	b.first_us = T0 + hour * CLOCK_HOUR_US;
	b.last_us = b.first_us + CLOCK_SECOND_US;
	b.is_provisional = is_provisional;
	put(s, b);
}

static bool print_activity(void *context, const struct activity_row *r)
{
	int64_t first = T0 / CLOCK_HOUR_US;

	fprintf(context, "%.2s", r->exchange_id);
	for (size_t i = 0; i < r->n_hours; i++) {
		fprintf(context, " %lld", (long long)(r->hours[i] - first));
	}
	fputc(';', context);
	for (size_t i = 0; i < r->n_days; i++) {
		fprintf(context, " %lld", (long long)(r->days[i] - first / 24));
	}
	fputc('\n', context);
	return true;
}

static void check_activity(const struct store_query *q, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_eq(store_each_activity(s, q, print_activity, out), 0);
	fclose(out);
	ck_assert_str_eq(text, expected);
	free(text);
}

/* T0 is in the last hour but one of its day. */
START_TEST(activity_has_each_hour_and_day_once_wherever_it_is_kept)
{
	const struct store_query window = {.since_us = T0 + CLOCK_HOUR_US, .until_us = T0 + 4 * CLOCK_HOUR_US},
	                         nothing = {.since_us = T0 + 9 * CLOCK_HOUR_US, .until_us = T0 + 10 * CLOCK_HOUR_US};

	set_up();
	check_activity(&everything, "");
	put_at("10.0.0.1", "10.0.0.2", 3, false);
	check_activity(&everything, "X- 3; 1\n");
	put_at("10.0.0.1", "10.0.0.2", 0, false);
	put_at("10.0.0.1", "10.0.0.2", 3, false);
	put_at("10.0.0.1", "10.0.0.2", 5, false);
	put_at("10.0.0.1", "10.0.0.2", 27, false);
	check_activity(&everything, "X- 0 3 5 27; 0 1 2\n");
	check_activity(&window, "X- 3; 1\n");
	check_activity(&nothing, "");
	commit(s);
	tear_down();
}
END_TEST

static bool add_hours(void *context, const struct activity_row *r)
{
	int *seen = context;

	for (size_t i = 0; i < r->n_hours; i++) {
		seen[r->hours[i] - T0 / CLOCK_HOUR_US]++;
	}
	return true;
}

static bool stop_activity(void *context, const struct activity_row *r)
{
	(void)r;
	++*(int *)context;
	return false;
}

START_TEST(activity_tells_of_all_exchanges_and_of_what_may_still_move)
{
	char address[16];
	int seen[8] = {0}, calls = 0;

	set_up();
	for (int i = 1; i <= 40; i++) {
		snprintf(address, sizeof address, "10.0.1.%d", i);
		put_at(address, "10.0.0.2", i % 3, false);
		put_at(address, "10.0.0.2", 3, i % 2 == 0);
	}
	put_at("10.0.2.1", "10.0.0.2", 7, true);
	ck_assert_int_eq(store_each_activity(s, &everything, add_hours, seen), 0);
	ck_assert_int_eq(seen[0], 13);
	ck_assert_int_eq(seen[1], 14);
	ck_assert_int_eq(seen[2], 13);
	ck_assert_int_eq(seen[3], 40);
	ck_assert_int_eq(seen[7], 1);
	ck_assert_int_eq(store_each_activity(s, &everything, stop_activity, &calls), 0);
	ck_assert_int_eq(calls, 1);
	commit(s);
	tear_down();
}
END_TEST

static bool print_hour(void *context, const struct hour_row *r)
{
	fprintf(context, "%s%.2s %s", r->is_first ? "|" : "", r->exchange_id, r->kind_id);
	return print_volume(context, &(struct volume_row){
	                                     .hour_us = r->volume.hour_us - T0 / CLOCK_HOUR_US * CLOCK_HOUR_US,
	                                     .connections = r->volume.connections,
	                                     .messages = r->volume.messages,
	                                     .bytes_to_destination = r->volume.bytes_to_destination,
	                                     .bytes_to_source = r->volume.bytes_to_source,
	                             });
}

static void check_hours(const struct store_query *q, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_eq(store_each_hour(s, q, print_hour, out), 0);
	fclose(out);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(volumes_of_all_exchanges_come_hour_by_hour_and_each_octet_once)
{
	const struct store_query window = {.since_us = T0 + CLOCK_HOUR_US, .until_us = T0 + 4 * CLOCK_HOUR_US};

	set_up();
	check_hours(&everything, "");
	put_at("10.0.0.1", "10.0.0.2", 3, false);
	put_at("10.0.0.1", "10.0.0.2", 0, false);
	put_at("10.0.0.1", "10.0.0.2", 3, false);
	check_hours(&everything, "|X- clin.adt 3: 2 4 600 80\nX- clin.adt 0: 1 2 300 40\n");
	check_hours(&window, "|X- clin.adt 3: 2 4 600 80\n");
	put_at("10.0.0.1", "10.0.0.2", 5, true);
	check_hours(&everything, "|X- clin.adt 5: 1 2 300 40\n|X- clin.adt 3: 2 4 600 80\nX- clin.adt 0: 1 2 300 40\n");
	commit(s);
	tear_down();
}
END_TEST

struct known {
	int64_t id;
	char address[32];
};

static bool find_known(void *context, const struct host_row *r)
{
	struct known *known = context;

	if (r->id == known->id) {
		snprintf(known->address, sizeof known->address, "%s", r->address);
	}
	return true;
}

static struct known host_of(int64_t id)
{
	struct known known = {.id = id};

	ck_assert_int_eq(store_each_host(s, find_known, &known), 0);
	return known;
}

static bool print_host_name(void *context, int64_t id, enum name_source source, const char *name)
{
	fprintf(context, "%s %s %s\n", host_of(id).address, name_source_name(source), name);
	return true;
}

static bool stop_name(void *context, int64_t id, enum name_source source, const char *name)
{
	(void)id;
	(void)source;
	(void)name;
	++*(int *)context;
	return false;
}

START_TEST(all_names_come_host_by_host)
{
	char *text = NULL;
	size_t size;
	int calls = 0;

	set_up();
	put(s, booking("10.0.0.1", "10.0.0.2"));
	put_name("10.0.0.2", NAME_DNS, "b.example", 1);
	put_name("10.0.0.1", NAME_DNS, "z.example", 9);
	put_name("10.0.0.1", NAME_HL7, "PAS^ZZ", 1);
	put_name("10.0.0.1", NAME_DNS, "a.example", 1);
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_eq(store_each_host_name(s, print_host_name, out), 0);
	fclose(out);
	ck_assert_str_eq(text, "10.0.0.1 hl7 PAS^ZZ\n10.0.0.1 dns a.example\n10.0.0.1 dns z.example\n"
	                       "10.0.0.2 dns b.example\n");
	free(text);
	ck_assert_int_eq(store_each_host_name(s, stop_name, &calls), 0);
	ck_assert_int_eq(calls, 1);
	commit(s);
	tear_down();
}
END_TEST

static bool print_deed(void *context, const struct deed_row *r)
{
	fprintf(context, "%s>%s %s %s %d %d%d%d\n", host_of(r->source).address, host_of(r->destination).address,
	        r->protocol, r->kind_id, r->confidence, r->is_both, r->initiated_by_source, r->initiated_by_destination);
	return true;
}

START_TEST(deeds_are_exchanges_in_short)
{
	struct booking b = booking("10.0.0.1", "10.0.0.2");
	char *text = NULL;
	size_t size;

	set_up();
	put(s, b);
	b.is_provisional = true;
	b.initiated_by_destination = true;
	put(s, b);
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_eq(store_each_deed(s, print_deed, out), 0);
	fclose(out);
	ck_assert_str_eq(text, "10.0.0.1>10.0.0.2 HL7v2 clin.adt 2 011\n");
	free(text);
	commit(s);
	tear_down();
}
END_TEST

static void watch(int64_t run, int64_t minute)
{
	struct record_coverage coverage = {.counter = {[COVERAGE_PACKETS] = 1}};
	int64_t at = T0 + minute * 60 * CLOCK_SECOND_US;

	ck_assert_int_eq(store_put_coverage(s, run, &coverage, at, at), 0);
}

static void check_watched(const struct store_query *q, uint64_t expected_days, uint64_t expected_hours)
{
	uint64_t days = 99, hours = 99;

	ck_assert_int_eq(store_watched(s, q, &days, &hours), 0);
	ck_assert_uint_eq(days, expected_days);
	ck_assert_uint_eq(hours, expected_hours);
}

START_TEST(watched_are_the_different_hours_and_days_that_any_run_covered)
{
	const struct store_query window = {.since_us = T0 + CLOCK_HOUR_US, .until_us = T0 + 2 * CLOCK_HOUR_US};
	struct store_run one = {.sensor = "a", .source = "eth0", .version = "1"}, two = one;

	set_up();
	check_watched(&everything, 0, 0);
	ck_assert_int_eq(store_run_begin(s, &one), 0);
	ck_assert_int_eq(store_run_begin(s, &two), 0);
	watch(one.id, 0);
	watch(one.id, 1);
	watch(two.id, 1);
	check_watched(&everything, 1, 1);
	watch(two.id, 59); /* T0 is 13 minutes past the hour */
	watch(one.id, 60 * 26);
	check_watched(&everything, 2, 3);
	check_watched(&window, 1, 1);
	commit(s);
	tear_down();
}
END_TEST

static bool keep_evidence(void *context, const struct exchange_row *r)
{
	snprintf(context, 1000, "%s", r->evidence);
	return true;
}

static void add_proof(enum evidence_type type, const char *text, uint64_t count)
{
	struct booking b = booking("10.0.0.1", "10.0.0.2");

	b.evidence_type = type;
	b.evidence = text;
	b.messages = count;
	put(s, b);
}

static void check_evidence(const char *expected)
{
	char text[1000] = "";

	ck_assert_int_eq(store_each_exchange(s, &everything, keep_evidence, text), 0);
	ck_assert_str_eq(text, expected);
}

START_TEST(evidence_is_short_and_says_what_it_is)
{
	set_up();
	add_proof(EVIDENCE_NONE, "ignored", 1);
	check_evidence("");
	add_proof(EVIDENCE_HL7_MSH9, "ADT^A08", 4);
	add_proof(EVIDENCE_HL7_MSH9, "ADT^A01", 12);
	check_evidence("HL7 ADT^A01 ×12; ADT^A08 ×4");
	add_proof(EVIDENCE_PORT, "tcp/2575", 5);
	check_evidence("HL7 ADT^A01 ×12; port tcp/2575 ×5; HL7 ADT^A08 ×4");
	add_proof(EVIDENCE_HL7_MSH9, "ADT^A02", 4);
	add_proof(EVIDENCE_DICOM_SOP, "1.2.840.10008.5.1.4.1.1.2", 3);
	add_proof(EVIDENCE_DICOM_SOP, "1.2.3.4", 2);
	add_proof(EVIDENCE_DICOM_COMMAND, "C-ECHO 0x0030", 0);
	check_evidence("HL7 ADT^A01 ×12; port tcp/2575 ×5; HL7 ADT^A02 ×4; ADT^A08 ×4; DICOM CTImageStorage ×3; +2 more");
	commit(s);
	tear_down();
}
END_TEST

static bool keep_items(void *context, const struct exchange_row *r)
{
	char *out = context;

	for (size_t i = 0; i < r->n_items; i++) {
		out += sprintf(out, "%d %s %u\n", r->items[i].type, r->items[i].text, (unsigned)r->items[i].count);
	}
	return true;
}

START_TEST(evidence_and_facts_come_with_the_exchange)
{
	char text[1000] = "";

	set_up();
	add_proof(EVIDENCE_HL7_MSH9, "ADT^A01", 12);
	add_proof(EVIDENCE_OTHER, "HL7 version 2.4", 5);
	ck_assert_int_eq(store_each_exchange(s, &everything, keep_items, text), 0);
	ck_assert_str_eq(text, "1 ADT^A01 12\n25 HL7 version 2.4 5\n");
	commit(s);
	tear_down();
}
END_TEST

START_TEST(evidence_without_messages_counts_connections)
{
	struct booking b = booking("10.0.0.1", "10.0.0.2");

	set_up();
	b.has_messages = false;
	b.connections = 7;
	b.evidence_type = EVIDENCE_TLS_SNI;
	b.evidence = "mail.example";
	put(s, b);
	commit(s);
	check_evidence("name mail.example ×7");
	tear_down();
}
END_TEST

static bool sum_up(void *context, const struct exchange_row *r)
{
	*(uint64_t *)context += 1000 * r->connections + r->messages;
	return true;
}

static uint64_t in_window(int64_t since_us, int64_t until_us)
{
	const struct store_query q = {.since_us = since_us, .until_us = until_us};
	uint64_t sum = 0;

	ck_assert_int_eq(store_each_exchange(s, &q, sum_up, &sum), 0);
	return sum;
}

START_TEST(a_window_uses_the_hours_it_overlaps)
{
	const int64_t hour = clock_hour_us(T0);
	struct booking b = booking("10.0.0.1", "10.0.0.2");

	set_up();
	for (int i = 0; i < 3; i++) {
		b.first_us = b.last_us = hour + (int64_t)i * CLOCK_HOUR_US + CLOCK_HOUR_US / 2;
		b.messages = 1u << i;
		b.is_provisional = i == 1;
		put(s, b);
	}
	commit(s);
	ck_assert_uint_eq(in_window(0, 0), 3007);
	ck_assert_uint_eq(in_window(hour + 2 * CLOCK_HOUR_US, 0), 1004);
	ck_assert_uint_eq(in_window(hour + 2 * CLOCK_HOUR_US - 1, 0), 2006);
	ck_assert_uint_eq(in_window(0, hour + CLOCK_HOUR_US), 1001);
	ck_assert_uint_eq(in_window(0, hour + CLOCK_HOUR_US + 1), 2003);
	ck_assert_uint_eq(in_window(hour + CLOCK_HOUR_US, hour + CLOCK_HOUR_US + 1), 1002);
	ck_assert_uint_eq(in_window(hour + 3 * CLOCK_HOUR_US, 0), 0);
	ck_assert_uint_eq(in_window(0, hour), 0);
	tear_down();
}
END_TEST

START_TEST(one_exchange_can_be_asked_for)
{
	struct ids ids = {.n = 0};
	static const char *const wrong[] = {"", "X-", "X-00000000000", "X-00000000000u", "x-000000000000",
	                                    "X-000000000000", "X-0000000000000", "' OR 1=1 --"};

	set_up();
	put(s, booking("10.0.0.1", "10.0.0.2"));
	put(s, booking("10.0.0.1", "10.0.0.3"));
	commit(s);
	ck_assert_int_eq(store_each_exchange(s, &everything, keep_id, &ids), 0);
	ck_assert_uint_eq(ids.n, 2);
	char *text = exchanges_of(s, &(struct store_query){.exchange_id = ids.list[1]});

	ck_assert_ptr_nonnull(strstr(text, "10.0.0.3()I"));
	ck_assert_ptr_null(strstr(text, "10.0.0.2"));
	free(text);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		text = exchanges_of(s, &(struct store_query){.exchange_id = wrong[i]});
		ck_assert_str_eq(text, "");
		ck_assert_int_eq(store_each_volume(s, wrong[i], print_volume, stderr), 0);
		ck_assert_int_eq(store_each_evidence(s, wrong[i], print_evidence, stderr), 0);
		free(text);
	}
	tear_down();
}
END_TEST

static bool stop_at_once(void *context, const struct exchange_row *r)
{
	(void)r;
	++*(int *)context;
	return false;
}

START_TEST(a_callback_can_stop_the_reading)
{
	int n = 0;

	set_up();
	put(s, booking("10.0.0.1", "10.0.0.2"));
	put(s, booking("10.0.0.1", "10.0.0.3"));
	commit(s);
	ck_assert_int_eq(store_each_exchange(s, &everything, stop_at_once, &n), 0);
	ck_assert_int_eq(n, 1);
	tear_down();
}
END_TEST

START_TEST(the_writer_reads_what_it_has_put)
{
	set_up();
	put(s, booking("10.0.0.1", "10.0.0.2"));
	ck_assert_int_eq(count_exchanges(s), 1);
	commit(s);
	tear_down();
}
END_TEST

static bool keep_names(void *context, const struct exchange_row *r)
{
	snprintf(context, 200, "%s > %s", r->source_name, r->destination_name);
	return true;
}

static void check_names(const char *expected)
{
	char text[200] = "";

	ck_assert_int_eq(store_each_exchange(s, &everything, keep_names, text), 0);
	ck_assert_str_eq(text, expected);
}

START_TEST(the_best_name_is_chosen_by_source_then_count_then_text)
{
	set_up();
	put(s, booking("10.0.0.1", "10.0.0.2"));
	check_names(" > ");
	put_name("10.0.0.1", NAME_BANNER, "banner", 1000);
	put_name("10.0.0.1", NAME_HL7, "PAS^TRUST", 1000);
	check_names("PAS^TRUST > ");
	put_name("10.0.0.1", NAME_AE_TITLE, "ARCHIVE", 1);
	put_name("10.0.0.1", NAME_DNS, "b.trust", 1);
	put_name("10.0.0.1", NAME_DNS, "c.trust", 1);
	check_names("b.trust > ");
	put_name("10.0.0.1", NAME_DNS, "c.trust", 1);
	check_names("c.trust > ");
	commit(s);
	tear_down();
}
END_TEST

START_TEST(a_name_that_hosts_share_stands_back_behind_ones_own)
{
	set_up();
	put(s, booking("10.0.0.1", "10.0.0.2"));
	put_name("10.0.0.1", NAME_DNS, "cluster.trust", 100);
	put_name("10.0.0.2", NAME_DNS, "cluster.trust", 100);
	check_names("cluster.trust > cluster.trust");
	put_name("10.0.0.1", NAME_NETBIOS, "NODE1", 1);
	check_names("NODE1 > cluster.trust");
	commit(s);
	tear_down();
}
END_TEST

static bool keep_best(void *context, const struct host_row *r)
{
	void **both = context;

	return store_each_name(both[0], r->id, print_name, both[1]) == 0;
}

START_TEST(names_come_best_first)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	void *both[2];

	set_up();
	put(s, booking("10.0.0.1", "10.0.0.1"));
	put_name("10.0.0.1", NAME_HL7, "PAS^TRUST", 1000);
	put_name("10.0.0.1", NAME_DNS, "b.trust", 1);
	put_name("10.0.0.1", NAME_DNS, "c.trust", 2);
	both[0] = s;
	both[1] = out;
	ck_assert_int_eq(store_each_host(s, keep_best, both), 0);
	fclose(out);
	ck_assert_str_eq(text, " dns c.trust 2 0 0\n dns b.trust 1 0 0\n hl7 PAS^TRUST 1000 0 0\n");
	free(text);
	commit(s);
	tear_down();
}
END_TEST

static bool keep_run(void *context, const struct store_run *run)
{
	struct store_run *list = context;

	while (list->id != 0) {
		list++;
	}
	*list = *run;
	list->fault = strdup(run->fault);
	list->source = strdup(run->source);
	return true;
}

START_TEST(runs_keep_what_they_saw_and_how_they_ended)
{
	struct store_run first = {.sensor = "span0", .source = "a.pcap", .version = "1", .dpi_version = "4.2",
	                          .started_us = T0, .is_file = true, .file_size = 77,
	                          .file_digest = UINT64_C(0xfedcba9876543210)};
	struct store_run second = {.sensor = "a-span", .source = "eth0", .started_us = T0 + 1};
	struct record_coverage coverage = {.counter = {[COVERAGE_PACKETS] = 10, [COVERAGE_DPI_REFUSED] = 1}};
	struct store_run list[3] = {{.id = 0}};
	struct store_summary summary;

	set_up();
	ck_assert_int_eq(store_run_begin(s, &first), 0);
	ck_assert_int_eq(store_run_begin(s, &second), 0);
	ck_assert_int_gt(second.id, first.id);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(store_put_coverage(s, second.id, &coverage, T0 + i * CLOCK_SECOND_US * 40,
		                                    T0 + i * CLOCK_SECOND_US * 40 + 5),
		                 0);
	}
	ck_assert_int_eq(store_find_file(s, 77, first.file_digest), 0);
	first.first_us = T0 + 3;
	first.last_us = T0 + 4;
	first.ended_us = T0 + 9;
	first.is_ended = true;
	first.fault = "cut short at 70";
	ck_assert_int_eq(store_run_end(s, &first), 0);
	ck_assert_int_eq(store_find_file(s, 77, first.file_digest), first.id);
	ck_assert_int_eq(store_find_file(s, 78, first.file_digest), 0);
	ck_assert_int_eq(store_find_file(s, 77, 1), 0);
	ck_assert_int_eq(store_mark_again(s, first.id), 0);
	commit(s);

	ck_assert_int_eq(store_each_run(s, keep_run, list), 0);
	ck_assert_int_eq(list[0].id, first.id);
	ck_assert_str_eq(list[0].source, "a.pcap");
	ck_assert_str_eq(list[0].fault, "cut short at 70");
	ck_assert(list[0].is_file && list[0].is_again && list[0].is_ended && !list[0].is_complete);
	ck_assert_uint_eq(list[0].file_digest, UINT64_C(0xfedcba9876543210));
	ck_assert_int_eq(list[0].last_us, T0 + 4);
	ck_assert(!list[1].is_file && !list[1].is_again && !list[1].is_ended);
	ck_assert_uint_eq(list[1].counter[COVERAGE_PACKETS], 30);
	ck_assert_uint_eq(list[1].counter[COVERAGE_DPI_REFUSED], 3);
	ck_assert_int_eq(list[1].first_us, T0);
	ck_assert_int_eq(list[1].last_us, T0 + 80 * CLOCK_SECOND_US + 5);
	for (int i = 0; i < 2; i++) {
		free((char *)list[i].fault);
		free((char *)list[i].source);
	}

	ck_assert_int_eq(store_summarise(s, &summary), 0);
	ck_assert_uint_eq(summary.runs, 2);
	ck_assert_uint_eq(summary.runs_incomplete, 2);
	ck_assert_uint_eq(summary.runs_again, 1);
	ck_assert_uint_eq(summary.counter[COVERAGE_PACKETS], 30);
	ck_assert_str_eq(summary.sensors, "a-span; span0");
	ck_assert_int_eq(summary.first_us, T0);
	ck_assert_int_eq(summary.last_us, T0 + 80 * CLOCK_SECOND_US + 5);
	ck_assert_uint_gt(summary.file_bytes, 4096);
	tear_down();
}
END_TEST

static bool add_zone(void *context, const char *zone, const struct prefix *network)
{
	char text[PREFIX_TEXT_MAX];
	struct lines *lines = context;
	size_t len = strlen(lines->text);

	snprintf(lines->text + len, sizeof lines->text - len, "%s %s\n", zone, prefix_format(network, text));
	return true;
}

START_TEST(settings_replace_what_was_there)
{
	struct prefix networks[3];
	struct store_zone zones[2] = {{"Wards", networks, 2}, {"A zone", networks + 2, 1}};
	struct store_settings settings = {.own = networks, .n_own = 3, .own_is_set = true, .zones = zones, .n_zones = 2,
	                                  .exclusions = "vlan 310"};
	struct store_summary summary;
	struct lines lines = {""};

	ck_assert(prefix_parse("10.77.30.0/24", &networks[0]) && prefix_parse("fc00::/7", &networks[1]) &&
	          prefix_parse("10.0.0.1", &networks[2]));
	set_up();
	ck_assert_int_eq(store_put_settings(s, &settings), 0);
	commit(s);
	ck_assert_int_eq(store_each_zone(s, add_zone, &lines), 0);
	ck_assert_str_eq(lines.text, "Wards 10.77.30.0/24\nWards fc00::/7\nA zone 10.0.0.1\n");
	ck_assert_int_eq(store_summarise(s, &summary), 0);
	ck_assert(summary.own_is_set);
	ck_assert_str_eq(summary.exclusions, "vlan 310");

	settings = (struct store_settings){.zones = zones + 1, .n_zones = 1};
	begin(s);
	ck_assert_int_eq(store_put_settings(s, &settings), 0);
	commit(s);
	lines.text[0] = '\0';
	ck_assert_int_eq(store_each_zone(s, add_zone, &lines), 0);
	ck_assert_str_eq(lines.text, "A zone 10.0.0.1\n");
	ck_assert_int_eq(store_summarise(s, &summary), 0);
	ck_assert(!summary.own_is_set);
	ck_assert_str_eq(summary.exclusions, "");
	tear_down();
}
END_TEST

/* The first row of a query, its columns joined by |. */
static void check_sql(const char *query, const char *expected)
{
	char text[2000] = "";
	sqlite3 *db;
	sqlite3_stmt *row;

	ck_assert_int_eq(sqlite3_open_v2(in_folder(folder, "a.db"), &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	ck_assert_msg(sqlite3_prepare_v2(db, query, -1, &row, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	ck_assert_msg(sqlite3_step(row) == SQLITE_ROW, "%s: %s", query, sqlite3_errmsg(db));
	for (int i = 0; i < sqlite3_column_count(row); i++) {
		const unsigned char *cell = sqlite3_column_text(row, i);
		size_t len = strlen(text);
		snprintf(text + len, sizeof text - len, "%s%s", i > 0 ? "|" : "",
		         cell != NULL ? (const char *)cell : "NULL");
	}
	ck_assert_str_eq(text, expected);
	sqlite3_finalize(row);
	sqlite3_close(db);
}

START_TEST(the_views_for_people_tell_the_same)
{
	struct ids ids = {.n = 0};
	struct store_run run = {.sensor = "span0", .source = "eth0", .started_us = T0};
	struct record_coverage coverage = {.counter = {[COVERAGE_PACKETS] = 10}};
	struct booking b = booking("10.0.0.1", "10.0.0.2");
	char expected[600];

	set_up();
	ck_assert_int_eq(store_run_begin(s, &run), 0);
	ck_assert_int_eq(store_put_coverage(s, run.id, &coverage, T0, T0 + CLOCK_SECOND_US), 0);
	put_name("10.0.0.2", NAME_DNS, "lims.trust", 3);
	put(s, b);
	b.is_provisional = true;
	b.encrypted = ENCRYPTED_YES;
	b.evidence = "ADT^A08";
	b.messages = 1;
	b.first_us = b.last_us = T0 + CLOCK_HOUR_US;
	put(s, b);
	commit(s);
	ck_assert_int_eq(store_each_exchange(s, &everything, keep_id, &ids), 0);
	snprintf(expected, sizeof expected,
	         "%s||10.0.0.1|lims.trust|10.0.0.2|one_way|source|tcp|2575|HL7v2|clin.adt|high|mixed|2|3|600|80|"
	         "2023-11-14T22:13:20Z|2023-11-14T23:13:20Z|HL7 ADT^A01 ×2; HL7 ADT^A08 ×1||span0",
	         ids.list[0]);
	check_sql("SELECT * FROM v_flows", expected);
	check_sql("SELECT count(*) FROM v_flows", "1");
	check_sql("SELECT * FROM v_hosts WHERE address = '10.0.0.2'",
	          "|10.0.0.2|lims.trust|0|1|NULL|0|0|0|0|2023-11-14T22:13:20Z|2023-11-14T23:13:20Z");
	check_sql("SELECT source, name, count, first_seen FROM v_names", "dns|lims.trust|3|2023-11-14T22:13:20Z");
	check_sql("SELECT sensor, started, ended, first_packet, last_packet, state, packets FROM v_runs",
	          "span0|2023-11-14T22:13:20Z|NULL|2023-11-14T22:13:20Z|2023-11-14T22:13:21Z|not ended|10");
	check_sql("SELECT sensor, start, packets FROM v_coverage", "span0|2023-11-14T22:13:00Z|10");
	snprintf(expected, sizeof expected, "%s|2023-11-14T22:00:00Z|1|2|300|40", ids.list[0]);
	check_sql("SELECT * FROM v_volume ORDER BY hour", expected);
	tear_down();
}
END_TEST

static bool compare_labels(void *context, const struct exchange_row *r)
{
	snprintf(context, 200, "%s", r->evidence);
	return true;
}

START_TEST(the_words_of_the_schema_are_those_of_the_program)
{
	char query[100], text[200], expected[200];

	set_up();
	commit(s);
	for (int i = NAME_NONE + 1; i < NAME_SOURCES; i++) {
		snprintf(query, sizeof query, "SELECT word FROM name_source WHERE number = %d", i);
		check_sql(query, name_source_name((enum name_source)i));
	}
	ck_assert_str_eq(name_source_name(NAME_NONE), "");
	ck_assert_str_eq(name_source_name(NAME_SOURCES), "");
	for (int i = EVIDENCE_NONE + 1; i < EVIDENCE_OTHER; i++) { /* facts are not printed */
		const struct store_query q = {.since_us = T0 + (int64_t)i * CLOCK_HOUR_US,
		                              .until_us = T0 + (int64_t)i * CLOCK_HOUR_US + 1};
		struct booking b = booking("10.0.0.1", "10.0.0.2");
		b.server_port = (uint16_t)i;
		b.first_us = b.last_us = q.since_us;
		b.evidence_type = (enum evidence_type)i;
		b.evidence = "x";
		begin(s);
		put(s, b);
		commit(s);
		ck_assert_int_eq(store_each_exchange(s, &q, compare_labels, text), 0);
		*strchr(text, ' ') = '\0';
		snprintf(query, sizeof query, "SELECT label FROM evidence_type WHERE number = %d", i);
		snprintf(expected, sizeof expected, "%s", text);
		check_sql(query, expected);
	}
	tear_down();
}
END_TEST

static bool print_watched(void *context, int64_t hour_us)
{
	fprintf(context, "%lld ", (long long)(hour_us / CLOCK_HOUR_US - T0 / CLOCK_HOUR_US));
	return true;
}

static bool print_coverage(void *context, const struct coverage_row *r)
{
	fprintf(context, "%s %s %lld: %llu %llu %llu %llu\n", r->sensor, r->source,
	        (long long)(r->start_us / CLOCK_HOUR_US - T0 / CLOCK_HOUR_US), (unsigned long long)r->packets,
	        (unsigned long long)r->drops, (unsigned long long)r->evicted, (unsigned long long)r->gaps);
	return true;
}

static void put_run(const char *source, bool is_file, int hour)
{
	struct store_run run = {.sensor = "span0", .source = source, .is_file = is_file, .started_us = T0};
	const struct record_coverage counters = {.counter = {[COVERAGE_PACKETS] = 10,
	                                                     [COVERAGE_KERNEL_DROPS] = 1,
	                                                     [COVERAGE_INTERFACE_DROPS] = 2,
	                                                     [COVERAGE_EVICTED] = 3,
	                                                     [COVERAGE_UNFOLLOWED] = 4,
	                                                     [COVERAGE_GAPS] = 5}};
	int64_t at = T0 + hour * CLOCK_HOUR_US;

	ck_assert_int_eq(store_run_begin(s, &run), 0);
	ck_assert_int_eq(store_put_coverage(s, run.id, &counters, at, at), 0);
}

START_TEST(coverage_is_told_by_interface_and_the_files_of_a_sensor_are_one)
{
	const struct store_query window = {.since_us = T0 + CLOCK_HOUR_US, .until_us = T0 + 2 * CLOCK_HOUR_US};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	set_up();
	put_run("eth1", false, 0);
	put_run("a.pcap", true, 2);
	put_run("b.pcap", true, 2);
	ck_assert_int_eq(store_each_watched_hour(s, &everything, print_watched, out), 0);
	ck_assert_int_eq(store_each_watched_hour(s, &window, print_watched, out), 0);
	fputc('\n', out);
	ck_assert_int_eq(store_each_coverage(s, &everything, CLOCK_HOUR_US, print_coverage, out), 0);
	ck_assert_int_eq(store_each_coverage(s, &window, CLOCK_HOUR_US, print_coverage, out), 0);
	fclose(out);
	ck_assert_str_eq(text, "0 2 2 \nspan0  2: 20 6 14 10\nspan0 eth1 0: 10 3 7 5\nspan0  2: 20 6 14 10\n");
	free(text);
	commit(s);
	tear_down();
}
END_TEST

UNIT_MAIN("store_read", volumes_of_all_exchanges_come_hour_by_hour_and_each_octet_once,
          coverage_is_told_by_interface_and_the_files_of_a_sensor_are_one,
          activity_has_each_hour_and_day_once_wherever_it_is_kept,
          activity_tells_of_all_exchanges_and_of_what_may_still_move, all_names_come_host_by_host,
          deeds_are_exchanges_in_short, watched_are_the_different_hours_and_days_that_any_run_covered,
          rows_come_in_the_order_of_addresses_not_of_their_text, evidence_is_short_and_says_what_it_is,
          evidence_and_facts_come_with_the_exchange,
          evidence_without_messages_counts_connections, a_window_uses_the_hours_it_overlaps,
          one_exchange_can_be_asked_for, a_callback_can_stop_the_reading, the_writer_reads_what_it_has_put,
          the_best_name_is_chosen_by_source_then_count_then_text, a_name_that_hosts_share_stands_back_behind_ones_own,
          names_come_best_first, runs_keep_what_they_saw_and_how_they_ended, settings_replace_what_was_there,
          the_views_for_people_tell_the_same, the_words_of_the_schema_are_those_of_the_program)
