#include "terrier/sensor/unpack.h"

#include "unit.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define PLAIN_LEN 5000
#define PART      2000 /* the length of the first member where there are two */

struct bytes {
	uint8_t at[3 * PLAIN_LEN];
	size_t len;
};

/* What came out of a stream, and how it ended. */
struct result {
	struct bytes got;
	char fault[128];
	long tell;
};

/* Data that compresses somewhat. */
static const uint8_t *plain(void)
{
	static uint8_t data[PLAIN_LEN];

	for (size_t i = 0; i < sizeof data; i++) {
		data[i] = i * i % 251;
	}
	return data;
}

static void add(struct bytes *b, const void *from, size_t len)
{
	memcpy(b->at + b->len, from, len);
	b->len += len;
}

static void add_gzip(struct bytes *b, const void *from, size_t len)
{
	z_stream z = {.next_in = (Bytef *)from,
	              .avail_in = len,
	              .next_out = b->at + b->len,
	              .avail_out = sizeof b->at - b->len};

	ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	b->len += z.total_out;
	deflateEnd(&z);
}

static void add_zstd(struct bytes *b, const void *from, size_t len)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	size_t n;

	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	n = ZSTD_compress2(context, b->at + b->len, sizeof b->at - b->len, from, len);
	ck_assert(!ZSTD_isError(n));
	b->len += n;
	ZSTD_freeCCtx(context);
}

static struct result read_descriptor(int fd, const char *form)
{
	struct result r = {.tell = 0};
	struct unpack *u = unpack_open(fd);
	FILE *stream = unpack_stream(u);
	size_t n, head_len;
	const uint8_t *head;

	ck_assert_ptr_nonnull(stream);
	if (form != NULL) {
		ck_assert_str_eq(unpack_form(u), form);
	} else {
		ck_assert_ptr_null(unpack_form(u));
	}
	while ((n = fread(r.got.at + r.got.len, 1, 100, stream)) > 0) {
		r.got.len += n;
		ck_assert_uint_le(r.got.len, sizeof r.got.at - 100);
	}
	r.tell = ftell(stream);
	ck_assert_int_eq(ferror(stream) != 0, unpack_fault(u) != NULL);
	snprintf(r.fault, sizeof r.fault, "%s", unpack_fault(u) != NULL ? unpack_fault(u) : "");
	head = unpack_head(u, &head_len);
	ck_assert_uint_eq(head_len, r.got.len < UNPACK_HEAD_MAX ? r.got.len : UNPACK_HEAD_MAX);
	ck_assert_mem_eq(head, r.got.at, head_len);
	fclose(stream);
	unpack_close(u);
	return r;
}

static struct result unpack(const struct bytes *b, const char *form)
{
	int fd = memfd_create("unpack", 0);

	ck_assert_int_eq(write(fd, b->at, b->len), b->len);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return read_descriptor(fd, form);
}

static void expect_plain(const struct bytes *b, const char *form)
{
	struct result r = unpack(b, form);

	ck_assert_str_eq(r.fault, "");
	ck_assert_uint_eq(r.got.len, PLAIN_LEN);
	ck_assert_mem_eq(r.got.at, plain(), PLAIN_LEN);
	ck_assert_int_eq(r.tell, PLAIN_LEN);
}

START_TEST(the_form_is_told_by_the_first_octets)
{
	struct bytes stored = {.len = 0}, gzip = {.len = 0}, zstd = {.len = 0};

	add(&stored, plain(), PLAIN_LEN);
	add_gzip(&gzip, plain(), PLAIN_LEN);
	add_zstd(&zstd, plain(), PLAIN_LEN);
	expect_plain(&stored, NULL);
	expect_plain(&gzip, "gzip");
	expect_plain(&zstd, "zstd");
}
END_TEST

START_TEST(what_is_too_short_to_tell_comes_as_it_is)
{
	struct bytes b = {.at = {0x1f, 0x8b, 8}};

	for (b.len = 0; b.len < 4; b.len++) {
		struct result r = unpack(&b, NULL);

		ck_assert_str_eq(r.fault, "");
		ck_assert_uint_eq(r.got.len, b.len);
	}
}
END_TEST

START_TEST(members_follow_each_other_and_padding_is_passed_over)
{
	static const uint8_t skippable[12] = {0x50, 0x2a, 0x4d, 0x18, 4}, padding[512];
	struct bytes gzip = {.len = 0}, zstd = {.len = 0};

	add_gzip(&gzip, plain(), PART);
	add_gzip(&gzip, plain(), 0);
	add_gzip(&gzip, plain() + PART, PLAIN_LEN - PART);
	add(&gzip, padding, sizeof padding);
	expect_plain(&gzip, "gzip");

	add(&zstd, skippable, sizeof skippable);
	add_zstd(&zstd, plain(), PART);
	add(&zstd, skippable, sizeof skippable);
	add_zstd(&zstd, plain() + PART, PLAIN_LEN - PART);
	expect_plain(&zstd, "zstd");
}
END_TEST

