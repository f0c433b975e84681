/* TLS (RFC 8446, 5246): reads both hellos and, up to TLS 1.2, the server's first certificate, for
 * the names, the version and the application protocol; then the lengths of the first records, to tell
 * content from set-up. Messages may span records and segments and are larger than our state, so they
 * are read step by step and skipped by length, never gathered. */
#include "terrier/dissect.h"

#include "host.h"

#include <stdio.h>
#include <string.h>

enum { RECORD_CCS = 20, RECORD_HANDSHAKE = 22, RECORD_DATA = 23 };
enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11, SERVER_HELLO_DONE = 14 };
enum { EXT_SERVER_NAME = 0, EXT_ALPN = 16, EXT_VERSIONS = 43, EXT_ECH = 0xfe0d };

#define RECORD_HEADER 5
#define RECORD_MAX    (16384 + 2048) /* RFC 5246 6.2.3 */
#define MESSAGE_MAX   65536
#define BUDGET        16384 /* octets looked at of a connection */
#define VALUE_MAX     208   /* longest field that is read: an SNI extension */

/* What the next octets of a message are. */
enum step {
	STEP_SKIP, /* nothing of interest to its end */
	STEP_HEADER,
	STEP_HELLO,   /* version, random, length of the session id */
	STEP_CIPHERS, /* client: their length; server: the one, and compression */
	STEP_COMPRESSION,
	STEP_EXTENSIONS, /* their length */
	STEP_EXTENSION,  /* type and length */
	STEP_EXTENSION_BODY,
	STEP_CHAIN,      /* lengths of the list and of the first certificate */
	STEP_DER,        /* tag and length of a DER value */
	STEP_DER_LENGTH, /* the rest of a long length */
	STEP_DER_VALUE,
};

/* When content begins: up to TLS 1.2 with the first encrypted record of type 23; in 1.3, where the
 * handshake looks like data, behind the client's first one, its Finished (RFC 8446 4.4.4). */
enum phase { PHASE_SET_UP, PHASE_FINISHED, PHASE_CONTENT };

enum oid { OID_OTHER, OID_COMMON_NAME, OID_ALT_NAMES };

/* One direction. `want` octets are gathered in `value` before the step is taken, after `skip` are
 * passed. */
struct half {
	uint8_t record[RECORD_HEADER], record_have;
	uint8_t step, message, tag, oid;
	uint16_t extension, version; /* of the hello */
	uint16_t record_left;
	uint32_t message_left, skip;
	uint32_t der_at, der_end, names_end; /* in the certificate */
	uint8_t want, have;
	bool after_validity; /* names from here on are the subject's */
	bool hello_seen, is_over; /* over: nothing more to read */
	bool is_astray;           /* record headers can no longer be found */
	uint8_t n_content;        /* records of content */
	uint32_t content;         /* octets of these */
	char value[VALUE_MAX];
};

struct tls {
	struct half half[2];
	uint32_t seen; /* octets of both */
	int entry;
	bool has_entry, is_hidden, has_name;
	uint8_t phase;          /* enum phase */
	uint8_t client;         /* enum side; valid once a hello was seen */
	uint16_t first_content; /* length of the server's first record of content */
	char host[HOST_MAX];
};

static void expect(struct half *h, enum step step, uint32_t skip, uint8_t want)
{
	h->step = (uint8_t)step;
	h->skip = skip;
	h->want = want;
	h->have = 0;
}

static void fact(struct sink *sink, const char *name, const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (value[i] <= ' ' || value[i] > '~') {
			return; /* GREASE (RFC 8701) */
		}
	}
	sink_fact(sink, name, value, len);
}

static void name_book(struct tls *tls, const char *host, enum side client, struct sink *sink)
{
	tls->entry = sink_evidence(sink, EVIDENCE_TLS_SNI, host, client, INFO_MSG, 0);
	tls->has_entry = true;
}

/* RFC 6066 3: one list, of which only host names (type 0) exist. */
static void server_name_read(struct tls *tls, struct cursor c)
{
	const uint8_t *name;
	uint16_t len;

	cur_skip(&c, 2);
	if (cur_u8(&c) != 0) {
		return;
	}
	len = cur_u16(&c);
	name = cur_take(&c, len);
	if (name != NULL) {
		host_keep(tls->host, (const char *)name, len);
	}
}

