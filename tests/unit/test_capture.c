#include "terrier/sensor/capture.h"

#include "fake_capture.h"
#include "unit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static const struct capture_options plain = {.filter = NULL};

/* Compresses into one gzip member. */
static struct bytes gzipped(const void *from, size_t len)
{
	struct bytes out = {.len = 0};
	z_stream z = {.next_in = (Bytef *)from,
	              .avail_in = len,
	              .next_out = out.at,
	              .avail_out = sizeof out.at};

	ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	out.len = z.total_out;
	deflateEnd(&z);
	return out;
}

/* Compresses into one zstd frame with a checksum. */
static struct bytes zstandard(const void *from, size_t len)
{
	struct bytes out = {.len = 0};
	ZSTD_CCtx *context = ZSTD_createCCtx();

	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	out.len = ZSTD_compress2(context, out.at, sizeof out.at, from, len);
	ck_assert(!ZSTD_isError(out.len));
	ZSTD_freeCCtx(context);
	return out;
}

static void write_file(const char *path, const struct bytes *b)
{
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(b->at, 1, b->len, f), b->len);
	ck_assert_int_eq(fclose(f), 0);
}

static const char *temporary(void)
{
	static char path[64];

	snprintf(path, sizeof path, "test-capture-%d.tmp", (int)getpid());
	return path;
}

struct seen {
	int n;
	int64_t time_us[2 * PACKETS];
	int last_octet;
};

static void see(void *context, const struct capture_frame *frame)
{
	struct seen *seen = context;

	ck_assert_int_lt(seen->n, 2 * PACKETS);
	ck_assert_uint_eq(frame->cap_len, PACKET_LEN);
	ck_assert_uint_eq(frame->wire_len, PACKET_LEN + 40);
	seen->last_octet = frame->bytes[33];
	seen->time_us[seen->n++] = frame->time_us;
}

/* Reads all of a capture, a few frames at a time, and closes it. `error` (256 octets) gets its
 * line. */
static enum capture_status drain(struct capture *c, struct seen *seen, char *error)
{
	enum capture_status status = CAPTURE_OK;
	int count, sum = 0;

	*seen = (struct seen){.n = 0};
	while (status == CAPTURE_OK) {
		status = capture_dispatch(c, 2, see, seen, &count);
		ck_assert_int_le(count, 2);
		sum += count;
	}
	ck_assert_int_eq(sum, seen->n);
	ck_assert_int_eq(capture_dispatch(c, 2, see, seen, &count), status);
	ck_assert_int_eq(count, 0);
	snprintf(error, 256, "%s", capture_error(c));
	capture_close(c);
	return status;
}

static struct capture *open_bytes(const struct bytes *b, const char *filter)
{
	struct capture_options options = {.filter = filter};
	enum capture_fault fault = CAPTURE_FAULT_NONE;
	char *error = NULL;
	struct capture *c;

	write_file(temporary(), b);
	c = capture_open_file(temporary(), &options, &fault, &error);
	ck_assert_msg(c != NULL, "%s", error);
	unlink(temporary());
	return c;
}

static void expect_sound(const struct bytes *b, const char *form)
{
	struct seen seen = {.n = 0};
	struct capture *c = open_bytes(b, NULL);
	char error[256];

	ck_assert_int_eq(capture_link_type(c), 1);
	ck_assert_int_eq(capture_descriptor(c), -1);
	ck_assert_msg(drain(c, &seen, error) == CAPTURE_END, "%s: %s", form, error);
	ck_assert_str_eq(error, "");
	ck_assert_msg(seen.n == PACKETS, "%s: %d", form, seen.n);
	for (int i = 0; i < PACKETS; i++) {
		ck_assert_int_eq(seen.time_us[i], (FIRST + i) * INT64_C(1000000) + 250000);
	}
	ck_assert_int_eq(seen.last_octet, PACKETS - 1);
}

/* Expects that `b` does not open; the line is checked for `word`. */
static void expect_refused(const struct bytes *b, const char *word)
{
	enum capture_fault fault = CAPTURE_FAULT_NONE;
	struct capture_identity identity;
	char *error = NULL;

	write_file(temporary(), b);
	ck_assert_ptr_null(capture_open_file(temporary(), &plain, &fault, &error));
	ck_assert_int_eq(fault, CAPTURE_FAULT_CALLER);
	ck_assert_msg(strstr(error, word) != NULL && strstr(error, temporary()) != NULL, "%s",
	              error);
	ck_assert_ptr_null(strchr(error, '\n'));
	free(error);
	ck_assert(!capture_identify(temporary(), &identity, &fault, &error));
	free(error);
	unlink(temporary());
}

