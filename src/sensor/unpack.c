/* The home of zlib and libzstd: compressed captures become a stream that libpcap can read. What is
 * cut or corrupt gives all octets before the damage, then a read error with its reason in
 * unpack_fault(). */
#include "terrier/sensor/unpack.h"

#include "terrier/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#define IN_SIZE ((size_t)256 << 10)
#define STREAM_SIZE                                                                                \
	((size_t)1 << 20) /* large reads: the stream's refill is the only system call              \
	                   */
#define TELL_SIZE 4       /* octets of the magics below */

/* Decompresses from u->next into `out`; `*made` gets the octets written. False is corruption. */
typedef bool unpack_step(struct unpack *u, char *out, size_t size, size_t *made);

struct unpack {
	int fd;
	const char *form;
	unpack_step *step; /* NULL: as it is stored */
	z_stream z;
	ZSTD_DStream *zstd;
	const uint8_t *next; /* what was read and not yet used, within `in` */
	size_t left;
	uint64_t taken;     /* octets read from the descriptor */
	uint64_t delivered; /* octets given to the stream */
	bool is_whole;      /* an end here is an end as it should be */
	bool at_end;
	bool is_unreadable;
	char fault[128];
	uint8_t head[UNPACK_HEAD_MAX];
	size_t head_len;
	uint8_t in[IN_SIZE];
	char stream[STREAM_SIZE];
};

static ssize_t fail(struct unpack *u, const char *what, const char *why)
{
	if (u->fault[0] == '\0') {
		snprintf(u->fault, sizeof u->fault, "%s: %s", what, why);
	}
	errno = EIO;
	return -1;
}

static ssize_t read_some(struct unpack *u, void *out, size_t size)
{
	ssize_t n;

	do {
		n = read(u->fd, out, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		u->is_unreadable = true;
		return fail(u, "reading failed", strerror(errno));
	}
	u->taken += (uint64_t)n;
	u->at_end = n == 0;
	return n;
}

/* Adds to the octets in hand, which lie at the start of `in`; false on error. */
static bool fill(struct unpack *u, size_t used)
{
	ssize_t n = read_some(u, u->in + used, sizeof u->in - used);

	u->next = u->in;
	u->left = used + (n > 0 ? (size_t)n : 0);
	return n >= 0;
}

static bool step_gzip(struct unpack *u, char *out, size_t size, size_t *made)
{
	int rc;

	if (u->is_whole) {
		/* tapes and block devices pad with zeros, which gzip(1) ignores, too */
		for (; u->left > 0 && *u->next == 0; u->next++) {
			u->left--;
		}
		if (u->left == 0) {
			return true;
		}
		inflateReset(&u->z);
	}
	u->z.next_in = u->next;
	u->z.avail_in = (uInt)u->left;
	u->z.next_out = (Bytef *)out;
	u->z.avail_out = size < UINT32_MAX ? (uInt)size : UINT32_MAX;
	rc = inflate(&u->z, Z_NO_FLUSH);
	*made = (size_t)(u->z.next_out - (Bytef *)out);
	u->next = u->z.next_in;
	u->left = u->z.avail_in;
	u->is_whole = rc == Z_STREAM_END;
	if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR) {
		return true;
	}
	fail(u, "gzip: data is corrupt", u->z.msg != NULL ? u->z.msg : zError(rc));
	return false;
}

static bool step_zstd(struct unpack *u, char *out, size_t size, size_t *made)
{
	ZSTD_inBuffer in = {.src = u->next, .size = u->left};
	ZSTD_outBuffer to = {.dst = out, .size = size};
	size_t rc = ZSTD_decompressStream(u->zstd, &to, &in);

	*made = to.pos;
	u->next += in.pos;
	u->left -= in.pos;
	u->is_whole = rc == 0;
	if (!ZSTD_isError(rc)) {
		return true;
	}
	fail(u, "zstd: data is corrupt", ZSTD_getErrorName(rc));
	return false;
}

