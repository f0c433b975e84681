/* Tells a message of SMB by its length and signature, also in the middle of a stream. */
#include "smb.h"

static bool is_smb_port(const struct dissect_flow *flow)
{
	return flow->port[0] == 445 || flow->port[1] == 445 || flow->port[0] == 139 ||
	       flow->port[1] == 139;
}

/* The first octets of a header behind the signature, as far as they are here (MS-CIFS 2.2.3.1,
 * MS-SMB2 2.2.1). */
static bool is_header(uint8_t signature, struct cursor c)
{
	if (signature == 0xfe) {
		uint16_t size = cur_le16(&c);

		cur_skip(&c, 6);
		return c.bad || (size == 64 && cur_le16(&c) <= 0x13);
	}
	if (signature == 0xff) {
		cur_skip(&c, 6);
		uint16_t flags2 = cur_le16(&c);

		return c.bad || (flags2 & 0x03a0) == 0; /* bits that nobody defined */
	}
	return true;
}

static bool starts_here(struct cursor c)
{
	uint64_t window = cur_u64(&c);

	return !c.bad && smb_is_start(window) && is_header((uint8_t)(window >> 24), c);
}

/* A start behind the first octet, where the port says what to look for. */
static size_t find_start(struct cursor c)
{
	const uint8_t *begin = c.p, *p = c.p;

	while (p < c.end && (p = memchr(p, 'M', (size_t)(c.end - p))) != NULL) {
		if (p - begin >= 6 && starts_here(cur_make(p - 6, (size_t)(c.end - p) + 6))) {
			return (size_t)(p - 6 - begin) + 1;
		}
		p++;
	}
	return 0;
}

/* The frame's head may come alone; on port 139 a session is asked for first (RFC 1002 4.3.2: a name
 * takes 34 octets). */
static bool is_lone_head(struct cursor c)
{
	size_t len = cur_left(&c);
	uint32_t head = cur_u32(&c);

	if (head == 0x81000044) {
		return len >= 5 && *c.p == 0x20;
	}
	return len == 4 && head >= 32 && head <= 0x00ffffff;
}

size_t smb_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	(void)side;
	if (starts_here(bytes)) {
		return 1;
	}
	if (!is_smb_port(flow) || cur_left(&bytes) < 4) {
		return 0;
	}
	return is_lone_head(bytes) ? 1 : find_start(bytes);
}