START_TEST(a_pipe_may_give_octet_by_octet)
{
	struct bytes gzip = {.len = 0};
	struct result r;
	int ends[2];

	add_gzip(&gzip, plain(), PLAIN_LEN);
	ck_assert_int_eq(pipe(ends), 0);
	if (fork() == 0) {
		for (size_t i = 0; i < gzip.len; i++) {
			if (write(ends[1], gzip.at + i, 1) != 1) {
				_exit(1);
			}
		}
		_exit(0);
	}
	close(ends[1]);
	r = read_descriptor(ends[0], "gzip");
	ck_assert_str_eq(r.fault, "");
	ck_assert_mem_eq(r.got.at, plain(), PLAIN_LEN);
}
END_TEST

/* Cuts at every length: what comes is right, never less than from a shorter cut, and the cut is
 * told, but for one between two members. */
static void cut_everywhere(const struct bytes *whole, const char *form, size_t first_member)
{
	size_t most = 0;

	for (size_t len = 4; len < whole->len; len++) {
		struct bytes cut = *whole;
		struct result r;

		cut.len = len;
		r = unpack(&cut, form);
		ck_assert_uint_ge(r.got.len, most);
		ck_assert_uint_le(r.got.len, PLAIN_LEN);
		ck_assert_mem_eq(r.got.at, plain(), r.got.len);
		ck_assert_msg((strstr(r.fault, "cut short") != NULL) == (len != first_member),
		              "%zu: %s", len, r.fault);
		most = r.got.len;
	}
	ck_assert_uint_eq(most, PLAIN_LEN);
}

START_TEST(a_cut_is_told_after_all_that_can_be_had)
{
	struct bytes gzip = {.len = 0}, zstd = {.len = 0};
	size_t first;

	add_gzip(&gzip, plain(), PART);
	first = gzip.len;
	add_gzip(&gzip, plain() + PART, PLAIN_LEN - PART);
	cut_everywhere(&gzip, "gzip", first);
	add_zstd(&zstd, plain(), PART);
	first = zstd.len;
	add_zstd(&zstd, plain() + PART, PLAIN_LEN - PART);
	cut_everywhere(&zstd, "zstd", first);
}
END_TEST

START_TEST(corruption_is_told_after_all_that_can_be_had)
{
	struct bytes gzip = {.len = 0}, zstd = {.len = 0}, trailed = {.len = 0};
	struct result r;

	add_gzip(&gzip, plain(), PLAIN_LEN);
	trailed = gzip;
	gzip.at[gzip.len - 6] ^= 0xff; /* CRC32, RFC 1952 2.3.1 */
	r = unpack(&gzip, "gzip");
	ck_assert_uint_eq(r.got.len, PLAIN_LEN);
	ck_assert_msg(strstr(r.fault, "gzip: data is corrupt") != NULL, "%s", r.fault);

	add_zstd(&zstd, plain(), PART);
	add_zstd(&zstd, plain(), PART);
	zstd.at[zstd.len - 1] ^= 0xff; /* content checksum, RFC 8878 3.1.1 */
	r = unpack(&zstd, "zstd");
	ck_assert_uint_ge(r.got.len, PART);
	ck_assert_msg(strstr(r.fault, "zstd: data is corrupt") != NULL, "%s", r.fault);

	add(&trailed, "trailing", 8);
	r = unpack(&trailed, "gzip");
	ck_assert_uint_eq(r.got.len, PLAIN_LEN);
	ck_assert_msg(strstr(r.fault, "corrupt") != NULL, "%s", r.fault);
}
END_TEST

START_TEST(a_window_larger_than_our_memory_is_refused)
{
	/* RFC 8878 3.1.1.1: no content size, window descriptor of 2^41 octets */
	struct bytes b = {.at = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0x01, 0x00, 0x00}, .len = 9};
	struct result r = unpack(&b, "zstd");

	ck_assert_uint_eq(r.got.len, 0);
	ck_assert_msg(strstr(r.fault, "too much memory") != NULL, "%s", r.fault);
}
END_TEST

START_TEST(a_descriptor_that_cannot_be_read_is_told_apart)
{
	struct unpack *u = unpack_open(STDERR_FILENO + 1000);
	FILE *stream = unpack_stream(u);

	ck_assert_int_eq(fgetc(stream), EOF);
	ck_assert(ferror(stream));
	ck_assert(unpack_is_unreadable(u));
	fclose(stream);
	unpack_close(u);
	unpack_close(NULL);
}
END_TEST

UNIT_MAIN("unpack", the_form_is_told_by_the_first_octets, what_is_too_short_to_tell_comes_as_it_is,
          members_follow_each_other_and_padding_is_passed_over, a_pipe_may_give_octet_by_octet,
          a_cut_is_told_after_all_that_can_be_had, corruption_is_told_after_all_that_can_be_had,
          a_window_larger_than_our_memory_is_refused,
          a_descriptor_that_cannot_be_read_is_told_apart)
