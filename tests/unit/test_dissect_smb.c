#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_smb;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 445}};

enum { RESPONSE = 1, ASYNC = 2, RELATED = 4 };

struct bytes {
	uint8_t p[16384];
	size_t n;
};

static void put(struct bytes *b, const void *p, size_t n)
{
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static void put_int(struct bytes *b, uint64_t value, int octets)
{
	for (; octets > 0; octets--, value >>= 8) {
		b->p[b->n++] = (uint8_t)value;
	}
}

static void put_zeros(struct bytes *b, size_t n)
{
	memset(b->p + b->n, 0, n);
	b->n += n;
}

static void put_wide(struct bytes *b, const char *text)
{
	for (; *text != '\0'; text++) {
		put_int(b, (uint8_t)*text, 2);
	}
}

/* Puts the length in front of all that stands in `b`. */
static struct bytes framed(const struct bytes *b)
{
	struct bytes out = {.n = 0};

	put_int(&out, 0, 1);
	put_int(&out, b->n >> 16, 1);
	put_int(&out, b->n >> 8 & 0xff, 1);
	put_int(&out, b->n & 0xff, 1);
	put(&out, b->p, b->n);
	return out;
}

static void put_header(struct bytes *b, unsigned command, unsigned flags, uint32_t status, unsigned message, uint32_t tree,
                       unsigned next)
{
	put(b, "\xfeSMB", 4);
	put_int(b, 64, 2);
	put_int(b, 1, 2);
	put_int(b, status, 4);
	put_int(b, command, 2);
	put_int(b, 1, 2);
	put_int(b, flags, 4);
	put_int(b, next, 4);
	put_int(b, message, 8);
	put_int(b, 0xfeff, 4);
	put_int(b, tree, 4);
	put_int(b, 0x1122334455667788, 8);
	put_zeros(b, 16);
}

/* A message of a header and `n` octets of body. */
static struct bytes smb2(unsigned command, unsigned flags, uint32_t status, unsigned message, uint32_t tree, const void *p,
                         size_t n)
{
	struct bytes b = {.n = 0};

	put_header(&b, command, flags, status, message, tree, 0);
	put(&b, p, n);
	return framed(&b);
}

static struct bytes negotiated(unsigned dialect, unsigned mode)
{
	struct bytes b = {.n = 0};

	put_int(&b, 65, 2);
	put_int(&b, mode, 2);
	put_int(&b, dialect, 2);
	put_zeros(&b, 60);
	return smb2(0, RESPONSE, 0, 0, 0, b.p, b.n);
}

static struct bytes asks_tree(const char *path, unsigned message)
{
	struct bytes b = {.n = 0};

	put_int(&b, 9, 2);
	put_int(&b, 0, 2);
	put_int(&b, 72, 2);
	put_int(&b, 2 * strlen(path), 2);
	put_wide(&b, path);
	return smb2(3, 0, 0, message, 0, b.p, b.n);
}

static struct bytes gets_tree(unsigned message, uint32_t tree, unsigned type, uint32_t status)
{
	struct bytes b = {.n = 0};

	put_int(&b, 16, 2);
	put_int(&b, type, 1);
	put_zeros(&b, 13);
	return smb2(3, RESPONSE, status, message, tree, b.p, b.n);
}

static struct bytes moves(unsigned command, unsigned flags, uint32_t tree, size_t n)
{
	static const uint8_t data[8192];

	return smb2(command, flags, 0, 9, tree, data, n);
}

/* AUTHENTICATE_MESSAGE of this user in a session setup. */
static struct bytes signs_in(const char *user)
{
	struct bytes b = {.n = 0};
	size_t n = 2 * strlen(user);

	put_int(&b, 25, 2);
	put_zeros(&b, 10);
	put_int(&b, 88, 2);
	put_int(&b, 72 + n, 2);
	put_zeros(&b, 8);
	put(&b, "NTLMSSP\0\x03\0\0\0", 12);
	put_zeros(&b, 24);
	put_int(&b, n, 2);
	put_int(&b, n, 2);
	put_int(&b, 72, 4);
	put_zeros(&b, 28);
	put_wide(&b, user);
	return smb2(1, 0, 0, 2, 0, b.p, b.n);
}

/* A session setup that offers SPNEGO, and Kerberos within it: an AP-REQ whose ticket is for
 * cifs/fs01.trust.example (RFC 4178 4.2, RFC 4120 5.5.1). */
static struct bytes shows_ticket(void)
{
	static const char token[] =
	        "\x60\x81\xac\6\6\x2b\6\1\5\5\2\xa0\x81\xa1\x30\x81\x9e\xa2\x81\x9b\4\x81\x98"
	        "\x60\x81\x95\6\x09\x2a\x86\x48\x86\xf7\x12\1\2\2\1\0"
	        "\x6e\x81\x85\x30\x81\x82\xa0\3\2\1\5\xa1\3\2\1\x0e\xa2\7\3\5\0\0\0\0\0"
	        "\xa3\x57\x61\x55\x30\x53\xa0\3\2\1\5\xa1\x0f\x1b\x0dTRUST.EXAMPLE"
	        "\xa2\x25\x30\x23\xa0\3\2\1\2\xa1\x1c\x30\x1a\x1b\4cifs\x1b\x12"
	        "fs01.trust.example"
	        "\xa3\x14\x30\x12\xa0\3\2\1\x12\xa2\x0b\4\x09zquillfea"
	        "\xa4\x14\x30\x12\xa0\3\2\1\x12\xa2\x0b\4\x09zquillfea";
	struct bytes b = {.n = 0};

	put_int(&b, 25, 2);
	put_zeros(&b, 10);
	put_int(&b, 88, 2);
	put_int(&b, sizeof token - 1, 2);
	put_zeros(&b, 8);
	put(&b, token, sizeof token - 1);
	return smb2(1, 0, 0, 2, 0, b.p, b.n);
}

struct talk {
	uint8_t state[DISSECT_STATE_MAX];
	struct sink sink;
	enum dissect_verdict verdict;
	size_t piece;
};

static void begin(struct talk *t, size_t piece)
{
	memset(t, 0, sizeof *t);
	fake_sink_init(&t->sink);
	t->piece = piece;
}

static void say(struct talk *t, enum side side, struct bytes b)
{
	t->verdict = fake_feed(&dissector_smb, t->state, &t->sink, side, b.p, b.n, t->piece, &flow);
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

static void connect_tree(struct talk *t, const char *path, uint32_t tree, unsigned type)
{
	say(t, SIDE_0, asks_tree(path, 3));
	say(t, SIDE_1, gets_tree(3, tree, type, 0));
}

START_TEST(reads_and_writes_are_told_apart_by_share_however_cut)
{
	for (size_t piece = 0; piece < 90; piece++) {
		struct talk t;

		begin(&t, piece);
		say(&t, SIDE_1, negotiated(0x0311, 1));
		connect_tree(&t, "\\\\FS01.trust.example\\PathResults", 5, 1);
		connect_tree(&t, "\\\\FS01.trust.example\\Scans", 6, 1);
		say(&t, SIDE_0, moves(8, 0, 5, 49));
		say(&t, SIDE_1, moves(8, RESPONSE, 5, 5000));
		say(&t, SIDE_0, moves(9, 0, 6, 3000));
		say(&t, SIDE_1, moves(9, RESPONSE, 6, 17));
		const struct fake_entry *read = entry(&t, "\\\\fs01.trust.example\\PathResults", INFO_S2C);
		const struct fake_entry *write = entry(&t, "\\\\fs01.trust.example\\Scans", INFO_C2S);

		ck_assert_ptr_nonnull(read);
		ck_assert_ptr_nonnull(write);
		ck_assert_int_eq(t.sink.n_entries, 2);
		ck_assert_int_eq(read->type, EVIDENCE_SHARE);
		ck_assert_int_eq(read->side, SIDE_0);
		ck_assert_uint_eq(read->messages, 1);
		ck_assert_uint_eq(write->messages, 1);
		ck_assert_uint_eq(write->bytes[0], 3000 + 68);
		ck_assert_uint_eq(write->bytes[1], 17 + 68);
		ck_assert_uint_gt(read->bytes[1], 5000 + 68);
		ck_assert_str_eq(t.sink.protocol, "SMB3");
		ck_assert_int_eq(t.sink.client, SIDE_0);
		ck_assert_int_eq(t.sink.encryption, ENCRYPTED_NO);
		ck_assert_uint_eq(fake_noted(&t.sink, "fact", "3.1.1"), 1);
		ck_assert_uint_eq(fake_noted(&t.sink, "fact", "enabled"), 1);
		ck_assert_uint_eq(fake_noted(&t.sink, "name", "fs01.trust.example"), 2);
		ck_assert_uint_eq(t.sink.pending[0] + t.sink.pending[1], 0);
	}
}
END_TEST

START_TEST(hidden_shares_pipes_and_homes_are_not_told)
{
	for (size_t piece = 0; piece < 40; piece++) {
		struct talk t;

		begin(&t, piece);
		say(&t, SIDE_0, signs_in("ZQuillf"));
		connect_tree(&t, "\\\\fs01\\IPC$", 1, 2);
		connect_tree(&t, "\\\\fs01\\C$", 2, 1);
		connect_tree(&t, "\\\\fs01\\zquillf", 3, 1);
		connect_tree(&t, "\\\\fs01\\quillf.9434765919", 4, 1);
		say(&t, SIDE_0, moves(9, 0, 1, 200));
		say(&t, SIDE_0, moves(9, 0, 2, 200));
		say(&t, SIDE_0, moves(9, 0, 3, 200));
		say(&t, SIDE_0, moves(9, 0, 4, 200));
		ck_assert_int_eq(t.sink.n_entries, 3);
		ck_assert_ptr_nonnull(entry(&t, "DCERPC", INFO_BOTH));
		ck_assert_ptr_nonnull(entry(&t, "\\\\fs01\\(home share)", INFO_C2S));
		ck_assert_uint_eq(entry(&t, "SMB2", INFO_C2S)->messages, 2);
		for (int i = 0; i < t.sink.n_notes; i++) {
			ck_assert_ptr_null(strstr(t.sink.notes[i].text, "quillf"));
		}
	}
}
END_TEST

START_TEST(a_name_of_a_share_that_is_too_long_or_no_text_is_not_told)
{
	static const char *const paths[] = {"\\\\fs01\\a-share-with-a-name-that-nobody-would-ever-type",
	                                    "\\\\fs01\\with\x01control", "\\\\fs01\\share\\folder", "\\\\fs01", "", "\\"};

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		struct talk t;

		begin(&t, 0);
		connect_tree(&t, paths[i], 3, 1);
		say(&t, SIDE_0, moves(8, 0, 3, 49));
		ck_assert_int_eq(t.sink.n_entries, 1);
		ck_assert_str_eq(t.sink.entries[0].text, "SMB2");
	}
}
END_TEST

START_TEST(a_server_that_is_no_host_name_is_not_told)
{
	struct talk t;

	begin(&t, 0);
	connect_tree(&t, "\\\\fs123456\\Scans", 3, 1);
	say(&t, SIDE_0, moves(8, 0, 3, 49));
	ck_assert_str_eq(t.sink.entries[0].text, "\\\\(withheld)\\Scans");
	begin(&t, 0);
	connect_tree(&t, "\\\\fs 01!\\Scans", 3, 1);
	say(&t, SIDE_0, moves(8, 0, 3, 49));
	ck_assert_str_eq(t.sink.entries[0].text, "SMB2");
	begin(&t, 0);
	connect_tree(&t, "\\\\fs01-with-a-long-label.department.trust.example\\Scans", 3, 1);
	say(&t, SIDE_0, moves(8, 0, 3, 49));
	ck_assert_str_eq(t.sink.entries[0].text, "\\\\fs01-with-a-long-label\\Scans");
}
END_TEST

START_TEST(a_refused_tree_is_none_and_a_number_given_again_is_the_new_one)
{
	struct talk t;

	begin(&t, 0);
	connect_tree(&t, "\\\\fs01\\Old", 3, 1);
	say(&t, SIDE_0, asks_tree("\\\\fs01\\Refused", 4));
	say(&t, SIDE_1, gets_tree(4, 3, 0, 0xc0000022));
	say(&t, SIDE_0, moves(8, 0, 3, 49));
	connect_tree(&t, "\\\\fs01\\New", 3, 1);
	say(&t, SIDE_0, moves(8, 0, 3, 49));
	ck_assert_int_eq(t.sink.n_entries, 2);
	ck_assert_str_eq(t.sink.entries[0].text, "\\\\fs01\\Old");
	ck_assert_str_eq(t.sink.entries[1].text, "\\\\fs01\\New");
}
END_TEST

START_TEST(compounded_requests_are_read_one_by_one)
{
	static const uint8_t zeros[64];

	for (size_t piece = 0; piece < 90; piece++) {
		struct bytes b = {.n = 0};
		struct talk t;

		begin(&t, piece);
		connect_tree(&t, "\\\\fs01\\Scans", 7, 1);
		put_header(&b, 5, 0, 0, 10, 7, 120); /* create, read, close */
		put(&b, zeros, 56);
		put_header(&b, 8, RELATED, 0, 11, UINT32_MAX, 112);
		put(&b, zeros, 48);
		put_header(&b, 6, RELATED, 0, 12, UINT32_MAX, 0);
		put(&b, zeros, 24);
		say(&t, SIDE_0, framed(&b));
		ck_assert_int_eq(t.sink.n_entries, 1);
		ck_assert_str_eq(t.sink.entries[0].text, "\\\\fs01\\Scans");
		ck_assert_uint_eq(t.sink.entries[0].messages, 1);
		ck_assert_uint_eq(t.sink.pending[0], 88);
	}
}
END_TEST

START_TEST(an_asynchronous_answer_goes_with_the_last_request)
{
	struct talk t;

	begin(&t, 0);
	connect_tree(&t, "\\\\fs01\\Scans", 7, 1);
	say(&t, SIDE_0, moves(8, 0, 7, 49));
	say(&t, SIDE_1, moves(8, RESPONSE | ASYNC, 0, 4000));
	ck_assert_int_eq(t.sink.n_entries, 1);
	ck_assert_uint_ge(t.sink.entries[0].bytes[1], 4000);
}
END_TEST

START_TEST(joined_in_the_middle_the_way_is_known_and_the_share_is_not)
{
	struct bytes b = moves(9, 0, 7, 4000);
	struct talk t;

	ck_assert_uint_eq(dissector_smb.recognise(cur_make(b.p, b.n), SIDE_0, &flow), 1);
	ck_assert_uint_eq(dissector_smb.recognise(cur_make(b.p, 8), SIDE_0, &flow), 1);
	begin(&t, 0);
	say(&t, SIDE_1, b);
	ck_assert_int_eq(t.sink.client, SIDE_1);
	ck_assert_ptr_nonnull(entry(&t, "SMB2", INFO_C2S));
	memmove(b.p + 100, b.p, b.n);
	memset(b.p, 'M', 100);
	ck_assert_uint_eq(dissector_smb.recognise(cur_make(b.p, b.n), SIDE_0, &flow), 101);
	struct dissect_flow other = flow;

	other.port[1] = 4450;
	ck_assert_uint_eq(dissector_smb.recognise(cur_make(b.p, b.n), SIDE_0, &other), 0);
	ck_assert_uint_eq(dissector_smb.recognise(cur_make(b.p + 100, b.n), SIDE_0, &other), 1);
}
END_TEST

/* A gap of any length and place: what comes behind the next message is read again. */
START_TEST(a_gap_is_crossed_by_lengths_or_by_the_next_signature)
{
	struct bytes all = {.n = 0}, b = moves(8, RESPONSE, 7, 2000);

	for (int i = 0; i < 3; i++) {
		put(&all, b.p, b.n);
	}
	for (size_t from = 1; from + 1 < 2 * b.n; from += 37) {
		for (size_t lost = 1; from + lost < 2 * b.n; lost += 211) {
			struct talk t;
			uint64_t kept = all.n - lost;

			begin(&t, 0);
			connect_tree(&t, "\\\\fs01\\Scans", 7, 1);
			uint64_t before = t.sink.total[1];

			dissector_smb.dissect(t.state, SIDE_1, cur_make(all.p, from), 0, &flow, &t.sink);
			dissector_smb.dissect(t.state, SIDE_1, cur_make(all.p + from + lost, all.n - from - lost), lost, &flow,
			                      &t.sink);
			ck_assert_uint_eq(t.sink.total[1] - before, kept);
			ck_assert_uint_eq(t.sink.pending[1], 0);
			ck_assert_int_eq(t.sink.n_entries, 1);
			ck_assert_ptr_nonnull(entry(&t, "\\\\fs01\\Scans", INFO_S2C));
		}
	}
}
END_TEST

START_TEST(a_path_with_a_hole_names_no_share)
{
	struct bytes ask = asks_tree("\\\\fs01\\zquillf", 3);

	for (size_t from = 1; from + 1 < ask.n; from++) {
		struct talk t;

		begin(&t, 0);
		say(&t, SIDE_0, signs_in("zquillf"));
		dissector_smb.dissect(t.state, SIDE_0, cur_make(ask.p, from), 0, &flow, &t.sink);
		dissector_smb.dissect(t.state, SIDE_0, cur_make(ask.p + from + 1, ask.n - from - 1), 1, &flow, &t.sink);
		say(&t, SIDE_1, gets_tree(3, 9, 1, 0));
		say(&t, SIDE_0, moves(8, 0, 9, 49));
		ck_assert_int_eq(t.sink.n_entries, 1);
		ck_assert_str_eq(t.sink.entries[0].text, "SMB2");
	}
}
END_TEST

START_TEST(encrypted_messages_go_by_balance)
{
	for (size_t piece = 0; piece < 60; piece += 7) {
		struct bytes b = {.n = 0};
		struct talk t;

		begin(&t, piece);
		say(&t, SIDE_1, negotiated(0x0300, 3));
		connect_tree(&t, "\\\\fs01\\Scans", 7, 1);
		put(&b, "\xfdSMB", 4);
		put_zeros(&b, 500);
		say(&t, SIDE_0, framed(&b));
		say(&t, SIDE_1, framed(&b));
		ck_assert_int_eq(t.sink.n_entries, 1);
		ck_assert_ptr_nonnull(entry(&t, "SMB3", INFO_BALANCE));
		ck_assert_int_eq(t.sink.encryption, ENCRYPTED_YES);
		ck_assert_uint_eq(fake_noted(&t.sink, "fact", "required"), 1);
		ck_assert_uint_eq(fake_noted(&t.sink, "fact", "\\\\fs01\\Scans"), 1);
		ck_assert_uint_eq(fake_noted(&t.sink, "fact", "on"), 1);
	}
}
END_TEST

START_TEST(compressed_messages_are_known_by_what_stands_in_front)
{
	for (int is_clear = 0; is_clear < 2; is_clear++) {
		struct bytes b = {.n = 0};
		struct talk t;

		begin(&t, 5);
		connect_tree(&t, "\\\\fs01\\Scans", 7, 1);
		say(&t, SIDE_0, moves(8, 0, 7, 49));
		put(&b, "\xfcSMB", 4);
		put_zeros(&b, 12);
		if (is_clear != 0) {
			put_header(&b, 8, RESPONSE, 0, 9, 7, 0);
		}
		put_zeros(&b, 900);
		say(&t, SIDE_1, framed(&b));
		ck_assert_int_eq(t.sink.n_entries, 1);
		ck_assert_uint_ge(t.sink.entries[0].bytes[1], 900);
		ck_assert_str_eq(t.sink.protocol, "SMB3");
	}
}
END_TEST

START_TEST(a_connection_that_only_looks_has_no_evidence_until_it_is_long)
{
	struct talk t;

	begin(&t, 0);
	for (int i = 0; i < 40; i++) {
		say(&t, SIDE_0, moves(14, 0, 7, 60));
	}
	ck_assert_int_eq(t.sink.n_entries, 0);
	for (int i = 0; i < 40; i++) {
		say(&t, SIDE_0, moves(14, 0, 7, 60));
	}
	ck_assert_int_eq(t.sink.n_entries, 1);
	ck_assert_ptr_nonnull(entry(&t, "SMB2", INFO_BOTH));
}
END_TEST

/* ---- SMB 1 ---- */

static void put_header1(struct bytes *b, unsigned command, bool is_response, bool is_wide, unsigned tree)
{
	put(b, "\xffSMB", 4);
	put_int(b, command, 1);
	put_int(b, 0, 4);
	put_int(b, is_response ? 0x98 : 0x18, 1);
	put_int(b, is_wide ? 0xc807 : 0x4807, 2);
	put_zeros(b, 12);
	put_int(b, tree, 2);
	put_int(b, 0xfeff, 2);
	put_int(b, 100, 2);
	put_int(b, 64, 2);
}

/* Session setup without extended security and tree connect in a chain. */
static struct bytes chained(const char *user, const char *path, bool is_wide)
{
	struct bytes b = {.n = 0};

	put_header1(&b, 0x73, false, is_wide, 0);
	put_int(&b, 13, 1);
	put_int(&b, 0x75, 2);
	size_t offset = b.n, bytes;

	put_zeros(&b, 2);
	put_zeros(&b, 10);
	put_int(&b, 24, 2);
	put_int(&b, 24, 2);
	put_zeros(&b, 8);
	bytes = b.n;
	put_zeros(&b, 2);
	put(&b, "responseresponseresponseresponseresponseresponse", 48);
	if (is_wide) {
		put_int(&b, 0, b.n % 2 == 0 ? 0 : 1);
		put_wide(&b, user);
		put_zeros(&b, 2);
		put_wide(&b, "TRUST");
		put_zeros(&b, 4);
	} else {
		put(&b, user, strlen(user) + 1);
		put(&b, "TRUST\0\0", 7);
	}
	b.p[bytes] = (uint8_t)(b.n - bytes - 2);
	b.p[offset] = (uint8_t)b.n;
	b.p[offset + 1] = (uint8_t)(b.n >> 8);
	put_int(&b, 4, 1);
	put_int(&b, 0xff, 2);
	put_zeros(&b, 4);
	put_int(&b, 1, 2);
	put_int(&b, 99, 2);
	put_zeros(&b, 1);
	if (is_wide) {
		put_zeros(&b, b.n % 2);
		put_wide(&b, path);
		put_zeros(&b, 2);
	} else {
		put(&b, path, strlen(path) + 1);
	}
	put(&b, "?????", 6);
	return framed(&b);
}

static struct bytes smb1(unsigned command, bool is_response, unsigned tree, size_t n)
{
	struct bytes b = {.n = 0};

	put_header1(&b, command, is_response, true, tree);
	put_int(&b, 2, 1);
	put_int(&b, 0xff, 4);
	put_zeros(&b, n);
	return framed(&b);
}

START_TEST(smb1_chains_ascii_and_unicode_however_cut)
{
	for (size_t piece = 0; piece < 80; piece++) {
		bool is_wide = piece % 2 == 0;
		struct talk t;

		begin(&t, piece / 2);
		say(&t, SIDE_0, chained("zquillf", "\\\\FS01\\SCANS", is_wide));
		say(&t, SIDE_1, smb1(0x75, true, 8, 20));
		say(&t, SIDE_0, smb1(0x2e, false, 8, 20));
		say(&t, SIDE_1, smb1(0x2e, true, 8, 3000));
		say(&t, SIDE_0, smb1(0x2f, false, 8, 2000));
		ck_assert_int_eq(t.sink.n_entries, 2);
		ck_assert_uint_ge(entry(&t, "\\\\fs01\\SCANS", INFO_S2C)->bytes[1], 3000);
		ck_assert_uint_ge(entry(&t, "\\\\fs01\\SCANS", INFO_C2S)->bytes[0], 2000);
		ck_assert_str_eq(t.sink.protocol, "SMB1");
		begin(&t, piece / 2);
		say(&t, SIDE_0, chained("zquillf", "\\\\FS01\\ZQUILLF", is_wide));
		say(&t, SIDE_1, smb1(0x75, true, 8, 20));
		say(&t, SIDE_0, smb1(0x2e, false, 8, 20));
		ck_assert_ptr_nonnull(entry(&t, "\\\\fs01\\(home share)", INFO_S2C));
	}
}
END_TEST

START_TEST(raw_data_of_smb1_belongs_to_its_read)
{
	struct bytes raw = {.n = 0};
	struct talk t;

	begin(&t, 3);
	put(&raw, "any octets at all, and no header in front of them", 49);
	say(&t, SIDE_0, smb1(0x1a, false, 8, 20));
	say(&t, SIDE_1, framed(&raw));
	say(&t, SIDE_0, smb1(0x1d, false, 8, 20));
	say(&t, SIDE_1, smb1(0x1d, true, 8, 0));
	say(&t, SIDE_0, framed(&raw));
	ck_assert_int_eq(t.sink.n_entries, 2);
	ck_assert_uint_eq(entry(&t, "SMB1", INFO_S2C)->bytes[1], 53);
	ck_assert_int_eq(t.verdict, DISSECT_FOLLOW);
}
END_TEST

START_TEST(a_negotiation_that_offers_old_dialects_is_no_use_of_smb1)
{
	struct talk t;

	begin(&t, 0);
	say(&t, SIDE_0, smb1(0x72, false, 0, 60));
	ck_assert_str_eq(t.sink.protocol, "");
	say(&t, SIDE_1, negotiated(0x02ff, 1));
	say(&t, SIDE_1, negotiated(0x0210, 1));
	ck_assert_str_eq(t.sink.protocol, "SMB2");
	ck_assert_uint_eq(fake_noted(&t.sink, "fact", "2.1"), 1);
}
END_TEST

START_TEST(a_session_that_is_only_asked_for_is_netbios)
{
	struct bytes b = {.n = 0};
	struct talk t;

	put(&b, "\x81\0\0\x44\x20", 5);
	put_zeros(&b, 67);
	for (size_t piece = 0; piece < 6; piece++) {
		begin(&t, piece);
		say(&t, SIDE_0, b);
		ck_assert_str_eq(t.sink.protocol, "NetBIOS");
		say(&t, SIDE_0, moves(8, 0, 7, 49));
		ck_assert_str_eq(t.sink.protocol, "SMB2");
		ck_assert_uint_eq(t.sink.entries[0].bytes[0], b.n + 4 + 64 + 49);
	}
}
END_TEST

START_TEST(what_is_no_smb_is_refused)
{
	static const char *const wrong[] = {"GET / HTTP/1.1\r\n\r\n\r\n", "\xfeSMB@ and no length in front",
	                                    "\x01\0\0\x40\xfeSMB@", "ZZ"};
	struct talk t;

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		ck_assert_uint_eq(dissector_smb.recognise(cur_make(wrong[i], 24 < strlen(wrong[i]) ? 24 : strlen(wrong[i])),
		                                          SIDE_0, &flow), 0);
	}
	ck_assert_uint_eq(dissector_smb.recognise(cur_make("\0\0\0\x80", 4), SIDE_0, &flow), 1);
	begin(&t, 0);
	struct bytes b = {.n = 0};

	put(&b, "\0\0\0\x80" "no header at all", 21);
	say(&t, SIDE_0, b);
	ck_assert_int_eq(t.verdict, DISSECT_RELEASE);
}
END_TEST

