/* Reads a finished workbook again. libxlsxwriter puts its sheets together in temporary files and
 * does not look whether they could be written: on a full disk a sheet would lack its end, and
 * nobody be told. */
#include "xlsx_check.h"

#include "terrier/base/cursor.h"

#include <string.h>
#include <zlib.h>

#define LOCAL_HEADER UINT32_C(0x04034b50)
#define DEFLATED     8
#define CHUNK        65536
#define TAG_MAX      64

/* How the part begins and ends, as far as it was unpacked. */
struct ends {
	char head[2 * TAG_MAX + 1], tail[TAG_MAX + 1];
	size_t head_len, tail_len;
};

static void note(struct ends *e, const char *bytes, size_t len)
{
	size_t room = sizeof e->head - 1 - e->head_len, taken = len < room ? len : room, kept;

	memcpy(e->head + e->head_len, bytes, taken);
	e->head_len += taken;
	if (len > TAG_MAX) {
		bytes += len - TAG_MAX;
		len = TAG_MAX;
	}
	kept = e->tail_len + len > TAG_MAX ? TAG_MAX - len : e->tail_len;
	memmove(e->tail, e->tail + e->tail_len - kept, kept);
	memcpy(e->tail + kept, bytes, len);
	e->tail_len = kept + len;
}

/* The root's name is the first behind the declaration: "<?xml …?>\n<worksheet xmlns=…". */
static bool is_closed(const struct ends *e)
{
	const char *root = strstr(e->head, "?>"), *end = e->tail + e->tail_len;
	size_t name;

	root = root != NULL ? strchr(root, '<') : NULL;
	name = root != NULL ? strcspn(root + 1, " />") : 0;
	while (end > e->tail && end[-1] == '\n') {
		end--;
	}
	return name > 0 && (size_t)(end - e->tail) >= name + 3 &&
	       memcmp(end - name - 3, "</", 2) == 0 &&
	       memcmp(end - name - 1, root + 1, name) == 0 && end[-1] == '>';
}

static bool is_part_whole(const uint8_t *packed, size_t len)
{
	struct ends ends = {.head_len = 0};
	char chunk[CHUNK];
	z_stream z = {.next_in = (Bytef *)packed, .avail_in = (uInt)len};
	int result;

	if (inflateInit2(&z, -MAX_WBITS) != Z_OK) {
		return false;
	}
	do {
		z.next_out = (Bytef *)chunk;
		z.avail_out = sizeof chunk;
		result = inflate(&z, Z_NO_FLUSH);
		note(&ends, chunk, sizeof chunk - z.avail_out);
	} while (result == Z_OK);
	inflateEnd(&z);
	return result == Z_STREAM_END && is_closed(&ends);
}
bool xlsx_is_whole(const uint8_t *zip, size_t len)
{
	struct cursor c = cur_make(zip, len);
	bool is_whole = true;
	size_t parts = 0;

	while (is_whole && cur_left(&c) >= 4 && cur_le32(&c) == LOCAL_HEADER) {
		uint32_t method, size, name, extra;
		const uint8_t *packed;

		cur_skip(&c, 4); /* version, flags */
		method = cur_le16(&c);
		cur_skip(&c, 8); /* time, checksum */
		size = cur_le32(&c);
		cur_skip(&c, 4); /* size unpacked */
		name = cur_le16(&c);
		extra = cur_le16(&c);
		cur_skip(&c, (size_t)name + extra);
		packed = cur_take(&c, size);
		is_whole = packed != NULL && method == DEFLATED && is_part_whole(packed, size);
		parts++;
	}
	return is_whole && parts > 0;
}
