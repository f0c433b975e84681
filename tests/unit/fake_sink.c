#include "fake_sink.h"

#include "declared.h"

#include <stdio.h>
#include <string.h>

extern const struct dissector DISSECTOR;

void fake_sink_init(struct sink *sink)
{
	memset(sink, 0, sizeof *sink);
	sink->client = sink->encryption = sink->port = -1;
}

int sink_evidence(struct sink *sink, enum evidence_type type, const char *text, enum side side,
                  enum info_direction direction, unsigned messages)
{
	declared_evidence(&DISSECTOR, type);
	for (int i = 0; i < sink->n_entries; i++) {
		struct fake_entry *e = &sink->entries[i];

		if (e->type == type && strcmp(e->text, text) == 0 && e->side == side && e->direction == direction) {
			e->messages += messages;
			return i;
		}
	}
	if (sink->n_entries == FAKE_MAX) {
		return SINK_NO_ENTRY;
	}
	struct fake_entry *e = &sink->entries[sink->n_entries];
	*e = (struct fake_entry){.type = type, .side = side, .direction = direction, .messages = messages};
	snprintf(e->text, sizeof e->text, "%s", text);
	return sink->n_entries++;
}

void sink_octets(struct sink *sink, enum side side, uint64_t n, int entry)
{
	sink->total[side] += n;
	if (entry < 0) {
		sink->pending[side] += n;
		return;
	}
	sink->entries[entry].bytes[side] += n + sink->pending[side];
	sink->pending[side] = 0;
}

static void note(struct sink *sink, const char *what, const char *key, const char *text, size_t len)
{
	char copy[RECORD_NAME_MAX] = "";

	text_copy(copy, sizeof copy, text, len);
	for (int i = 0; i < sink->n_notes; i++) {
		struct fake_note *n = &sink->notes[i];

		if (strcmp(n->what, what) == 0 && strcmp(n->key, key) == 0 && strcmp(n->text, copy) == 0) {
			n->count++;
			return;
		}
	}
	if (sink->n_notes < FAKE_MAX) {
		struct fake_note *n = &sink->notes[sink->n_notes++];

		snprintf(n->what, sizeof n->what, "%s", what);
		snprintf(n->key, sizeof n->key, "%s", key);
		memcpy(n->text, copy, sizeof copy);
		n->count = 1;
	}
}

void sink_name(struct sink *sink, enum side side, enum name_source source, const char *text, size_t len)
{
	char key[32];

	declared_name(&DISSECTOR, source);
	snprintf(key, sizeof key, "%d/%d", side, source);
	note(sink, "name", key, text, len);
}

void sink_name_addr(struct sink *sink, const struct addr *addr, enum name_source source, const char *text, size_t len)
{
	char host[ADDR_TEXT_MAX], key[64];

	declared_name(&DISSECTOR, source);
	snprintf(key, sizeof key, "%s/%d", addr_format(addr, host), source);
	key[31] = '\0';
	note(sink, "name", key, text, len);
}

void sink_client(struct sink *sink, enum side client)
{
	sink->client = client;
}

void sink_balance(struct sink *sink, uint32_t side_0, uint32_t side_1)
{
	sink->balance[0] = side_0;
	sink->balance[1] = side_1;
}

void sink_port(struct sink *sink, uint16_t port)
{
	sink->port = port;
}

void sink_expect(struct sink *sink, uint8_t ip_protocol, const struct addr *addr, uint16_t port)
{
	char host[ADDR_TEXT_MAX], text[64];

	snprintf(text, sizeof text, "%s %s %u", ip_protocol == IP_TCP ? "tcp" : "udp", addr_format(addr, host), port);
	note(sink, "expect", "", text, strlen(text));
}

void sink_encryption(struct sink *sink, enum encryption encryption)
{
	sink->encryption = (int)encryption;
}

void sink_protocol(struct sink *sink, const char *protocol)
{
	snprintf(sink->protocol, sizeof sink->protocol, "%s", protocol);
}

void sink_fact(struct sink *sink, const char *name, const char *value, size_t len)
{
	declared_fact(&DISSECTOR, name);
	note(sink, "fact", name, value, len);
}

enum dissect_verdict fake_feed(const struct dissector *d, void *state, struct sink *sink, enum side side,
                               const void *bytes, size_t len, size_t piece, const struct dissect_flow *flow)
{
	const uint8_t *p = bytes;
	enum dissect_verdict verdict = DISSECT_FOLLOW;

	for (size_t at = 0; at < len && verdict == DISSECT_FOLLOW;) {
		size_t n = piece == 0 || piece > len - at ? len - at : piece;

		verdict = d->dissect(state, side, cur_make(p + at, n), 0, flow, sink);
		at += n;
	}
	return verdict;
}

struct sink *fake_talk(const struct dissector *d, const struct dissect_flow *flow, const char *const *turns, size_t piece,
                       enum dissect_verdict *verdict)
{
	static struct sink sink;
	uint8_t state[DISSECT_STATE_MAX] = {0};

	fake_sink_init(&sink);
	*verdict = DISSECT_FOLLOW;
	for (size_t i = 0; turns[i] != NULL && *verdict == DISSECT_FOLLOW; i++) {
		*verdict = fake_feed(d, state, &sink, i % 2 == 0 ? SIDE_0 : SIDE_1, turns[i], strlen(turns[i]), piece, flow);
	}
	return &sink;
}

const struct fake_entry *fake_entry(const struct sink *sink, const char *text)
{
	for (int i = 0; i < sink->n_entries; i++) {
		if (strcmp(sink->entries[i].text, text) == 0) {
			return &sink->entries[i];
		}
	}
	return NULL;
}

unsigned fake_noted(const struct sink *sink, const char *what, const char *text)
{
	unsigned count = 0;

	for (int i = 0; i < sink->n_notes; i++) {
		if (strcmp(sink->notes[i].what, what) == 0 && strcmp(sink->notes[i].text, text) == 0) {
			count += sink->notes[i].count;
		}
	}
	return count;
}