START_TEST(a_ticket_of_kerberos_names_the_server)
{
	struct talk t;

	begin(&t, 0);
	say(&t, SIDE_0, shows_ticket());
	ck_assert_uint_eq(fake_noted(&t.sink, "name", "fs01.trust.example"), 1);
	ck_assert_int_eq(t.sink.n_notes, 1);
	begin(&t, 100); /* its start is not all in one piece */
	say(&t, SIDE_0, shows_ticket());
	ck_assert_int_eq(t.sink.n_notes, 0);
	ck_assert_int_eq(t.verdict, DISSECT_FOLLOW);
}
END_TEST

START_TEST(without_the_user_of_a_sign_in_no_share_is_told)
{
	struct bytes b = signs_in("zquillf");

	for (size_t from = 60; from + 30 < b.n; from += 3) {
		struct talk t;

		begin(&t, 0);
		dissector_smb.dissect(t.state, SIDE_0, cur_make(b.p, from), 0, &flow, &t.sink);
		dissector_smb.dissect(t.state, SIDE_0, cur_make(b.p + from + 20, b.n - from - 20), 20, &flow, &t.sink);
		connect_tree(&t, "\\\\fs01\\zquillf", 3, 1);
		say(&t, SIDE_0, moves(9, 0, 3, 200));
		ck_assert_ptr_nonnull(entry(&t, "SMB2", INFO_C2S));
		ck_assert_ptr_null(entry(&t, "\\\\fs01\\zquillf", INFO_C2S));
		ck_assert_uint_eq(fake_noted(&t.sink, "fact", "\\\\fs01\\zquillf"), 0);
	}
}
END_TEST

