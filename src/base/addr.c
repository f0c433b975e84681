/* Addresses and address blocks: parse, print, compare. Nothing here touches the network. */
#include "terrier/base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

void addr_from_v4(struct addr *out, const uint8_t octets[4])
{
	memcpy(out->b, mapped, sizeof mapped);
	memcpy(out->b + 12, octets, 4);
}

bool addr_is_v4(const struct addr *a)
{
	return memcmp(a->b, mapped, sizeof mapped) == 0;
}

int addr_cmp(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof a->b);
}

static enum addr_class classify_v4(const uint8_t *v4)
{
	static const uint8_t ones[4] = {255, 255, 255, 255};

	if (v4[0] == 0) {
		return ADDR_UNSPECIFIED;
	}
	if (v4[0] == 127) {
		return ADDR_LOOPBACK;
	}
	if (memcmp(v4, ones, 4) == 0) {
		return ADDR_BROADCAST;
	}
	return (v4[0] & 0xf0) == 0xe0 ? ADDR_MULTICAST : ADDR_HOST;
}

enum addr_class addr_classify(const struct addr *a)
{
	static const uint8_t zero[15];

	if (addr_is_v4(a)) {
		return classify_v4(a->b + 12);
	}
	if (a->b[0] == 0xff) {
		return ADDR_MULTICAST;
	}
	if (memcmp(a->b, zero, sizeof zero) == 0 && a->b[15] <= 1) {
		return a->b[15] == 0 ? ADDR_UNSPECIFIED : ADDR_LOOPBACK;
	}
	return ADDR_HOST;
}

char *addr_format(const struct addr *a, char out[ADDR_TEXT_MAX])
{
	bool v4 = addr_is_v4(a);

	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? a->b + 12 : a->b, out, ADDR_TEXT_MAX);
	return out;
}

bool addr_parse(const char *text, struct addr *out)
{
	uint8_t octets[16];

	if (inet_pton(AF_INET, text, octets) == 1) {
		addr_from_v4(out, octets);
		return true;
	}
	if (inet_pton(AF_INET6, text, octets) == 1) {
		memcpy(out->b, octets, sizeof out->b);
		return true;
	}
	return false;
}

/* Reads the decimal behind the slash; negative when it is not a whole number of at most three digits. */
static int parse_bits(const char *text)
{
	char *end;
	long bits;

	if (text[0] < '0' || text[0] > '9' || strlen(text) > 3) {
		return -1;
	}
	bits = strtol(text, &end, 10);
	return *end == '\0' ? (int)bits : -1;
}

bool prefix_parse(const char *text, struct prefix *out)
{
	char copy[PREFIX_TEXT_MAX];
	struct prefix p;
	char *slash;
	int bits = 128;

	if (strlen(text) >= sizeof copy) {
		return false;
	}
	memcpy(copy, text, strlen(text) + 1);
	slash = strchr(copy, '/');
	if (slash != NULL) {
		*slash = '\0';
		bits = parse_bits(slash + 1);
	}
	if (!addr_parse(copy, &p.addr)) {
		return false;
	}
	if (slash != NULL && strchr(copy, ':') == NULL) {
		bits = bits < 0 || bits > 32 ? -1 : bits + 96;
	}
	if (bits < 0 || bits > 128) {
		return false;
	}
	p.bits = (uint8_t)bits;
	struct prefix clean = prefix_of(&p.addr, p.bits);
	if (addr_cmp(&clean.addr, &p.addr) != 0) {
		return false;
	}
	*out = p;
	return true;
}

char *prefix_format(const struct prefix *p, char out[PREFIX_TEXT_MAX])
{
	bool v4 = addr_is_v4(&p->addr) && p->bits >= 96;
	size_t len;

	addr_format(&p->addr, out);
	if (p->bits < 128) {
		len = strlen(out);
		snprintf(out + len, PREFIX_TEXT_MAX - len, "/%d", v4 ? p->bits - 96 : p->bits);
	}
	return out;
}

bool prefix_has(const struct prefix *p, const struct addr *a)
{
	struct prefix other = prefix_of(a, p->bits);

	/* ::/0 is "all of IPv6" and 0.0.0.0/0 "all of IPv4" to the people who write them */
	if (p->bits < 96 && addr_is_v4(a)) {
		return false;
	}
	return addr_cmp(&other.addr, &p->addr) == 0;
}

struct prefix prefix_of(const struct addr *a, uint8_t bits)
{
	struct prefix p = {.addr = *a, .bits = bits};
	unsigned int whole = bits / 8u;

	if (whole < 16) {
		p.addr.b[whole] &= (uint8_t)(0xff00u >> (bits % 8u));
		memset(p.addr.b + whole + 1, 0, 15u - whole);
	}
	return p;
}
