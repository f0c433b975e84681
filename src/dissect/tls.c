/* TLS (RFC 8446, 5246): follows the records, has the handshake read, and then tells content from
 * set-up by the lengths of the first records. */
#include "tls.h"

#include <string.h>

enum { RECORD_CCS = 20, RECORD_HANDSHAKE = 22, RECORD_DATA = 23 };

#define RECORD_MAX (16384 + 2048) /* RFC 5246 6.2.3 */
#define BUDGET     16384          /* octets looked at of a connection */

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
	const struct tls_half *h = &tls->half[side];

	return side != tls->client && h->version >= 0x304 && h->n_content == 2 &&
	       h->record_left == tls->first_content;
}

static void content_begin(struct tls *tls, enum side side)
{
	struct tls_half *h = &tls->half[side];

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
	h->content += h->record_left + TLS_RECORD_HEADER;
}

static void record_begin(struct tls *tls, enum side side)
{
	struct tls_half *h = &tls->half[side];

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
	struct tls_half *h = &tls->half[side];

	while (cur_left(&c) > 0 && !h->is_astray) {
		if (h->record_left == 0) {
			h->record[h->record_have++] = cur_u8(&c);
			if (h->record_have == TLS_RECORD_HEADER) {
				record_begin(tls, side);
			}
			continue;
		}
		size_t n = h->record_left < cur_left(&c) ? h->record_left : cur_left(&c);

		h->record_left = (uint16_t)(h->record_left - n);
		tls_handshake_take(tls, side, cur_sub(&c, n), sink);
		if (h->record_left == 0) {
			record_end(tls, side);
		}
	}
}

/* Behind TLS on its own ports are mostly web pages, both ways in every connection; elsewhere feeds,
 * which go one. */
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

	while (cur_left(&c) >= TLS_RECORD_HEADER && record_is_good(c.p) && c.p[2] > 0 &&
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
	if (left < TLS_RECORD_HEADER + 1 || !record_is_good(p)) {
		return 0;
	}
	if (p[0] != RECORD_HANDSHAKE) {
		return is_chain(bytes) ? 1 : 0;
	}
	if (p[5] != TLS_CLIENT_HELLO && p[5] != TLS_SERVER_HELLO) {
		return is_chain(bytes) ? 1 : 0;
	}
	if (left < 11) {
		return 1;
	}
	len = (uint32_t)p[6] << 16 | (uint32_t)p[7] << 8 | p[8];
	return len >= 38 && len <= TLS_MESSAGE_MAX && p[9] == 3 ? 1 : 0;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct tls *tls = state;
	struct tls_half *h = &tls->half[side];
	bool is_first = tls->seen == 0, hello, is_read;

	tls->now_us = flow->time_us;
	if (is_first) {
		sink_encryption(sink, ENCRYPTED_YES);
		tls_handshake_begin(&tls->half[0]);
		tls_handshake_begin(&tls->half[1]);
	}
	tls->seen += cur_left(&bytes) < BUDGET ? (uint32_t)cur_left(&bytes) : BUDGET;
	h->is_over = h->is_over || lost > 0;
	h->is_astray = h->is_astray || lost > 0;
	if (is_first && !is_web(flow, side_other((enum side)flow->client))) {
		sink_balance(sink, 0, 0); /* before anything is named */
	}
	records_take(tls, side, bytes, sink);
	sink_octets(sink, side, cur_left(&bytes), tls->has_entry ? tls->entry : SINK_NO_ENTRY);
	hello = tls->half[0].hello_seen || tls->half[1].hello_seen;
	if (!hello && h->is_over && !record_is_good(h->record) && lost == 0) {
		return DISSECT_RELEASE;
	}
	if (!is_web(flow, side_other((enum side)flow->client)) && !h->is_astray) {
		sink_balance(sink, tls->half[0].content, tls->half[1].content);
		is_read = is_settled(tls);
	} else {
		is_read = (tls->half[0].is_over && tls->half[1].is_over) ||
		          (h->is_over && !hello && lost == 0);
	}
	return is_read || tls->seen >= BUDGET ? DISSECT_DONE : DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "name that the client asks for (SNI)", .standard = "RFC 6066 3",
         .guard = "the host rule; none with ECH, whose outer name is the provider's",
         .names = {NAME_SNI}, .evidence = {EVIDENCE_TLS_SNI}},
        {FIELD_KEEP, "name in the server's certificate (to TLS 1.2)",
         .standard = "RFC 5280 4.2.1.6", .guard = "the host rule; with a dot",
         .names = {NAME_CERTIFICATE}},
        {FIELD_KEEP,
         "that the server's certificate is for all names of a domain, out of its dates, or signed "
         "by itself (to TLS 1.2)",
         .standard = "RFC 5280 4.1.2.5, 4.2.1.6",
         .guard = "a host name's grammar behind *.; else a word of ours",
         .facts = {"TLS certificate"}},
        {FIELD_KEEP, "protocol inside (ALPN), offered and chosen", .standard = "RFC 7301",
         .guard = "printable", .facts = {"ALPN offered", "ALPN"}},
        {FIELD_KEEP, "version; that the cipher suite is weak; that the name is hidden",
         .facts = {"TLS version", "TLS weak cipher", "TLS name"}},
        {FIELD_NEVER, "certificates of clients and the names in them",
         .standard = "RFC 5246 7.4.6"},
        {FIELD_NEVER, "session tickets, keys, all that is encrypted", .standard = "RFC 8446 4.6.1"},
        {0},
};

const struct dissector dissector_tls = {
        .name = "tls",
        .protocol = "TLS",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct tls),
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
