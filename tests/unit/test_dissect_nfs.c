#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_nfs;

enum { RPCBIND = 100000, NFS = 100003, MOUNT = 100005 };

static struct dissect_flow make_flow(uint8_t ip_protocol, uint16_t port)
{
	struct dissect_flow flow = {.ip_protocol = ip_protocol, .port = {800, port}};

	addr_from_v4(&flow.addr[0], (const uint8_t[]){10, 77, 1, 130});
	addr_from_v4(&flow.addr[1], (const uint8_t[]){10, 77, 1, 80});
	return flow;
}

struct bytes {
	uint8_t p[16384];
	size_t n;
};

static void put(struct bytes *b, const void *p, size_t n)
{
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static void put_u32(struct bytes *b, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		b->p[b->n++] = (uint8_t)(value >> shift);
	}
}

static void put_zeros(struct bytes *b, size_t n)
{
	memset(b->p + b->n, 0, n);
	b->n += n;
}

static void put_text(struct bytes *b, const char *text)
{
	size_t n = strlen(text);

	put_u32(b, (uint32_t)n);
	put(b, text, n);
	put_zeros(b, (4 - n % 4) % 4);
}

static struct bytes call(uint32_t xid, uint32_t program, uint32_t version, uint32_t procedure)
{
	struct bytes b = {.n = 0};

	put_u32(&b, xid);
	put_u32(&b, 0);
	put_u32(&b, 2);
	put_u32(&b, program);
	put_u32(&b, version);
	put_u32(&b, procedure);
	put_u32(&b, 1);
	put_u32(&b, 32); /* AUTH_SYS: stamp, machine, uid, gid, no more */
	put_u32(&b, 7);
	put_text(&b, "zquillf-pc");
	put_zeros(&b, 12);
	put_zeros(&b, 8);
	return b;
}

static struct bytes reply(uint32_t xid)
{
	struct bytes b = {.n = 0};

	put_u32(&b, xid);
	put_u32(&b, 1);
	put_zeros(&b, 16);
	return b;
}

static struct bytes compound(uint32_t xid, uint32_t ops)
{
	struct bytes b = call(xid, NFS, 4, 1);

	put_text(&b, "tag");
	put_u32(&b, 1);
	put_u32(&b, ops);
	return b;
}

struct talk {
	uint8_t state[DISSECT_STATE_MAX];
	struct sink sink;
	struct dissect_flow flow;
	enum dissect_verdict verdict;
	size_t piece;
	unsigned fragments;
};

static void begin(struct talk *t, size_t piece)
{
	memset(t, 0, sizeof *t);
	fake_sink_init(&t->sink);
	t->flow = make_flow(IP_TCP, 2049);
	t->piece = piece;
	t->fragments = 1;
}

/* Sends a message in so many fragments. */
static void say(struct talk *t, enum side side, struct bytes b)
{
	struct bytes out = {.n = 0};
	size_t each = b.n / t->fragments, at = 0;

	for (unsigned i = 0; i < t->fragments; i++) {
		bool is_last = i + 1 == t->fragments;
		size_t n = is_last ? b.n - at : each;

		put_u32(&out, (uint32_t)n | (is_last ? 0x80000000 : 0));
		put(&out, b.p + at, n);
		at += n;
	}
	t->verdict = fake_feed(&dissector_nfs, t->state, &t->sink, side, out.p, out.n, t->piece, &t->flow);
}

static const struct fake_entry *entry(const struct talk *t, const char *text, enum info_direction direction)
{
	for (int i = 0; i < t->sink.n_entries; i++) {
		const struct fake_entry *e = &t->sink.entries[i];

		if (strcmp(e->text, text) == 0 && e->direction == direction) {
			return e;
		}
	}
	return NULL;
}

static void add(struct bytes *b, size_t zeros)
{
	put_zeros(b, zeros);
}