START_TEST(every_form_of_file_gives_the_same_frames)
{
	struct bytes pcapng = make_pcapng();

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct bytes micro = make_pcap(MICRO, big_endian),
		             nano = make_pcap(NANO, big_endian);
		struct bytes modified = make_pcap(KUZNETZOV, big_endian);

		expect_sound(&micro, "microseconds");
		expect_sound(&nano, "nanoseconds");
		expect_sound(&modified, "modified");
	}
	expect_sound(&pcapng, "pcapng");
}
END_TEST

START_TEST(compressed_files_are_told_by_their_content)
{
	struct bytes pcap = make_pcap(MICRO, false), pcapng = make_pcapng();
	struct bytes one = gzipped(pcap.at, pcap.len), two = zstandard(pcapng.at, pcapng.len);

	expect_sound(&one, "gzip");
	expect_sound(&two, "zstd");
}
END_TEST

START_TEST(standard_input_may_come_octet_by_octet_and_compressed)
{
	struct bytes pcap = make_pcap(MICRO, false), gzip = gzipped(pcap.at, pcap.len);
	enum capture_fault fault;
	struct seen seen = {.n = 0};
	char *error = NULL, line[256];
	struct capture *c;
	uint64_t at, size;
	int ends[2];

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
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	c = capture_open_file("-", &plain, &fault, &error);
	ck_assert_msg(c != NULL, "%s", error);
	capture_position(c, &at, &size);
	ck_assert_uint_eq(size, 0);
	ck_assert_int_eq(drain(c, &seen, line), CAPTURE_END);
	ck_assert_int_eq(seen.n, PACKETS);
}
END_TEST

START_TEST(a_cut_file_gives_its_whole_packets_and_says_where)
{
	struct bytes whole = make_pcap(MICRO, false);
	size_t record = 16 + PACKET_LEN;

	for (size_t len = 1; len < whole.len; len++) {
		struct bytes cut = whole;
		struct seen seen = {.n = 0};
		char error[256], place[64];
		enum capture_status status;

		cut.len = len;
		if (len < 24) {
			expect_refused(&cut, "");
			continue;
		}
		status = drain(open_bytes(&cut, NULL), &seen, error);
		ck_assert_int_eq(seen.n, (len - 24) / record);
		ck_assert_int_eq(status, (len - 24) % record == 0 ? CAPTURE_END : CAPTURE_DAMAGED);
		snprintf(place, sizeof place, "packet %d at octet %zu", seen.n + 1, len);
		ck_assert_msg(status == CAPTURE_END || strstr(error, place) != NULL, "%s", error);
		ck_assert_ptr_null(strchr(error, '\n'));
	}
}
END_TEST

START_TEST(a_cut_pcapng_gives_its_whole_packets)
{
	struct bytes whole = make_pcapng();

	for (size_t len = 48; len < whole.len; len++) {
		struct bytes cut = whole;
		struct seen seen = {.n = 0};
		char error[256];
		enum capture_status status;

		cut.len = len;
		status = drain(open_bytes(&cut, NULL), &seen, error);
		ck_assert_int_eq(seen.n, (len - 48) / (32 + PACKET_LEN));
		ck_assert_int_eq(status, (len - 48) % (32 + PACKET_LEN) == 0 ? CAPTURE_END
		                                                             : CAPTURE_DAMAGED);
	}
}
END_TEST

START_TEST(a_cut_compressed_file_gives_its_whole_packets_and_says_where)
{
	struct bytes pcap = make_pcap(MICRO, false), gzip = gzipped(pcap.at, pcap.len);
	struct seen seen;
	char error[256], place[64];

	gzip.len -= 9; /* the check value, the length and the last of the data */
	ck_assert_int_eq(drain(open_bytes(&gzip, NULL), &seen, error), CAPTURE_DAMAGED);
	ck_assert_int_ge(seen.n, PACKETS - 1);
	snprintf(place, sizeof place, "packet %d at octet", seen.n + 1);
	ck_assert_msg(strstr(error, place) != NULL, "%s", error);
	ck_assert_msg(strstr(error, "decompressed data: gzip: data is cut short") != NULL, "%s",
	              error);
}
END_TEST

