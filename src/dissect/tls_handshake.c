/* Messages of TLS's handshake: the names, the version and the application protocol in both hellos
 * and, up to TLS 1.2, in the server's first certificate. They may span records and segments and are
 * larger than our state, so they are read step by step and skipped by length, never gathered. */
#include "tls.h"

#include <stdio.h>
#include <string.h>

enum { CERTIFICATE = 11, SERVER_HELLO_DONE = 14 };
enum { EXT_SERVER_NAME = 0, EXT_ALPN = 16, EXT_VERSIONS = 43, EXT_ECH = 0xfe0d };

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

enum oid { OID_OTHER, OID_COMMON_NAME, OID_ALT_NAMES };

static void expect(struct tls_half *h, enum step step, uint32_t skip, uint8_t want)
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

static void extension_read(struct tls *tls, struct tls_half *h, struct sink *sink)
{
	struct cursor c = cur_make(h->value, h->have);
	bool is_client = h->message == TLS_CLIENT_HELLO;
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

static void step_hello(struct tls *tls, struct tls_half *h, struct sink *sink)
{
	struct cursor c = cur_make(h->value, h->have);
	uint16_t len;

	switch (h->step) {
	case STEP_HELLO:
		h->version = cur_u16(&c);
		cur_skip(&c, 32);
		expect(h, STEP_CIPHERS, cur_u8(&c), h->message == TLS_CLIENT_HELLO ? 2 : 3);
		break;
	case STEP_CIPHERS:
		if (h->message == TLS_CLIENT_HELLO) {
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
		tls->is_hidden = tls->is_hidden ||
		                 (h->extension == EXT_ECH && h->message == TLS_CLIENT_HELLO);
		if (extension_matters(h->extension) && len > 0 && len <= TLS_VALUE_MAX) {
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
static void der_enter(struct tls_half *h, uint32_t len)
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
	} else if (len > 0 && ((h->tag == 0x06 && len == 3) || (is_name && len <= TLS_VALUE_MAX))) {
		expect(h, STEP_DER_VALUE, 0, (uint8_t)len);
	} else {
		h->oid = h->tag == 0x06 ? OID_OTHER : h->oid;
		expect(h, STEP_DER, len, 2);
	}
	h->der_at += h->skip;
}

static void step_certificate(struct tls *tls, struct tls_half *h, enum side side, struct sink *sink)
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
	struct tls_half *h = &tls->half[side];

	expect(h, STEP_HEADER, 0, 4);
	switch (h->message) {
	case TLS_CLIENT_HELLO: /* its certificate may name a person and is not looked at */
		h->hello_seen = h->is_over = true;
		tls->client = (uint8_t)side;
		client_hello_end(tls, side, sink);
		break;
	case TLS_SERVER_HELLO: /* what follows in 1.3 is encrypted */
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

static void message_begin(struct tls_half *h)
{
	struct cursor c = cur_make(h->value, h->have);

	h->message = cur_u8(&c);
	h->message_left = cur_u24(&c);
	h->is_over = h->message_left > TLS_MESSAGE_MAX;
	if ((h->message == TLS_CLIENT_HELLO || h->message == TLS_SERVER_HELLO) && !h->hello_seen) {
		expect(h, STEP_HELLO, 0, 35);
	} else if (h->message == CERTIFICATE && h->hello_seen) {
		expect(h, STEP_CHAIN, 0, 6);
	} else {
		expect(h, STEP_SKIP, 0, 0);
	}
}

static void step_take(struct tls *tls, enum side side, struct sink *sink)
{
	struct tls_half *h = &tls->half[side];

	if (h->step == STEP_HEADER) {
		message_begin(h);
	} else if (h->step >= STEP_CHAIN) {
		step_certificate(tls, h, side, sink);
	} else {
		step_hello(tls, h, sink);
	}
}

void tls_handshake_begin(struct tls_half *h)
{
	expect(h, STEP_HEADER, 0, 4);
}

void tls_handshake_take(struct tls *tls, enum side side, struct cursor c, struct sink *sink)
{
	struct tls_half *h = &tls->half[side];

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
