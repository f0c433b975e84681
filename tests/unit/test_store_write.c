#include "terrier/store.h"

#include "store_help.h"

static char *folder;

static char *path_of(const char *name)
{
	return in_folder(folder, name);
}

static struct store *new_store(const char *name)
{
	char *path = path_of(name);

	unlink(path);
	return open_rw(path);
}

/* Some bookings of few keys, so that most of them meet. */
#define BOOKINGS 240

static struct booking make_booking(int i)
{
	static const char *const protocols[] = {"HL7v2", "TLS", "unknown", "HTTP"};
	static const char *const proofs[] = {"ADT^A01", "ADT^A08", "tcp/2575", NULL, "ORU^R01", ""};
	static const char *const sensors[] = {"span0", "a-span", "span1"};
	unsigned r = (unsigned)i * 2654435761u >> 7;
	struct booking b = booking("10.0.0.1", i % 3 == 0 ? "10.0.0.2" : "fe80::2");

	if (i % 7 == 0) {
		b.destination = party("outlook.office365.com");
	}
	b.segment = i % 11 == 0 ? "guest-wifi" : "";
	b.sensor = sensors[r % 3];
	b.server_port = i % 2 == 0 ? 2575 : 443;
	b.protocol = protocols[r / 3 % 4];
	b.confidence = (enum confidence)(r / 5 % 3);
	b.encrypted = (enum encryption)(r / 7 % 3);
	b.is_both = r % 13 == 0;
	b.initiated_by_source = r % 2 == 0;
	b.initiated_by_destination = r % 5 == 0;
	b.has_messages = r % 4 != 0;
	b.connections = r % 3;
	b.messages = r % 17;
	b.first_us = T0 + (int64_t)(r % 29) * CLOCK_HOUR_US / 4;
	b.last_us = b.first_us + r % 1000;
	b.evidence_type = r % 6 == 2 ? EVIDENCE_PORT : EVIDENCE_HL7_MSH9;
	b.evidence = proofs[r % 6];
	return b;
}

static void put_other(struct store *s, int i)
{
	static const char *const names[] = {"pacs.trust.nhs.uk", "PACS", "pacs2.trust.nhs.uk", "zz"};
	const struct record_host counters = {
		.mac = {0, 0x11, (uint8_t)(i % 3 + 1), 0xaa, 0xbb, 0xcc}, .empty_out = (uint64_t)i, .unanswered_in = 1};
	struct endpoint end = host(i % 2 == 0 ? "10.0.0.1" : "10.0.0.2");

	const struct store_name name = {i % 3 == 0 ? NAME_AE_TITLE : NAME_DNS, names[i % 4], 1 + (uint64_t)(i % 3), T0 + i,
	                                T0 + 2 * i, false};

	ck_assert_int_eq(store_put_name(s, "", &end, &name), 0);
	ck_assert_int_eq(store_put_host(s, "", &end, &counters, T0 - i, T0 + i), 0);
}

/* All of them, in the order `i * step`, with a commit after every `batch`; every `provisional`-th first as a
 * provisional one that a later clear takes back, or that a settle makes final. */
static char *book_all(const char *name, int step, int batch, int provisional)
{
	struct store *s = new_store(name);

	begin(s);
	for (int i = 0; i < BOOKINGS; i++) {
		int k = i * step % BOOKINGS;
		struct booking b = make_booking(k);

		if (provisional != 0 && i % provisional == 0) {
			struct booking moved = b;
			moved.is_provisional = true;
			moved.kind_id = "unknown";
			moved.destination = party("203.0.113.0/24");
			moved.first_us -= 100 * CLOCK_HOUR_US;
			put(s, moved);
			commit(s);
			begin(s);
			ck_assert_int_eq(store_clear_provisional(s), 0);
			b.is_provisional = true;
			put(s, b);
			ck_assert_int_eq(store_settle(s), 0);
		} else {
			put(s, b);
		}
		put_other(s, k);
		if (i % batch == batch - 1) {
			commit(s);
			begin(s);
		}
	}
	commit(s);
	char *text = dump(s);

	store_close(s);
	return text;
}