START_TEST(a_record_that_cannot_be_is_damage)
{
	struct bytes b = {.len = 0};
	struct seen seen;
	char error[256];

	put_pcap_header(&b, MICRO);
	put_pcap_record(&b, MICRO, FIRST, 0, 0);
	put(&b, FIRST, 8);
	put(&b, 0x7fffffff, 4);
	put(&b, 0x7fffffff, 4);
	put_packet(&b, 1);
	ck_assert_int_eq(drain(open_bytes(&b, NULL), &seen, error), CAPTURE_DAMAGED);
	ck_assert_int_eq(seen.n, 1);
	ck_assert_msg(strstr(error, "packet 2") != NULL, "%s", error);
}
END_TEST

START_TEST(times_that_cannot_be_are_made_possible)
{
	struct bytes b = {.len = 0};
	struct seen seen;
	char error[256];

	put_pcap_header(&b, MICRO);
	put_pcap_record(&b, MICRO, FIRST, 1000000, 0);
	put_pcap_record(&b, MICRO, FIRST, 0xffffffff, 1);
	put_pcap_record(&b, MICRO, 0xffffffff, 0, 2);
	ck_assert_int_eq(drain(open_bytes(&b, NULL), &seen, error), CAPTURE_END);
	ck_assert_int_eq(seen.time_us[0], FIRST * INT64_C(1000000) + 999999);
	ck_assert_int_eq(seen.time_us[1], FIRST * INT64_C(1000000));
	ck_assert_int_eq(seen.time_us[2],
	                 INT64_C(4294967295000000)); /* 2106, RFC-to-be of pcap: unsigned */
}
END_TEST

START_TEST(a_time_past_all_calendars_stays_within_them)
{
	struct bytes b = {.len = 0};
	struct seen seen;
	char error[256];

	put_section(&b);
	put_interface(&b, 1, 65535);
	put_block_packet(&b, 0, 0);
	memset(b.at + 48 + 12, 0xff, 8);
	ck_assert_int_eq(drain(open_bytes(&b, NULL), &seen, error), CAPTURE_END);
	ck_assert_int_gt(seen.time_us[0], 0);
	ck_assert_int_lt(seen.time_us[0], INT64_C(253402300800000000));
}
END_TEST

START_TEST(what_is_no_capture_is_refused_with_what_to_do)
{
	struct bytes empty = {.len = 0}, text = {.len = 0}, snoop = {.len = 0}, inside,
	             sections = {.len = 0};

	expect_refused(&empty, "empty");
	put_octets(&text, "Dear Sir or Madam, this is no capture file.", 43);
	expect_refused(&text, "pcapng");
	put_octets(&snoop, "snoop\0\0\0\0\0\0\2\0\0\0\4", 16);
	expect_refused(&snoop, "editcap -F pcap FILE OUT.pcap");
	inside = gzipped(snoop.at, snoop.len);
	expect_refused(&inside, "gzip, and inside it is a Sun snoop");
	put_section(&sections);
	expect_refused(&sections, "no packets");
}
END_TEST

START_TEST(interfaces_that_differ_name_the_command_that_helps)
{
	struct bytes types = {.len = 0}, snaps = {.len = 0};
	struct seen seen;
	char error[256];

	put_section(&types);
	put_interface(&types, 1, 65535);
	put_block_packet(&types, 0, 0);
	snaps = types;
	put_interface(&types, 113, 65535);
	put_interface(&snaps, 1, 262144);
	ck_assert_int_eq(drain(open_bytes(&types, NULL), &seen, error), CAPTURE_DAMAGED);
	ck_assert_int_eq(seen.n, 1);
	ck_assert_msg(strstr(error, "tshark -r FILE -Y") != NULL, "%s", error);
	ck_assert_int_eq(drain(open_bytes(&snaps, NULL), &seen, error), CAPTURE_DAMAGED);
	ck_assert_int_eq(seen.n, 1);
	ck_assert_msg(strstr(error, "editcap -F pcap FILE") != NULL, "%s", error);
}
END_TEST