START_TEST(a_queue_for_printing_is_no_share_of_files)
{
	struct talk t;

	begin(&t, 0);
	connect_tree(&t, "\\\\ps01\\Ward7", 5, 3);
	say(&t, SIDE_0, moves(9, 0, 5, 200));
	ck_assert_int_eq(t.sink.n_entries, 1);
	ck_assert_int_eq(t.sink.entries[0].type, EVIDENCE_PRINT_QUEUE);
	ck_assert_str_eq(t.sink.entries[0].text, "\\\\ps01\\Ward7");
}
END_TEST

START_TEST(a_session_of_a_guest_is_told)
{
	static const uint8_t guest[] = {9, 0, 1, 0, 72, 0, 0, 0}, nobody[] = {9, 0, 2, 0, 72, 0, 0, 0},
	                     somebody[] = {9, 0, 0, 0, 72, 0, 0, 0};
	struct talk t;

	begin(&t, 0);
	say(&t, SIDE_1, smb2(1, RESPONSE, 0, 2, 0, somebody, sizeof somebody));
	ck_assert_int_eq(t.sink.n_notes, 0);
	say(&t, SIDE_1, smb2(1, RESPONSE, 0, 2, 0, guest, sizeof guest));
	ck_assert_uint_eq(fake_noted(&t.sink, "fact", "guest"), 1);
	say(&t, SIDE_1, smb2(1, RESPONSE, 0, 2, 0, nobody, sizeof nobody));
	ck_assert_uint_eq(fake_noted(&t.sink, "fact", "anonymous"), 1);
}
END_TEST

