#ifndef TERRIER_FUZZ_DISSECT_H
#define TERRIER_FUZZ_DISSECT_H

/* What the fuzz targets of these dissectors share: a sink that only checks what it is told, and a
 * feeder. To be included by one file of a program. */
#include "../unit/declared.h"

#include <stdlib.h>
#include <string.h>

struct sink {
	const struct dissector *dissector;
	uint64_t fed[2], booked[2];
	int entries;
};

static void fuzz_check(bool holds)
{
	if (!holds) {
		abort();
	}
}

int sink_evidence(struct sink *sink, enum evidence_type type, const char *text, enum side side,
                  enum info_direction direction, unsigned messages)
{
	fuzz_check(type > EVIDENCE_NONE && type < EVIDENCE_TYPES && side <= SIDE_1 &&
	           direction <= INFO_BALANCE);
	fuzz_check(strlen(text) > 0 && strlen(text) < RECORD_NAME_MAX && messages <= 1);
	declared_evidence(sink->dissector, type);
	return sink->entries++;
}

void sink_octets(struct sink *sink, enum side side, uint64_t n, int entry)
{
	fuzz_check(entry >= SINK_NO_ENTRY && entry < sink->entries);
	sink->booked[side] += n;
}

void sink_name(struct sink *sink, enum side side, enum name_source source, const char *text,
               size_t len)
{
	bool is_host = source == NAME_DNS || source == NAME_SNI || source == NAME_HTTP_HOST ||
	               source == NAME_CERTIFICATE;

	declared_name(sink->dissector, source);
	fuzz_check(side <= SIDE_1 && source < NAME_SOURCES && len > 0 &&
	           (!is_host || text_is_hostname(text, len)));
}

void sink_name_addr(struct sink *sink, const struct addr *addr, enum name_source source,
                    const char *text, size_t len)
{
	fuzz_check(addr_classify(addr) == ADDR_HOST);
	sink_name(sink, SIDE_0, source, text, len);
}

void sink_client(struct sink *sink, enum side client)
{
	(void)sink;
	fuzz_check(client <= SIDE_1);
}

void sink_balance(struct sink *sink, uint32_t side_0, uint32_t side_1)
{
	(void)sink;
	(void)side_0;
	(void)side_1;
}

void sink_port(struct sink *sink, uint16_t port)
{
	(void)sink;
	(void)port;
}

void sink_expect(struct sink *sink, uint8_t ip_protocol, const struct addr *addr, uint16_t port)
{
	(void)sink;
	(void)addr;
	(void)port;
	fuzz_check(ip_protocol == IP_TCP || ip_protocol == IP_UDP);
}

void sink_encryption(struct sink *sink, enum encryption encryption)
{
	(void)sink;
	fuzz_check(encryption <= ENCRYPTED_YES);
}

void sink_protocol(struct sink *sink, const char *protocol)
{
	(void)sink;
	fuzz_check(strlen(protocol) < PROTOCOL_NAME_MAX);
}

void sink_fact(struct sink *sink, const char *name, const char *value, size_t len)
{
	declared_fact(sink->dissector, name);
	fuzz_check(strlen(name) > 0 && len < 256 && (len == 0 || memchr(value, '\0', len) == NULL));
}

/* Feeds the first piece to the recogniser too, whose word the dissector may not rely on. */
static inline void fuzz_dissect(const struct dissector *d, const uint8_t *data, size_t size)
{
	static uint8_t state[DISSECT_STATE_MAX];
	struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 53}};
	enum dissect_verdict verdict = DISSECT_FOLLOW;
	struct sink sink = {.dissector = d};

	if (size > 0 && d->ip_protocol == 0) {
		flow.ip_protocol = (data[0] & 1) != 0 ? IP_TCP : IP_UDP;
		flow.port[1] = (data[0] & 2) != 0 ? 53 : (data[0] & 4) != 0 ? 5353 : 5000;
		data++;
		size--;
	}
	memset(state, 0, sizeof state);
	while (size > 1 && verdict == DISSECT_FOLLOW) {
		enum side side = (enum side)(data[0] & 1);
		uint64_t lost = (data[0] & 2) != 0 ? data[1] : 0;
		size_t code = data[0] >> 2, n = code < 60 ? code + 1 : (code - 59) * 256;

		n = n < size - 1 ? n : size - 1;
		uint8_t *piece = malloc(n); /* of its own, so that reading past it is seen */

		fuzz_check(piece != NULL);
		memcpy(piece, data + 1, n);
		fuzz_check(d->recognise(cur_make(piece, n), side, &flow) <= n);
		verdict = d->dissect(state, side, cur_make(piece, n), lost, &flow, &sink);
		free(piece);
		sink.fed[side] += n;
		fuzz_check(sink.booked[side] == sink.fed[side]);
		data += n + 1;
		size -= n + 1;
	}
}

#endif