START_TEST(the_order_and_the_splitting_of_bookings_does_not_matter)
{
	folder = new_folder();
	char *expected = book_all("a.db", 1, 1000, 0);

	ck_assert_int_gt(strlen(expected), 1000);
	for (int i = 0; i < 4; i++) {
		static const int steps[] = {7, 239, 11, 1}, batches[] = {1000, 1, 13, 50}, kinds[] = {0, 0, 5, 1};
		char *other = book_all("b.db", steps[i], batches[i], kinds[i]);
		ck_assert_str_eq(other, expected);
		free(other);
	}
	free(expected);
	remove_folder(folder);
}
END_TEST

START_TEST(an_id_is_the_same_everywhere_and_depends_on_its_key_alone)
{
	static const uint8_t port[2] = {2575 >> 8, 2575 & 255}, tcp = 6;
	char expected[DIGEST_ID_MAX];
	struct ids ids = {.n = 0};
	struct digest *d = digest_new();

	digest_add(d, "", 0);
	digest_add(d, "10.0.0.1", 8);
	digest_add(d, "[mail.example]", 14);
	digest_add(d, &tcp, 1);
	digest_add(d, port, 2);
	digest_add(d, "clin.adt", 8);
	digest_finish_id(d, "X", expected);

	folder = new_folder();
	struct store *s = new_store("a.db");
	struct booking b = booking("10.0.0.1", "10.0.0.2");

	b.destination = party("mail.example");
	begin(s);
	put(s, b);
	b.protocol = "TLS";
	b.confidence = CONFIDENCE_LOW;
	b.sensor = "other";
	b.evidence = "ORU^R01";
	b.first_us += CLOCK_DAY_US;
	b.last_us += CLOCK_DAY_US;
	put(s, b);
	commit(s);
	ck_assert_int_eq(store_each_exchange(s, &everything, keep_id, &ids), 0);
	ck_assert_uint_eq(ids.n, 1);
	ck_assert_str_eq(ids.list[0], expected);

	struct booking others[5] = {b, b, b, b, b};

	others[0].segment = "x";
	others[1].server_port = 2576;
	others[2].kind_id = "clin.results";
	others[3].ip_protocol = 17;
	others[4].source = party("10.0.0.1"); /* prints as [10.0.0.1] */
	begin(s);
	for (int i = 0; i < 5; i++) {
		put(s, others[i]);
	}
	commit(s);
	ck_assert_int_eq(count_exchanges(s), 6);
	store_close(s);
	remove_folder(folder);
}
END_TEST

START_TEST(counters_stop_at_the_largest_number)
{
	folder = new_folder();
	struct store *s = new_store("a.db");
	struct booking b = booking("10.0.0.1", "10.0.0.2");
	struct ids ids = {.n = 0};
	struct store_summary summary;
	struct store_run run = {.sensor = "span0"};
	struct record_coverage coverage = {.counter = {[COVERAGE_PACKETS] = UINT64_C(1) << 62}};

	b.bytes_to_destination = UINT64_MAX;
	b.messages = INT64_MAX;
	for (int i = 0; i < 6; i++) {
		begin(s);
		if (i == 0) {
			ck_assert_int_eq(store_run_begin(s, &run), 0);
		}
		b.first_us = b.last_us = T0 + i % 3 * CLOCK_HOUR_US;
		b.is_provisional = i == 5;
		put(s, b);
		put(s, b);
		ck_assert_int_eq(store_put_coverage(s, run.id, &coverage, T0, T0), 0);
		commit(s);
	}
	char *text = dump(s);

	ck_assert_ptr_nonnull(strstr(text, "12/9223372036854775807 9223372036854775807:480"));
	ck_assert_ptr_nonnull(strstr(text, "ADT^A01 ×9223372036854775807\n"));
	ck_assert_int_eq(store_summarise(s, &summary), 0);
	ck_assert_uint_eq(summary.counter[COVERAGE_PACKETS], INT64_MAX);
	begin(s);
	ck_assert_int_eq(store_settle(s), 0);
	commit(s);
	char *settled = dump(s);

	ck_assert_ptr_nonnull(strstr(settled, "12/9223372036854775807 9223372036854775807:480"));
	ck_assert_int_eq(store_each_exchange(s, &(struct store_query){.since_us = T0}, keep_id, &ids), 0);
	ck_assert_uint_eq(ids.n, 1);
	free(text);
	free(settled);
	store_close(s);
	remove_folder(folder);
}
END_TEST