UNIT_MAIN("dissect_smb", reads_and_writes_are_told_apart_by_share_however_cut, hidden_shares_pipes_and_homes_are_not_told,
          a_name_of_a_share_that_is_too_long_or_no_text_is_not_told, a_server_that_is_no_host_name_is_not_told,
          a_refused_tree_is_none_and_a_number_given_again_is_the_new_one, compounded_requests_are_read_one_by_one,
          an_asynchronous_answer_goes_with_the_last_request, joined_in_the_middle_the_way_is_known_and_the_share_is_not,
          a_gap_is_crossed_by_lengths_or_by_the_next_signature, a_path_with_a_hole_names_no_share, encrypted_messages_go_by_balance,
          compressed_messages_are_known_by_what_stands_in_front,
          a_connection_that_only_looks_has_no_evidence_until_it_is_long, smb1_chains_ascii_and_unicode_however_cut,
          raw_data_of_smb1_belongs_to_its_read, a_negotiation_that_offers_old_dialects_is_no_use_of_smb1,
          a_session_that_is_only_asked_for_is_netbios, what_is_no_smb_is_refused,
          a_ticket_of_kerberos_names_the_server,
          without_the_user_of_a_sign_in_no_share_is_told, a_queue_for_printing_is_no_share_of_files,
          a_session_of_a_guest_is_told)