static void extension_read(struct tls *tls, struct half *h, struct sink *sink)
{
	struct cursor c = cur_make(h->value, h->have);
	bool is_client = h->message == CLIENT_HELLO;
	uint8_t len;
	const uint8_t *first;

	switch (h->extension) {
	case EXT_SERVER_NAME:
		if (is_client) {
			server_name_read(tls, c);
		}
		break;
	case EXT_ALPN: /* RFC 7301: a list; the server's holds the one it chose */
		cur_skip(&c, 2);
		len = cur_u8(&c);
		first = cur_take(&c, len);
		if (first != NULL) {
			fact(sink, is_client ? "ALPN offered" : "ALPN", (const char *)first, len);
		}
		break;
	case EXT_VERSIONS: /* the server's is what both speak (RFC 8446 4.2.1) */
		if (!is_client) {
			h->version = cur_u16(&c);
		}
		break;
	default:
		break;
	}
}

static bool extension_matters(uint16_t type)
{
	return type == EXT_SERVER_NAME || type == EXT_ALPN || type == EXT_VERSIONS;
}

static void step_hello(struct tls *tls, struct half *h, struct sink *sink)
{
	struct cursor c = cur_make(h->value, h->have);
	uint16_t len;

	switch (h->step) {
	case STEP_HELLO:
		h->version = cur_u16(&c);
		cur_skip(&c, 32);
		expect(h, STEP_CIPHERS, cur_u8(&c), h->message == CLIENT_HELLO ? 2 : 3);
		break;
	case STEP_CIPHERS:
		if (h->message == CLIENT_HELLO) {
			expect(h, STEP_COMPRESSION, cur_u16(&c), 1);
		} else {
			expect(h, STEP_EXTENSIONS, 0, 2);
		}
		break;
	case STEP_COMPRESSION:
		expect(h, STEP_EXTENSIONS, cur_u8(&c), 2);
		break;
	case STEP_EXTENSION:
		h->extension = cur_u16(&c);
		len = cur_u16(&c);
		tls->is_hidden =
		        tls->is_hidden || (h->extension == EXT_ECH && h->message == CLIENT_HELLO);
		if (extension_matters(h->extension) && len > 0 && len <= VALUE_MAX) {
			expect(h, STEP_EXTENSION_BODY, 0, (uint8_t)len);
		} else {
			expect(h, STEP_EXTENSION, len, 4);
		}
		break;
	case STEP_EXTENSION_BODY:
		extension_read(tls, h, sink);
		expect(h, STEP_EXTENSION, 0, 4);
		break;
	default: /* STEP_EXTENSIONS */
		expect(h, STEP_EXTENSION, 0, 4);
		break;
	}
}

/* A wildcard names no host; it is a fact, and says whose service this is. */
static void certificate_name(struct tls *tls, const char *text, size_t len, enum side server,
                             struct sink *sink)
{
	char host[HOST_MAX];
	bool is_wildcard = len > 2 && text[0] == '*' && text[1] == '.';

	if (is_wildcard) {
		text += 2;
		len -= 2;
	}
	if (tls->has_name || host_keep(host, text, len) == 0 || strchr(host, '.') == NULL) {
		return;
	}
	tls->has_name = !is_wildcard;
	if (is_wildcard) {
		char fact_text[HOST_MAX + 2];
		int n = snprintf(fact_text, sizeof fact_text, "*.%s", host);

		sink_fact(sink, "TLS certificate", fact_text, (size_t)n);
	} else {
		sink_name(sink, server, NAME_CERTIFICATE, host, strlen(host));
	}
	if (!tls->has_entry && !tls->is_hidden) {
		name_book(tls, host, (enum side) !server, sink);
	}
}

static enum oid oid_read(const struct cursor *c)
{
	if (cur_is(c, "\x55\x04\x03", 3)) { /* 2.5.4.3 */
		return OID_COMMON_NAME;
	}
	return cur_is(c, "\x55\x1d\x11", 3) ? OID_ALT_NAMES : OID_OTHER; /* 2.5.29.17 */
}

/* Walks the values of a certificate (RFC 5280 4.1) without keeping count of their nesting: what is
 * constructed is entered. The subject follows the validity; alternative names follow their OID. */