START_TEST(version_3_tells_reading_from_writing)
{
	static const struct {
		uint8_t version, procedure;
		enum info_direction direction;
	} moving[] = {{3, 6, INFO_S2C}, {3, 16, INFO_S2C}, {3, 17, INFO_S2C}, {3, 7, INFO_C2S}, {3, 8, INFO_C2S},
	              {2, 6, INFO_S2C}, {2, 8, INFO_C2S},  {2, 16, INFO_S2C}, {2, 9, INFO_C2S}};

	for (size_t i = 0; i < sizeof moving / sizeof moving[0]; i++) {
		for (size_t piece = 0; piece < 50; piece++) {
			struct bytes ask = call(77, NFS, moving[i].version, moving[i].procedure), answer = reply(77);
			struct talk t;

			begin(&t, piece);
			t.fragments = 1 + piece % 3;
			add(&ask, 400);
			add(&answer, 900);
			say(&t, SIDE_0, ask);
			say(&t, SIDE_1, answer);
			ck_assert_int_eq(t.sink.n_entries, 1);
			ck_assert_int_eq(t.sink.entries[0].direction, moving[i].direction);
			ck_assert_str_eq(t.sink.entries[0].text, "NFS");
			ck_assert_uint_eq(t.sink.entries[0].bytes[0], ask.n + 4 * t.fragments);
			ck_assert_uint_eq(t.sink.entries[0].bytes[1], answer.n + 4 * t.fragments);
			ck_assert_int_eq(t.sink.client, SIDE_0);
			ck_assert_int_eq(t.sink.encryption, ENCRYPTED_NO);
		}
	}
}
END_TEST

/* PUTROOTFH, LOOKUP of these, GETATTR, GETFH and its answer; then an OPEN in what the handle stands for. */
static void mount_4(struct talk *t, const char *const *names, unsigned n, const char *handle)
{
	struct bytes ask = compound(5, 4 + n), answer = reply(5), open = compound(6, 4);

	put_u32(&ask, 53);
	put_zeros(&ask, 32);
	put_u32(&ask, 24);
	for (unsigned i = 0; i < n; i++) {
		put_u32(&ask, 15);
		put_text(&ask, names[i]);
	}
	put_u32(&ask, 9);
	put_u32(&ask, 1);
	put_u32(&ask, 0x18);
	put_u32(&ask, 10);
	say(t, SIDE_0, ask);
	put_u32(&answer, 0);
	put_text(&answer, "tag");
	put_u32(&answer, 4 + n);
	put_u32(&answer, 53);
	put_zeros(&answer, 40);
	put_u32(&answer, 24);
	put_u32(&answer, 0);
	for (unsigned i = 0; i < n; i++) {
		put_u32(&answer, 15);
		put_u32(&answer, 0);
	}
	put_u32(&answer, 9);
	put_u32(&answer, 0);
	put_u32(&answer, 1);
	put_u32(&answer, 0x18);
	put_text(&answer, "attributes");
	put_u32(&answer, 10);
	put_u32(&answer, 0);
	put_text(&answer, handle);
	say(t, SIDE_1, answer);
	put_u32(&open, 53);
	put_zeros(&open, 32);
	put_u32(&open, 22);
	put_text(&open, handle);
	put_u32(&open, 3);
	put_u32(&open, 31);
	put_u32(&open, 18);
	put_zeros(&open, 40);
	put_text(&open, "quillf-discharge.pdf");
	say(t, SIDE_0, open);
}

static void read_4(struct talk *t)
{
	struct bytes ask = compound(8, 3), answer = reply(8);

	put_u32(&ask, 53);
	put_zeros(&ask, 32);
	put_u32(&ask, 22);
	put_text(&ask, "the handle of a file");
	put_u32(&ask, 25);
	put_zeros(&ask, 28);
	say(t, SIDE_0, ask);
	put_zeros(&answer, 3000);
	say(t, SIDE_1, answer);
}

START_TEST(version_4_names_the_export_however_cut)
{
	static const char *const names[] = {"scans"};

	for (size_t piece = 0; piece < 60; piece++) {
		struct talk t;

		begin(&t, piece);
		t.fragments = 1 + piece % 3;
		mount_4(&t, names, 1, "a handle of a directory, which is long: longer than what is read at once is");
		read_4(&t);
		ck_assert_int_eq(t.sink.n_entries, 1);
		ck_assert_str_eq(t.sink.entries[0].text, "10.77.1.80:/scans");
		ck_assert_int_eq(t.sink.entries[0].type, EVIDENCE_SHARE);
		ck_assert_int_eq(t.sink.entries[0].direction, INFO_S2C);
		ck_assert_uint_eq(t.sink.entries[0].messages, 1);
		ck_assert_uint_gt(t.sink.entries[0].bytes[1], 3000);
	}
}
END_TEST

