/* NTLMSSP messages: the server's names from a challenge, and a hash of the user for comparison.
 * Reads octet by octet over a window of eight, so that no message is ever kept. */
#include "ntlm.h"

#include "terrier/base/text.h"

#include <string.h>

#define SIGNATURE UINT64_C(0x005053534d4c544e) /* `NTLMSSP` NUL, least octet first */

enum {
	FIELD_MAX = 16384, /* a field that lies further behind the start is none */
	CHALLENGE = 2,
	AUTHENTICATE = 3,
	HAS_TARGET_INFO = 0x00800000, /* NTLMSSP_NEGOTIATE_TARGET_INFO, 2.2.2.5 */
};

enum av_id { AV_EOL = 0, AV_NETBIOS_COMPUTER = 1, AV_DNS_COMPUTER = 3 };

/* What the octet at hand belongs to. */
enum part {
	LOOK, /* for a signature */
	TYPE,
	FLAGS,
	TARGET_FIELD,
	USER_FIELD,
	BEFORE_PAIRS,
	PAIR,
	VALUE,
	USER,
};

void ntlm_begin(struct ntlm *n)
{
	*n = (struct ntlm){.user = n->user};
}

void ntlm_hash_begin(uint64_t *hash)
{
	*hash = UINT64_C(14695981039346656037); /* FNV-1a */
}

void ntlm_hash_add(uint64_t *hash, uint8_t c)
{
	if (c == '\\' || c == '/') {
		ntlm_hash_begin(hash);
	} else if (c != 0) {
		*hash = (*hash ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * UINT64_C(1099511628211);
	}
}

/* The fields {length, longest, offset} of 2.2.1 are the last eight octets. */
static void open_field(struct ntlm *n, enum part part)
{
	uint32_t len = n->window & 0xffff, from = (uint32_t)(n->window >> 32);
	bool is_sound = len > 0 && from >= n->at && from < FIELD_MAX;

	n->from = from;
	n->to = from + len;
	n->part = (uint8_t)(is_sound ? part : LOOK);
}

static void say_name(struct ntlm *n, enum side side, struct sink *sink)
{
	char dns[NTLM_DNS_MAX + 1];

	text_copy(dns, sizeof dns, n->dns, n->n_dns);
	text_lower(dns);
	if (text_is_hostname(dns, n->n_dns)) {
		sink_name(sink, side, NAME_NTLM, dns, n->n_dns);
	} else if (text_is_hostname(n->netbios, n->n_netbios)) {
		sink_name(sink, side, NAME_NTLM, n->netbios, n->n_netbios);
	}
	n->n_dns = n->n_netbios = 0;
	n->part = LOOK;
}

/* AV_PAIR, 2.2.2.1: the head is complete. */
static bool open_pair(struct ntlm *n)
{
	n->pair = (uint16_t)(n->window >> 32);
	n->pair_left = (uint16_t)(n->window >> 48);
	n->part = n->pair_left > 0 ? VALUE : PAIR;
	n->from = n->at;
	return n->pair != AV_EOL && n->pair_left <= n->to - n->at;
}

/* A character is complete; a name with one that no host name has is none, and so is one too long.
 */
static void add_character(struct ntlm *n)
{
	bool is_dns = n->pair == AV_DNS_COMPUTER;
	char *name = is_dns ? n->dns : n->netbios;
	uint8_t *len = is_dns ? &n->n_dns : &n->n_netbios;
	unsigned max = is_dns ? NTLM_DNS_MAX : NTLM_NETBIOS_MAX;
	unsigned c = (unsigned)(n->window >> 48);

	if (n->pair != AV_DNS_COMPUTER && n->pair != AV_NETBIOS_COMPUTER) {
		return;
	}
	if (c < 0x21 || c > 0x7e || *len == max) {
		n->pair = UINT16_MAX;
		*len = 0;
	} else {
		name[(*len)++] = (char)c;
	}
}

/* Takes the octet that was added to the window; true when the target info is complete. */
static bool step_pairs(struct ntlm *n)
{
	bool goes_on = true;

	if (n->part == PAIR && n->at - n->from == 4) {
		goes_on = open_pair(n);
	} else if (n->part == VALUE) {
		if ((n->at - n->from) % 2 == 0) {
			add_character(n);
		}
		if (--n->pair_left == 0) {
			n->part = PAIR;
			n->from = n->at;
		}
	}
	return !goes_on || n->at >= n->to;
}

static void step_user(struct ntlm *n, uint8_t c)
{
	if (n->at == n->from + 1) {
		ntlm_hash_begin(&n->user);
	}
	if (n->at > n->from) {
		if (c == '@') {
			n->to = n->at; /* its high octet cannot matter */
		} else {
			ntlm_hash_add(&n->user, c);
		}
	}
	if (n->at > n->from && n->at >= n->to) {
		n->part = LOOK;
	}
}

/* The fixed head of a message, up to the place of what is wanted. */
static void step_head(struct ntlm *n)
{
	uint32_t last = (uint32_t)(n->window >> 32);

	if (n->part == LOOK && n->window == SIGNATURE) {
		n->at = 8;
		n->n_dns = n->n_netbios = 0;
		n->part = TYPE;
	} else if (n->part == TYPE && n->at == 12) {
		n->part = last == CHALLENGE ? FLAGS : last == AUTHENTICATE ? USER_FIELD : LOOK;
	} else if (n->part == FLAGS && n->at == 24) {
		n->part = (last & HAS_TARGET_INFO) != 0 ? TARGET_FIELD : LOOK;
	} else if (n->part == TARGET_FIELD && n->at == 48) {
		open_field(n, BEFORE_PAIRS);
	} else if (n->part == USER_FIELD && n->at == 44) {
		open_field(n, USER);
	}
	if (n->part == BEFORE_PAIRS && n->at == n->from) {
		n->part = PAIR;
	}
}

void ntlm_take(struct ntlm *n, enum side side, struct cursor bytes, struct sink *sink)
{
	while (cur_left(&bytes) > 0) {
		uint8_t c = cur_u8(&bytes);

		n->window = n->window >> 8 | (uint64_t)c << 56;
		n->at++;
		if (n->part == USER) {
			step_user(n, c);
		} else if (n->part == PAIR || n->part == VALUE) {
			if (step_pairs(n)) {
				say_name(n, side, sink);
			}
		} else {
			step_head(n);
		}
	}
}