static struct booking with_proof(char *text, size_t size, int i)
{
	struct booking b = booking("10.0.0.1", "10.0.0.2");

	snprintf(text, size, "ZZ%c^Z%c\"\\", 'A' + i / 10, 'A' + i % 10);
	b.evidence = text;
	b.messages = (uint64_t)i + 1;
	return b;
}

static char *book_proofs(const char *name, int step, int batch)
{
	struct store *s = new_store(name);
	char text[32];

	begin(s);
	for (int i = 0; i < 2 * 101; i++) {
		put(s, with_proof(text, sizeof text, i * step % 101));
		if (i % batch == batch - 1) {
			commit(s);
			begin(s);
		}
	}
	commit(s);
	char *out = dump(s);

	store_close(s);
	return out;
}

START_TEST(evidence_is_bounded_and_the_rest_is_summed_up_whatever_the_order)
{
	folder = new_folder();
	char *expected = book_proofs("a.db", 1, 1000);
	char *other = book_proofs("b.db", 37, 7);
	char *third = book_proofs("c.db", 100, 1);

	ck_assert_str_eq(other, expected);
	ck_assert_str_eq(third, expected);
	/* 64 stay: 0..63, counted twice; 64..100 share a line: 2 * sum(65..101) */
	ck_assert_ptr_nonnull(strstr(expected, "HL7 ZZG^ZD\"\\ ×128; ZZG^ZC\"\\ ×126;"));
	ck_assert_ptr_nonnull(strstr(expected, "; +59 or more\n"));
	ck_assert_ptr_nonnull(strstr(expected, " 25 (more) 6142\n"));
	ck_assert_ptr_null(strstr(expected, "ZZG^ZE"));
	free(expected);
	free(other);
	free(third);
	remove_folder(folder);
}
END_TEST

static char *put_names(const char *file, int step)
{
	struct store *s = new_store(file);
	struct endpoint end = host("10.0.0.1");
	char name[32];

	begin(s);
	put(s, booking("10.0.0.1", "10.0.0.2"));
	for (int i = 0; i < 199; i++) {
		int k = i * step % 199;
		snprintf(name, sizeof name, "n%03d.example", k);
		const struct store_name one = {NAME_SNI, name, (uint64_t)(k % 128), T0, T0, false};
		ck_assert_int_eq(store_put_name(s, "", &end, &one), 0);
	}
	commit(s);
	char *out = dump(s);

	store_close(s);
	return out;
}

START_TEST(names_are_bounded_whatever_the_order)
{
	folder = new_folder();
	char *expected = put_names("a.db", 1), *other = put_names("b.db", 17);
	int lines = 0;

	ck_assert_str_eq(expected, other);
	for (const char *at = expected; (at = strstr(at, " sni n")) != NULL; at++) {
		lines++;
	}
	ck_assert_int_eq(lines, 32);
	ck_assert_ptr_nonnull(strstr(expected, "(sni n127.example)"));
	ck_assert_ptr_nonnull(strstr(expected, " sni n096.example 96"));
	ck_assert_ptr_null(strstr(expected, "n095.example"));
	free(expected);
	free(other);
	remove_folder(folder);
}
END_TEST