START_TEST(names_below_an_export_are_not_told)
{
	static const struct {
		const char *names[3];
		unsigned n;
		const char *text;
	} cases[] = {{{"scans", "QUILLFEATHER"}, 2, "10.77.1.80:/scans"},
	             {{"srv", "scans"}, 2, "10.77.1.80:/srv/scans"},
	             {{"srv", "scans", "QUILLFEATHER"}, 3, "10.77.1.80:/srv/scans"},
	             {{"home", "zquillf"}, 2, "10.77.1.80:/home"},
	             {{"9434765919"}, 1, "NFS"},
	             {{"1948-11-03"}, 1, "NFS"},
	             {{"a name that is far too long for an export"}, 1, "NFS"}};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct talk t;

		begin(&t, 0);
		mount_4(&t, cases[i].names, cases[i].n, "handle");
		read_4(&t);
		ck_assert_int_eq(t.sink.n_entries, 1);
		ck_assert_str_eq(t.sink.entries[0].text, cases[i].text);
	}
}
END_TEST

START_TEST(a_file_in_the_root_is_no_export)
{
	static const char *const names[] = {"quillf-discharge.pdf"};
	struct bytes ask = compound(5, 3);
	struct talk t;

	begin(&t, 0);
	put_u32(&ask, 24);
	put_u32(&ask, 15);
	put_text(&ask, names[0]);
	put_u32(&ask, 25);
	put_zeros(&ask, 28);
	say(&t, SIDE_0, ask);
	ck_assert_int_eq(t.sink.n_entries, 1);
	ck_assert_str_eq(t.sink.entries[0].text, "NFS");
}
END_TEST

START_TEST(of_two_exports_none_is_guessed)
{
	static const char *const names[] = {"scans", "letters"};
	struct talk t;

	begin(&t, 0);
	mount_4(&t, names, 1, "one");
	mount_4(&t, names + 1, 1, "two");
	read_4(&t);
	ck_assert_str_eq(t.sink.entries[0].text, "NFS");
}
END_TEST

START_TEST(a_mount_that_was_granted_is_told_up_to_two_levels)
{
	static const struct {
		const char *path, *text;
		uint32_t status;
	} cases[] = {{"/scans", "10.77.1.80:/scans", 0},
	             {"/srv/nfs/QUILLFEATHER/x", "10.77.1.80:/srv/nfs", 0},
	             {"/users/zquillf", "10.77.1.80:/users", 0},
	             {"/home2/zquillf", "10.77.1.80:/home2", 0},
	             {"/Staff-homes/zquillf", "10.77.1.80:/Staff-homes", 0},
	             {"/9434765919", NULL, 0},
	             {"/secret", NULL, 13},
	             {"/", NULL, 0}};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bytes ask = call(9, MOUNT, 3, 1), answer = reply(9);
		struct talk t;

		begin(&t, 0);
		t.flow = make_flow(IP_UDP, 20048);
		put_text(&ask, cases[i].path);
		put_u32(&answer, cases[i].status);
		put_text(&answer, "handle");
		ck_assert_uint_eq(dissector_nfs.recognise(cur_make(ask.p, ask.n), SIDE_0, &t.flow), 1);
		dissector_nfs.dissect(t.state, SIDE_0, cur_make(ask.p, ask.n), 0, &t.flow, &t.sink);
		dissector_nfs.dissect(t.state, SIDE_1, cur_make(answer.p, answer.n), 0, &t.flow, &t.sink);
		ck_assert_int_eq(t.sink.n_entries, cases[i].text != NULL);
		if (cases[i].text != NULL) {
			ck_assert_str_eq(t.sink.entries[0].text, cases[i].text);
			ck_assert_uint_eq(t.sink.pending[0], ask.n);
			ck_assert_uint_eq(t.sink.entries[0].bytes[1], answer.n);
		}
	}
}
END_TEST

START_TEST(the_port_mapper_has_its_own_name)
{
	struct bytes ask = call(9, RPCBIND, 3, 3);
	struct talk t;

	begin(&t, 0);
	t.flow = make_flow(IP_UDP, 111);
	dissector_nfs.dissect(t.state, SIDE_0, cur_make(ask.p, ask.n), 0, &t.flow, &t.sink);
	ck_assert_str_eq(t.sink.protocol, "RPCbind");
	ck_assert_int_eq(t.sink.n_entries, 0);
}
END_TEST