START_TEST(paths_that_lead_nowhere_are_the_callers_fault)
{
	enum capture_fault fault = CAPTURE_FAULT_NONE;
	char *error = NULL;

	ck_assert_ptr_null(capture_open_file("/no/such/file.pcap", &plain, &fault, &error));
	ck_assert_int_eq(fault, CAPTURE_FAULT_CALLER);
	ck_assert_msg(strstr(error, "/no/such/file.pcap: No such file") != NULL, "%s", error);
	free(error);
	ck_assert_ptr_null(capture_open_file("/", &plain, &fault, &error));
	ck_assert_int_eq(fault, CAPTURE_FAULT_CALLER);
	ck_assert_msg(strstr(error, "Is a directory") != NULL, "%s", error);
	free(error);
}
END_TEST

START_TEST(a_file_that_may_not_be_read_is_the_systems_fault)
{
	struct bytes pcap = make_pcap(MICRO, false);
	enum capture_fault fault = CAPTURE_FAULT_NONE;
	char *error = NULL;

	write_file(temporary(), &pcap);
	chmod(temporary(), 0);
	if (access(temporary(), R_OK) != 0) { /* root reads anything */
		ck_assert_ptr_null(capture_open_file(temporary(), &plain, &fault, &error));
		ck_assert_int_eq(fault, CAPTURE_FAULT_SYSTEM);
		free(error);
	}
	unlink(temporary());
}
END_TEST

START_TEST(a_filter_holds_back_what_it_does_not_match)
{
	struct bytes pcap = make_pcap(MICRO, false);
	struct seen seen;
	char error[256];

	ck_assert_int_eq(drain(open_bytes(&pcap, "udp port 1002"), &seen, error), CAPTURE_END);
	ck_assert_int_eq(seen.n, 1);
	ck_assert_int_eq(seen.last_octet, 2);
	ck_assert_int_eq(drain(open_bytes(&pcap, ""), &seen, error), CAPTURE_END);
	ck_assert_int_eq(seen.n, PACKETS);

	/* damage is still counted in packets of the file */
	pcap.len -= 1;
	ck_assert_int_eq(drain(open_bytes(&pcap, "udp port 9"), &seen, error), CAPTURE_DAMAGED);
	ck_assert_int_eq(seen.n, 0);
	ck_assert_msg(strstr(error, "packet 5 ") != NULL, "%s", error);
}
END_TEST

START_TEST(a_wrong_filter_is_the_callers_fault)
{
	struct bytes pcap = make_pcap(MICRO, false);
	struct capture_options options = {.filter = "tcp prot 80"};
	enum capture_fault fault = CAPTURE_FAULT_NONE;
	char *error = NULL;

	write_file(temporary(), &pcap);
	ck_assert_ptr_null(capture_open_file(temporary(), &options, &fault, &error));
	unlink(temporary());
	ck_assert_int_eq(fault, CAPTURE_FAULT_CALLER);
	ck_assert_msg(strstr(error, "tcp prot 80") != NULL, "%s", error);
	free(error);

	error = capture_check_filter("tcp prot 80");
	ck_assert_ptr_nonnull(error);
	free(error);
	ck_assert_ptr_null(capture_check_filter("tcp port 80 or (vlan and net 10.0.0.0/8)"));
	error = capture_check_filter("host pacs.hospital.invalid");
	ck_assert_ptr_nonnull(error);
	free(error);
}
END_TEST

START_TEST(a_file_is_known_again_and_a_changed_one_is_not)
{
	struct bytes pcap = make_pcap(MICRO, false), gzip = gzipped(pcap.at, pcap.len);
	struct capture_identity one, two;
	enum capture_fault fault;
	char *error;

	write_file(temporary(), &pcap);
	ck_assert(capture_identify(temporary(), &one, &fault, &error));
	ck_assert(capture_identify(temporary(), &two, &fault, &error));
	ck_assert_uint_eq(one.size, pcap.len);
	ck_assert_uint_eq(one.digest, two.digest);
	ck_assert_int_eq(one.first_us, FIRST * INT64_C(1000000) + 250000);

	pcap.at[pcap.len - 1] ^= 1;
	write_file(temporary(), &pcap);
	ck_assert(capture_identify(temporary(), &two, &fault, &error));
	ck_assert_uint_ne(one.digest, two.digest);

	pcap.len -= 1;
	write_file(temporary(), &pcap);
	ck_assert(capture_identify(temporary(), &two, &fault, &error));
	ck_assert_msg(one.size != two.size && one.first_us == two.first_us, "a cut file is another file");

	write_file(temporary(), &gzip);
	ck_assert(capture_identify(temporary(), &two, &fault, &error));
	ck_assert_uint_eq(two.size, gzip.len);
	ck_assert_int_eq(two.first_us, one.first_us);

	pcap.len = 24;
	write_file(temporary(), &pcap);
	ck_assert(capture_identify(temporary(), &two, &fault, &error));
	ck_assert_int_eq(two.first_us, 0);
	unlink(temporary());
}
END_TEST