START_TEST(what_is_provisional_can_be_seen_and_goes_without_a_trace)
{
	folder = new_folder();
	struct store *s = new_store("a.db");
	struct booking b = booking("10.0.0.1", "10.0.0.2"), moved = b;

	begin(s);
	put(s, b);
	commit(s);
	char *before = dump(s);

	moved.is_provisional = true;
	moved.first_us = T0 - 5 * CLOCK_HOUR_US;
	moved.last_us = T0 + 5 * CLOCK_HOUR_US;
	moved.protocol = "A";
	moved.sensor = "second";
	moved.encrypted = ENCRYPTED_YES;
	moved.evidence = "ORU^R01";
	begin(s);
	put(s, moved);
	moved.destination = party("203.0.113.0/24");
	put(s, moved);
	commit(s);
	char *during = dump(s);

	ck_assert_ptr_nonnull(strstr(during, "'second; span0'"));
	ck_assert_ptr_nonnull(strstr(during, " A clin.adt c2 clearenc m 2/4 600:80 2023-11-14T17:13:20Z"));
	ck_assert_ptr_nonnull(strstr(during, "HL7 ADT^A01 ×2; ORU^R01 ×2"));
	ck_assert_ptr_nonnull(strstr(during, "[203.0.113.0/24]"));
	begin(s);
	ck_assert_int_eq(store_clear_provisional(s), 0);
	commit(s);
	char *after = dump(s);

	ck_assert_str_eq(after, before);
	free(before);
	free(during);
	free(after);
	store_close(s);
	remove_folder(folder);
}
END_TEST

START_TEST(what_a_crash_left_provisional_can_be_settled)
{
	folder = new_folder();
	char *path = path_of("a.db");
	struct store *s = new_store("a.db");
	struct booking b = booking("10.0.0.1", "10.0.0.2");

	begin(s);
	put(s, b);
	b.is_provisional = true;
	b.first_us = b.last_us = T0 + 3 * CLOCK_HOUR_US;
	put(s, b);
	b.server_port = 99;
	put(s, b);
	b.first_us = b.last_us = T0 + 4 * CLOCK_HOUR_US;
	put(s, b);
	commit(s);
	char *before = dump(s);

	store_close(s);
	s = open_rw(path);
	begin(s);
	ck_assert_int_eq(store_settle(s), 0);
	ck_assert_int_eq(store_clear_provisional(s), 0);
	ck_assert_int_eq(store_settle(s), 0);
	commit(s);
	char *after = dump(s);

	ck_assert_str_eq(after, before);
	free(before);
	free(after);
	store_close(s);
	remove_folder(folder);
}
END_TEST

START_TEST(a_rollback_forgets_everything_since_the_begin)
{
	folder = new_folder();
	struct store *s = new_store("a.db");
	struct booking b = booking("10.0.0.1", "10.0.0.2");

	begin(s);
	put(s, b);
	store_rollback(s);
	ck_assert_int_eq(count_exchanges(s), 0);
	begin(s);
	b.sensor = "second";
	put(s, b);
	commit(s);
	char *text = dump(s);

	ck_assert_ptr_nonnull(strstr(text, "'second'"));
	ck_assert_ptr_nonnull(strstr(text, " 1/2 300:40 "));
	free(text);
	store_close(s);
	remove_folder(folder);
}
END_TEST

START_TEST(writing_outside_a_transaction_is_an_error_and_no_crash)
{
	folder = new_folder();
	struct store *s = new_store("a.db");
	struct booking b = booking("10.0.0.1", "10.0.0.2");
	struct store_run run = {.sensor = "x"};

	ck_assert_int_eq(store_put_exchange(s, 1, &b), -1);
	ck_assert_ptr_nonnull(strstr(store_error(s), "outside a transaction"));
	ck_assert_int_eq(store_run_begin(s, &run), -1);
	ck_assert_int_eq(store_commit(s), -1);
	ck_assert_int_eq(store_settle(s), -1);
	store_close(s);
	s = open_ro(path_of("a.db"));
	ck_assert_int_eq(store_put_exchange(s, 1, &b), -1);
	ck_assert_int_eq(store_begin(s), -1);
	store_rollback(s);
	ck_assert_int_eq(count_exchanges(s), 0);
	store_close(s);
	remove_folder(folder);
}
END_TEST