static ssize_t read_unpacked(struct unpack *u, char *out, size_t size)
{
	size_t made = 0;

	while (made == 0) {
		bool sound;

		if (u->left == 0 && !u->at_end && !fill(u, 0)) {
			return -1;
		}
		if (u->left == 0 && u->is_whole) {
			return 0;
		}
		/* at the end the library may still hold octets that found no room before */
		sound = u->step(u, out, size, &made);
		if (made == 0 && !sound) {
			return -1;
		}
		if (made == 0 && u->left == 0 && u->at_end && !u->is_whole) {
			return fail(u, u->form, "data is cut short");
		}
	}
	return (ssize_t)made;
}

static ssize_t read_plain(struct unpack *u, char *out, size_t size)
{
	size_t n = u->left < size ? u->left : size;

	if (n == 0) {
		return read_some(u, out, size);
	}
	memcpy(out, u->next, n);
	u->next += n;
	u->left -= n;
	return (ssize_t)n;
}

static ssize_t cookie_read(void *cookie, char *out, size_t size)
{
	struct unpack *u = cookie;
	ssize_t n;

	if (u->fault[0] != '\0') {
		errno = EIO;
		return -1;
	}
	n = u->step != NULL ? read_unpacked(u, out, size) : read_plain(u, out, size);
	if (n <= 0) {
		return n;
	}
	if (u->head_len < sizeof u->head) {
		size_t room = sizeof u->head - u->head_len;
		size_t more = (size_t)n < room ? (size_t)n : room;

		memcpy(u->head + u->head_len, out, more);
		u->head_len += more;
	}
	u->delivered += (uint64_t)n;
	return n;
}

/* Answers ftello() and nothing else. */
static int cookie_seek(void *cookie, off64_t *offset, int whence)
{
	const struct unpack *u = cookie;

	if (whence != SEEK_CUR || *offset != 0) {
		errno = ESPIPE;
		return -1;
	}
	*offset = (off64_t)u->delivered;
	return 0;
}

static bool is_zstd(const uint8_t *p)
{
	static const uint8_t frame[TELL_SIZE] = {0x28, 0xb5, 0x2f, 0xfd};
	static const uint8_t skippable[3] = {0x2a, 0x4d, 0x18};

	return memcmp(p, frame, sizeof frame) == 0 ||
	       ((p[0] & 0xf0) == 0x50 && memcmp(p + 1, skippable, sizeof skippable) == 0);
}

static void tell_form(struct unpack *u)
{
	static const uint8_t gzip[3] = {0x1f, 0x8b, 8};

	if (u->left < TELL_SIZE) {
		return;
	}
	if (memcmp(u->next, gzip, sizeof gzip) == 0 && inflateInit2(&u->z, 15 + 16) == Z_OK) {
		u->form = "gzip";
		u->step = step_gzip;
	} else if (is_zstd(u->next) && (u->zstd = ZSTD_createDStream()) != NULL) {
		u->form = "zstd";
		u->step = step_zstd;
	}
	u->is_whole = u->step == NULL;
}

struct unpack *unpack_open(int fd)
{
	struct unpack *u = mem_zalloc(1, sizeof *u);

	u->fd = fd;
	u->next = u->in;
	while (u->left < TELL_SIZE && fill(u, u->left) && !u->at_end) {
		/* a pipe may give its first octets one by one */
	}
	tell_form(u);
	return u;
}

FILE *unpack_stream(struct unpack *u)
{
	cookie_io_functions_t functions = {.read = cookie_read, .seek = cookie_seek};
	FILE *stream = fopencookie(u, "rb", functions);

	if (stream != NULL) {
		setvbuf(stream, u->stream, _IOFBF, sizeof u->stream);
	}
	return stream;
}

const char *unpack_form(const struct unpack *u)
{
	return u->form;
}

uint64_t unpack_consumed(const struct unpack *u)
{
	return u->taken - u->left;
}

const uint8_t *unpack_head(const struct unpack *u, size_t *len)
{
	*len = u->head_len;
	return u->head;
}

const char *unpack_fault(const struct unpack *u)
{
	return u->fault[0] != '\0' ? u->fault : NULL;
}

bool unpack_is_unreadable(const struct unpack *u)
{
	return u->is_unreadable;
}

void unpack_close(struct unpack *u)
{
	if (u == NULL) {
		return;
	}
	if (u->step == step_gzip) {
		inflateEnd(&u->z);
	}
	ZSTD_freeDStream(u->zstd);
	if (u->fd != STDIN_FILENO) {
		close(u->fd);
	}
	free(u);
}