START_TEST(a_pipe_has_no_identity_and_keeps_its_octets)
{
	struct bytes pcap = make_pcap(MICRO, false);
	struct capture_identity identity = {.size = 1};
	enum capture_fault fault;
	struct seen seen = {.n = 0};
	char path[64], line[256], *error;
	struct capture *c;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], pcap.at, pcap.len), pcap.len);
	snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
	ck_assert(capture_identify(path, &identity, &fault, &error));
	ck_assert_uint_eq(identity.size, 0);
	close(ends[1]);
	c = capture_open_file(path, &plain, &fault, &error);
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(drain(c, &seen, line), CAPTURE_END);
	ck_assert_int_eq(seen.n, PACKETS);
}
END_TEST

START_TEST(progress_is_counted_in_octets_of_the_file)
{
	struct bytes pcap = make_pcap(MICRO, false), gzip = gzipped(pcap.at, pcap.len);
	struct seen seen = {.n = 0};
	struct capture *c = open_bytes(&pcap, NULL);
	struct capture_stats stats;
	uint64_t at, size;
	int count;

	ck_assert_int_eq(capture_dispatch(c, 2, see, &seen, &count), CAPTURE_OK);
	ck_assert_int_eq(count, 2);
	capture_position(c, &at, &size);
	ck_assert_uint_eq(at, 24 + 2 * (16 + PACKET_LEN));
	ck_assert_uint_eq(size, pcap.len);
	ck_assert(!capture_stats(c, &stats));
	capture_close(c);

	c = open_bytes(&gzip, NULL);
	ck_assert_int_eq(capture_dispatch(c, 0, see, &seen, &count), CAPTURE_END);
	ck_assert_int_eq(count, PACKETS);
	capture_position(c, &at, &size);
	ck_assert_uint_eq(at, gzip.len);
	ck_assert_uint_eq(size, gzip.len);
	capture_close(c);
	capture_close(NULL);
}
END_TEST

START_TEST(an_interface_that_cannot_be_opened_says_why)
{
	enum capture_fault fault = CAPTURE_FAULT_NONE;
	char *error = NULL;

	ck_assert_ptr_null(capture_open_interface("nosuchif0", &plain, &fault, &error));
	/* only who may capture gets as far as the name */
	ck_assert(fault == CAPTURE_FAULT_CALLER || fault == CAPTURE_FAULT_SYSTEM);
	ck_assert_msg(strstr(error, "nosuchif0: ") != NULL, "%s", error);
	free(error);
}
END_TEST

START_TEST(the_library_has_a_version)
{
	ck_assert_ptr_nonnull(strstr(capture_library_version(), "libpcap"));
}
END_TEST

START_TEST(a_link_type_has_a_name_for_people)
{
	ck_assert_str_eq(capture_link_name(1), "Ethernet");
	ck_assert_str_eq(capture_link_name(105), "802.11");
	ck_assert_str_eq(capture_link_name(-1), "unknown to libpcap");
}
END_TEST

UNIT_MAIN("capture", a_link_type_has_a_name_for_people, every_form_of_file_gives_the_same_frames,
          compressed_files_are_told_by_their_content,
          standard_input_may_come_octet_by_octet_and_compressed,
          a_cut_file_gives_its_whole_packets_and_says_where, a_cut_pcapng_gives_its_whole_packets,
          a_cut_compressed_file_gives_its_whole_packets_and_says_where,
          a_record_that_cannot_be_is_damage, times_that_cannot_be_are_made_possible,
          a_time_past_all_calendars_stays_within_them,
          what_is_no_capture_is_refused_with_what_to_do,
          interfaces_that_differ_name_the_command_that_helps,
          paths_that_lead_nowhere_are_the_callers_fault,
          a_file_that_may_not_be_read_is_the_systems_fault,
          a_filter_holds_back_what_it_does_not_match, a_wrong_filter_is_the_callers_fault,
          a_file_is_known_again_and_a_changed_one_is_not,
          a_pipe_has_no_identity_and_keeps_its_octets, progress_is_counted_in_octets_of_the_file,
          an_interface_that_cannot_be_opened_says_why, the_library_has_a_version)