static void der_enter(struct half *h, uint32_t len)
{
	bool in_names = h->der_at < h->names_end;
	bool is_string = h->tag == 0x0c || h->tag == 0x13 || h->tag == 0x14 || h->tag == 0x16;
	bool is_name = (is_string && h->oid == OID_COMMON_NAME && h->after_validity && !in_names) ||
	               (h->tag == 0x82 && in_names);

	if (h->tag == 0x17 || h->tag == 0x18) {
		h->after_validity = true;
	}
	if (h->tag == 0x04 && h->oid == OID_ALT_NAMES) {
		h->names_end = h->der_at + len;
		h->oid = OID_OTHER;
		expect(h, STEP_DER, 0, 2);
	} else if ((h->tag & 0x20) != 0) {
		expect(h, STEP_DER, 0, 2);
	} else if (len > 0 && ((h->tag == 0x06 && len == 3) || (is_name && len <= VALUE_MAX))) {
		expect(h, STEP_DER_VALUE, 0, (uint8_t)len);
	} else {
		h->oid = h->tag == 0x06 ? OID_OTHER : h->oid;
		expect(h, STEP_DER, len, 2);
	}
	h->der_at += h->skip;
}

static void step_certificate(struct tls *tls, struct half *h, enum side side, struct sink *sink)
{
	struct cursor c = cur_make(h->value, h->have);
	uint32_t len = 0;

	if (h->step == STEP_CHAIN) {
		cur_skip(&c, 3);
		h->der_at = 0;
		h->der_end = cur_u24(&c);
		expect(h, STEP_DER, 0, 2);
		return;
	}
	h->der_at += h->have;
	if (h->step == STEP_DER_VALUE) {
		if (h->tag == 0x06) {
			h->oid = (uint8_t)oid_read(&c);
		} else {
			certificate_name(tls, h->value, h->have, side, sink);
		}
		expect(h, STEP_DER, 0, 2);
	} else if (h->step == STEP_DER) {
		h->tag = cur_u8(&c);
		len = cur_u8(&c);
		if (len > 0x80 && len <= 0x83) {
			expect(h, STEP_DER_LENGTH, 0, (uint8_t)(len - 0x80));
			return;
		}
		der_enter(h, len);
	} else {
		while (cur_left(&c) > 0) {
			len = len << 8 | cur_u8(&c);
		}
		der_enter(h, len);
	}
	if (h->der_at >= h->der_end) { /* the next one is an authority's */
		expect(h, STEP_SKIP, 0, 0);
	}
}

/* "1.3" for people; drafts of it count as it (RFC 8446 D.1 of the drafts: 0x7fNN). */
static void version_book(uint16_t version, struct sink *sink)
{
	static const char *const names[] = {"SSL 3.0", "1.0", "1.1", "1.2", "1.3"};
	unsigned index = version >= 0x7f00 ? 4 : version - 0x300U;

	if (index < sizeof names / sizeof names[0]) {
		sink_fact(sink, "TLS version", names[index], strlen(names[index]));
	}
}

static void client_hello_end(struct tls *tls, enum side side, struct sink *sink)
{
	sink_client(sink, side);
	if (tls->is_hidden) { /* the outer name is the provider's (RFC 9849) */
		sink_fact(sink, "TLS name", "hidden", 6);
	} else if (tls->host[0] != '\0') {
		sink_name(sink, (enum side) !side, NAME_SNI, tls->host, strlen(tls->host));
		name_book(tls, tls->host, side, sink);
	}
}

static void message_end(struct tls *tls, enum side side, struct sink *sink)
{
	struct half *h = &tls->half[side];

	expect(h, STEP_HEADER, 0, 4);
	switch (h->message) {
	case CLIENT_HELLO: /* its certificate may name a person and is not looked at */
		h->hello_seen = h->is_over = true;
		tls->client = (uint8_t)side;
		client_hello_end(tls, side, sink);
		break;
	case SERVER_HELLO: /* what follows in 1.3 is encrypted */
		h->hello_seen = true;
		tls->client = !side;
		h->is_over = h->version >= 0x304;
		sink_client(sink, (enum side) !side);
		version_book(h->version, sink);
		break;
	case CERTIFICATE:
	case SERVER_HELLO_DONE:
		h->is_over = true;
		break;
	default:
		break;
	}
}

