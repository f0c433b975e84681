/* BER and DER, as far as the directory protocols and SNMP use it (X.690 8.1): elements in place, by
 * definite length. */
#include "ber.h"

static bool fail(struct cursor *c)
{
	c->p = c->end;
	c->bad = true;
	return false;
}

/* X.690 8.1.3: short form, or long form of one to four octets; 0x80 (indefinite) is refused. */
static uint32_t length_read(struct cursor *c)
{
	uint32_t len = cur_u8(c);
	unsigned octets = len & 0x7f;

	if (len < 0x80) {
		return len;
	}
	if (octets == 0 || octets > 4) {
		fail(c);
		return 0;
	}
	for (len = 0; octets > 0; octets--) {
		len = len << 8 | cur_u8(c);
	}
	return len;
}

bool ber_read(struct cursor *c, struct ber *out)
{
	out->tag = cur_u8(c);
	out->len = length_read(c);
	if (c->bad || (out->tag & 0x1f) == 0x1f) {
		return fail(c);
	}
	out->is_cut = out->len > cur_left(c);
	out->body = cur_sub(c, out->is_cut ? cur_left(c) : out->len);
	return true;
}

bool ber_enter(struct cursor *c, uint8_t tag, struct cursor *body)
{
	struct ber element;

	if (!ber_read(c, &element) || element.tag != tag) {
		return fail(c);
	}
	*body = element.body;
	return true;
}

bool ber_find(struct cursor *c, uint8_t tag, struct cursor *body)
{
	struct ber element;

	while (cur_left(c) > 0 && ber_read(c, &element)) {
		if (element.tag == tag) {
			*body = element.body;
			return true;
		}
	}
	return false;
}

bool ber_number(struct cursor *c, uint8_t tag, uint32_t *value)
{
	struct ber element;
	uint64_t sum = 0;

	if (!ber_read(c, &element) || element.tag != tag || element.is_cut || element.len == 0 ||
	    element.len > 5) {
		return fail(c);
	}
	while (cur_left(&element.body) > 0) {
		sum = sum << 8 | cur_u8(&element.body);
	}
	if (sum > INT32_MAX || sum >> (8 * element.len - 1) != 0) { /* too large, or negative */
		return fail(c);
	}
	*value = (uint32_t)sum;
	return true;
}