START_TEST(kerberos_with_privacy_goes_by_balance_and_with_integrity_is_read)
{
	for (uint32_t service = 1; service <= 3; service++) {
		struct bytes b = {.n = 0};
		struct talk t;

		put_u32(&b, 3);
		put_u32(&b, 0);
		put_u32(&b, 2);
		put_u32(&b, NFS);
		put_u32(&b, 4);
		put_u32(&b, 1);
		put_u32(&b, 6);
		put_u32(&b, 24); /* RPCSEC_GSS: version, procedure, number, service, context */
		put_u32(&b, 1);
		put_u32(&b, 0);
		put_u32(&b, 4);
		put_u32(&b, service);
		put_text(&b, "cont");
		put_u32(&b, 6);
		put_text(&b, "checksum");
		put_zeros(&b, service == 2 ? 8 : 0);
		put_text(&b, "");
		put_u32(&b, 1);
		put_u32(&b, 2);
		put_u32(&b, 22);
		put_text(&b, "file");
		put_u32(&b, 38);
		put_zeros(&b, 200);
		begin(&t, 3);
		say(&t, SIDE_0, b);
		ck_assert_int_eq(t.sink.n_entries, 1);
		ck_assert_int_eq(t.sink.entries[0].direction, service == 3 ? INFO_BALANCE : INFO_C2S);
		ck_assert_int_eq(t.sink.encryption, service == 3 ? ENCRYPTED_YES : ENCRYPTED_NO);
	}
}
END_TEST

START_TEST(a_gap_is_crossed_by_lengths_or_by_the_next_message)
{
	struct bytes one = call(3, NFS, 3, 7), all = {.n = 0};

	add(&one, 700);
	for (int i = 0; i < 3; i++) {
		put_u32(&all, (uint32_t)one.n | 0x80000000);
		put(&all, one.p, one.n);
	}
	for (size_t from = 100; from < 1400; from += 41) {
		for (size_t lost = 1; from + lost < all.n / 3 * 2; lost += 97) {
			struct talk t;

			begin(&t, 0);
			dissector_nfs.dissect(t.state, SIDE_0, cur_make(all.p, from), 0, &t.flow, &t.sink);
			t.verdict = dissector_nfs.dissect(t.state, SIDE_0, cur_make(all.p + from + lost, all.n - from - lost),
			                                  lost, &t.flow, &t.sink);
			ck_assert_int_eq(t.verdict, DISSECT_FOLLOW);
			ck_assert_uint_eq(t.sink.total[0], all.n - lost);
			ck_assert_ptr_nonnull(entry(&t, "NFS", INFO_C2S));
			ck_assert_uint_ge(t.sink.entries[0].messages, 2);
		}
	}
}
END_TEST

START_TEST(only_calls_of_known_programs_are_recognised)
{
	struct bytes good = call(3, NFS, 3, 7), other = call(3, 100004, 2, 3), wrong = call(3, NFS, 9, 7);
	struct dissect_flow flow = make_flow(IP_UDP, 5000);

	ck_assert_uint_eq(dissector_nfs.recognise(cur_make(good.p, good.n), SIDE_0, &flow), 1);
	ck_assert_uint_eq(dissector_nfs.recognise(cur_make(good.p, 30), SIDE_0, &flow), 0);
	ck_assert_uint_eq(dissector_nfs.recognise(cur_make(other.p, other.n), SIDE_0, &flow), 0);
	ck_assert_uint_eq(dissector_nfs.recognise(cur_make(wrong.p, wrong.n), SIDE_0, &flow), 0);
	struct bytes answer = reply(3);

	ck_assert_uint_eq(dissector_nfs.recognise(cur_make(answer.p, answer.n), SIDE_1, &flow), 0);
	flow.port[1] = 2049;
	ck_assert_uint_eq(dissector_nfs.recognise(cur_make(answer.p, answer.n), SIDE_1, &flow), 1);
	ck_assert_uint_eq(dissector_nfs.recognise(cur_make(answer.p, answer.n), SIDE_0, &flow), 0);
}
END_TEST

START_TEST(a_connection_that_only_looks_has_no_evidence_until_it_is_long)
{
	struct talk t;

	begin(&t, 0);
	for (uint32_t i = 0; i < 63; i++) {
		say(&t, SIDE_0, call(i, NFS, 3, 1));
	}
	ck_assert_int_eq(t.sink.n_entries, 0);
	say(&t, SIDE_0, call(99, NFS, 3, 1));
	ck_assert_ptr_nonnull(entry(&t, "NFS", INFO_BOTH));
}
END_TEST

UNIT_MAIN("dissect_nfs", version_3_tells_reading_from_writing, version_4_names_the_export_however_cut,
          names_below_an_export_are_not_told, a_file_in_the_root_is_no_export, of_two_exports_none_is_guessed,
          a_mount_that_was_granted_is_told_up_to_two_levels, the_port_mapper_has_its_own_name,
          kerberos_with_privacy_goes_by_balance_and_with_integrity_is_read,
          a_gap_is_crossed_by_lengths_or_by_the_next_message, only_calls_of_known_programs_are_recognised,
          a_connection_that_only_looks_has_no_evidence_until_it_is_long)