static void message_begin(struct half *h)
{
	struct cursor c = cur_make(h->value, h->have);

	h->message = cur_u8(&c);
	h->message_left = cur_u24(&c);
	h->is_over = h->message_left > MESSAGE_MAX;
	if ((h->message == CLIENT_HELLO || h->message == SERVER_HELLO) && !h->hello_seen) {
		expect(h, STEP_HELLO, 0, 35);
	} else if (h->message == CERTIFICATE && h->hello_seen) {
		expect(h, STEP_CHAIN, 0, 6);
	} else {
		expect(h, STEP_SKIP, 0, 0);
	}
}

static void step_take(struct tls *tls, enum side side, struct sink *sink)
{
	struct half *h = &tls->half[side];

	if (h->step == STEP_HEADER) {
		message_begin(h);
	} else if (h->step >= STEP_CHAIN) {
		step_certificate(tls, h, side, sink);
	} else {
		step_hello(tls, h, sink);
	}
}

/* Takes octets of handshake messages, whose bounds know nothing of those of records. */
static void handshake_take(struct tls *tls, enum side side, struct cursor c, struct sink *sink)
{
	struct half *h = &tls->half[side];

	while (cur_left(&c) > 0 && !h->is_over) {
		bool in_header = h->step == STEP_HEADER;
		uint32_t limit = in_header ? 4 : h->message_left, n;

		n = h->step == STEP_SKIP ? limit
		    : h->skip > 0        ? h->skip
		                         : (uint32_t)(h->want - h->have);
		n = n < limit ? n : limit;
		n = n < cur_left(&c) ? n : (uint32_t)cur_left(&c);
		if (h->step != STEP_SKIP && h->skip == 0) {
			memcpy(h->value + h->have, c.p, n);
			h->have = (uint8_t)(h->have + n);
		} else if (h->step != STEP_SKIP) {
			h->skip -= n;
		}
		cur_skip(&c, n);
		h->message_left -= in_header ? 0 : n;
		if (h->step != STEP_SKIP && h->skip == 0 && h->have == h->want) {
			step_take(tls, side, sink);
		}
		if (h->step != STEP_HEADER && h->message_left == 0) {
			message_end(tls, side, sink);
		}
	}
}

/* Type 20-23, version 3.0-3.4, a length that may be (RFC 8446 5.1). */
static bool record_is_good(const uint8_t *p)
{
	unsigned len = (unsigned)p[3] << 8 | p[4];

	return p[0] >= RECORD_CCS && p[0] <= RECORD_DATA && p[1] == 3 && p[2] <= 4 && len > 0 &&
	       len <= RECORD_MAX;
}

/* A server of TLS 1.3 opens with session tickets, mostly two of one length (RFC 8446 4.6.1). */
static bool is_second_ticket(const struct tls *tls, enum side side)
{
	const struct half *h = &tls->half[side];

	return side != tls->client && h->version >= 0x304 && h->n_content == 2 && h->record_left == tls->first_content;
}

static void content_begin(struct tls *tls, enum side side)
{
	struct half *h = &tls->half[side];

	h->n_content = h->n_content < UINT8_MAX ? (uint8_t)(h->n_content + 1) : UINT8_MAX;
	if (side != tls->client && h->n_content == 1) {
		tls->first_content = h->record_left;
	}
	if (is_second_ticket(tls, side)) {
		h->content = 0;
		h->n_content = 0;
		tls->first_content = 0;
		return;
	}
	h->content += h->record_left + RECORD_HEADER;
}

static void record_begin(struct tls *tls, enum side side)
{
	struct half *h = &tls->half[side];

	h->record_have = 0;
	h->record_left = (uint16_t)(h->record[3] << 8 | h->record[4]);
	h->is_astray = !record_is_good(h->record);
	h->is_over = h->is_over || h->is_astray || h->record[0] != RECORD_HANDSHAKE;
	if (h->is_astray || h->record[0] != RECORD_DATA) {
		return;
	}
	if (tls->phase == PHASE_SET_UP && tls->half[!tls->client].version < 0x304) {
		tls->phase = PHASE_CONTENT;
	}
	if (tls->phase == PHASE_CONTENT) {
		content_begin(tls, side);
	} else if (side == tls->client) {
		tls->phase = PHASE_FINISHED;
	}
}

static void record_end(struct tls *tls, enum side side)
{
	if (tls->phase == PHASE_FINISHED && side == tls->client) {
		tls->phase = PHASE_CONTENT;
	}
}