START_TEST(more_rows_than_memory_holds_are_written_on_the_way)
{
	folder = new_folder();
	struct store *s = new_store("a.db");
	struct booking b = booking("10.0.0.1", "10.0.0.2");

	begin(s);
	for (int i = 0; i < 2 * 70000; i++) {
		int k = i % 70000;
		b.source.addr.b[13] = (uint8_t)(k >> 16);
		b.source.addr.b[14] = (uint8_t)(k >> 8);
		b.source.addr.b[15] = (uint8_t)k;
		put(s, b);
	}
	commit(s);
	struct store_summary summary;

	ck_assert_int_eq(store_summarise(s, &summary), 0);
	ck_assert_uint_eq(summary.exchanges, 70000);
	ck_assert_uint_eq(summary.hosts, 70001 - 1); /* 10.0.0.2 is among the sources */
	store_close(s);
	remove_folder(folder);
}
END_TEST

START_TEST(more_sensors_than_bits_share_the_last)
{
	folder = new_folder();
	struct store *s = new_store("a.db");
	struct booking b = booking("10.0.0.1", "10.0.0.2");
	char name[16];

	begin(s);
	b.sensor = name;
	for (int i = 0; i < 70; i++) {
		snprintf(name, sizeof name, "s%02d", i);
		put(s, b);
	}
	commit(s);
	char *text = dump(s);

	ck_assert_ptr_nonnull(strstr(text, "'(others); s00; s01;"));
	ck_assert_ptr_nonnull(strstr(text, "s61'"));
	ck_assert_ptr_nonnull(strstr(text, " 70/140 "));
	free(text);
	store_close(s);
	remove_folder(folder);
}
END_TEST

START_TEST(counters_and_hardware_address_of_a_host_that_was_seen_are_kept)
{
	static const struct record_host counters = {
		.mac = {0x02, 0x4c, 0x41, 0xde, 0xad, 0xbe}, .empty_in = 3, .empty_out = 4, .unanswered_in = 5,
		.unanswered_out = 6};
	struct endpoint inside = host("10.0.0.9"), outside = party("mail.example"), named = host("10.0.0.8");

	folder = new_folder();
	struct store *s = new_store("a.db");

	begin(s);
	ck_assert_int_eq(store_put_host(s, "", &inside, &counters, T0, T0 + 5), 0);
	ck_assert_int_eq(store_put_host(s, "", &outside, &counters, T0, T0 + 5), 0);
	const struct store_name unseen = {NAME_DNS, "never.seen", 1, T0, T0, false};
	ck_assert_int_eq(store_put_name(s, "", &named, &unseen), 0);
	commit(s);
	begin(s);
	ck_assert_int_eq(store_put_host(s, "", &inside, &counters, T0 - 1, T0), 0);
	commit(s);
	char *text = dump(s);

	ck_assert_str_eq(text, "'' 10.0.0.9 I ( ) 02:4c:41:de:ad:be 8 6 12 10 -1 5\n");
	free(text);
	store_close(s);
	remove_folder(folder);
}
END_TEST

UNIT_MAIN("store_write", the_order_and_the_splitting_of_bookings_does_not_matter,
          an_id_is_the_same_everywhere_and_depends_on_its_key_alone, counters_stop_at_the_largest_number,
          evidence_is_bounded_and_the_rest_is_summed_up_whatever_the_order, names_are_bounded_whatever_the_order,
          what_is_provisional_can_be_seen_and_goes_without_a_trace, what_a_crash_left_provisional_can_be_settled,
          a_rollback_forgets_everything_since_the_begin, writing_outside_a_transaction_is_an_error_and_no_crash,
          more_rows_than_memory_holds_are_written_on_the_way, more_sensors_than_bits_share_the_last,
          counters_and_hardware_address_of_a_host_that_was_seen_are_kept)