static void records_take(struct tls *tls, enum side side, struct cursor c, struct sink *sink)
{
	struct half *h = &tls->half[side];

	while (cur_left(&c) > 0 && !h->is_astray) {
		if (h->record_left == 0) {
			h->record[h->record_have++] = cur_u8(&c);
			if (h->record_have == RECORD_HEADER) {
				record_begin(tls, side);
			}
			continue;
		}
		size_t n = h->record_left < cur_left(&c) ? h->record_left : cur_left(&c);

		h->record_left = (uint16_t)(h->record_left - n);
		handshake_take(tls, side, cur_sub(&c, n), sink);
		if (h->record_left == 0) {
			record_end(tls, side);
		}
	}
}

/* Behind TLS on its own ports are mostly web pages, both ways in every connection; elsewhere feeds, which go one. */
static bool is_web(const struct dissect_flow *flow, enum side server)
{
	uint16_t port = flow->port[server];

	return port == 443 || port == 8443;
}

/* Enough was seen of the content to tell it from tickets and good-byes. */
static bool is_settled(const struct tls *tls)
{
	return tls->half[tls->client].n_content >= 2 || tls->half[!tls->client].n_content >= 2;
}

/* Records that follow each other, or one that fills the segment: a stream joined in the middle. */
static bool is_chain(struct cursor c)
{
	unsigned records = 0;

	while (cur_left(&c) >= RECORD_HEADER && record_is_good(c.p) && c.p[2] > 0 &&
	       ++records < 2) {
		cur_skip(&c, 3);
		cur_skip(&c, cur_u16(&c));
		if (!c.bad && cur_left(&c) == 0) {
			return true;
		}
	}
	return records == 2;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	const uint8_t *p = bytes.p;
	size_t left = cur_left(&bytes);
	uint32_t len;

	(void)side;
	(void)flow;
	if (left < RECORD_HEADER + 1 || !record_is_good(p)) {
		return 0;
	}
	if (p[0] != RECORD_HANDSHAKE) {
		return is_chain(bytes) ? 1 : 0;
	}
	if (p[5] != CLIENT_HELLO && p[5] != SERVER_HELLO) {
		return is_chain(bytes) ? 1 : 0;
	}
	if (left < 11) {
		return 1;
	}
	len = (uint32_t)p[6] << 16 | (uint32_t)p[7] << 8 | p[8];
	return len >= 38 && len <= MESSAGE_MAX && p[9] == 3 ? 1 : 0;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct tls *tls = state;
	struct half *h = &tls->half[side];
	bool is_first = tls->seen == 0, hello, is_read;

	if (is_first) {
		sink_encryption(sink, ENCRYPTED_YES);
		expect(&tls->half[0], STEP_HEADER, 0, 4);
		expect(&tls->half[1], STEP_HEADER, 0, 4);
	}
	tls->seen += cur_left(&bytes) < BUDGET ? (uint32_t)cur_left(&bytes) : BUDGET;
	h->is_over = h->is_over || lost > 0;
	h->is_astray = h->is_astray || lost > 0;
	if (is_first && !is_web(flow, (enum side)!flow->client)) {
		sink_balance(sink, 0, 0); /* before anything is named */
	}
	records_take(tls, side, bytes, sink);
	sink_octets(sink, side, cur_left(&bytes), tls->has_entry ? tls->entry : SINK_NO_ENTRY);
	hello = tls->half[0].hello_seen || tls->half[1].hello_seen;
	if (!hello && h->is_over && !record_is_good(h->record) && lost == 0) {
		return DISSECT_RELEASE;
	}
	if (!is_web(flow, (enum side)!flow->client) && !h->is_astray) {
		sink_balance(sink, tls->half[0].content, tls->half[1].content);
		is_read = is_settled(tls);
	} else {
		is_read = (tls->half[0].is_over && tls->half[1].is_over) || (h->is_over && !hello && lost == 0);
	}
	return is_read || tls->seen >= BUDGET ? DISSECT_DONE : DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct tls) <= DISSECT_STATE_MAX, "state fits");

const struct dissector dissector_tls = {
        .name = "tls",
        .protocol = "TLS",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct tls),
        .has_messages = false,
        .recognise = recognise,
        .dissect = dissect,
};
