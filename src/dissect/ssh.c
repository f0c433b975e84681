/* SSH by its identification strings (RFC 4253 4.2): the version and the product of both ends.
 * Everything behind them is encrypted, SFTP and rsync too: which way information goes is told by
 * the octets. */
#include "terrier/dissect.h"

#include "lines.h"

#include <string.h>

#define PORT_SSH   22
#define LOOKED_MAX 1024 /* octets in which a server may say other things first */
#define ALONE_MAX  8192 /* octets of a side after which the other is not waited for */

struct ssh {
	struct lines line[2];
	uint32_t octets[2];
	bool is_identified[2];
	bool is_named;
	int entry;
};

/* `SSH-2.0-`, `SSH-1.99-`, `SSH-1.5-`; returns what stands behind it, NULL when this is something
 * else. */
static const char *version_end(const char *text, size_t len)
{
	size_t at = 7;

	if (len < 8 || memcmp(text, "SSH-", 4) != 0 || text[4] < '1' || text[4] > '2' ||
	    text[5] != '.') {
		return NULL;
	}
	while (at < len && at < 9 && text[at] >= '0' && text[at] <= '9') {
		at++;
	}
	return text[6] >= '0' && text[6] <= '9' && at < len && text[at] == '-' ? text + at + 1
	                                                                       : NULL;
}

/* A word that can only be a host's name: three labels, each with a letter; no version number is
 * like that. */
static bool is_host_word(const char *word, size_t len)
{
	size_t labels = 0, at = 0;

	while (at < len) {
		bool has_letter = false;

		for (; at < len && word[at] != '.'; at++) {
			char c = (char)(word[at] | 0x20);

			has_letter |= c >= 'a' && c <= 'z';
		}
		if (!has_letter) {
			return false;
		}
		labels++;
		at += at < len;
	}
	return labels >= 3 && text_is_hostname(word, len);
}

/* Comments are free text; all that is wanted of them is a host's name. */
static void take_comment(struct sink *sink, enum side side, const char *text)
{
	char host[HOST_MAX];

	for (text += strspn(text, " ()"); *text != '\0'; text += strspn(text, " ()")) {
		size_t len = strcspn(text, " ()");

		if (is_host_word(text, len) && host_keep(host, text, len) > 0) {
			sink_name(sink, side, NAME_BANNER, host, strlen(host));
		}
		text += len;
	}
}

static void identify(struct ssh *s, enum side side, const struct dissect_flow *flow,
                     struct sink *sink)
{
	const struct lines *line = &s->line[side];
	const char *product = version_end(line->text, line->have);
	size_t len;

	if (product == NULL) {
		return; /* a server may say something first */
	}
	len = strcspn(product, " ");
	s->is_identified[side] = true;
	sink_fact(sink, "SSH version", line->text + 4, (size_t)(product - line->text) - 5);
	if (len > 0) {
		sink_fact(sink, side == flow->client ? "SSH client" : "SSH server", product, len);
	}
	if (!line->is_cut) {
		take_comment(sink, side, product + len);
	}
}

/* Takes what a side says up to the end of its identification. */
static void take(struct ssh *s, enum side side, struct cursor bytes,
                 const struct dissect_flow *flow, struct sink *sink)
{
	struct lines *line = &s->line[side];

	while (!s->is_identified[side] && cur_left(&bytes) > 0) {
		if (lines_next(line, &bytes) == LINES_LINE) {
			identify(s, side, flow, sink);
		}
	}
}

static enum dissect_verdict ssh_dissect(void *state, enum side side, struct cursor bytes,
                                        uint64_t lost, const struct dissect_flow *flow,
                                        struct sink *sink)
{
	struct ssh *s = state;
	size_t len = cur_left(&bytes);

	if (lost > 0) {
		lines_gap(&s->line[side], lost);
	}
	take(s, side, bytes, flow, sink);
	if (!s->is_named && (s->is_identified[0] || s->is_identified[1])) {
		s->is_named = true;
		s->entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "SSH",
		                         flow->client == 0 ? SIDE_0 : SIDE_1, INFO_MSG, 0);
	}
	sink_octets(sink, side, len, s->is_named ? s->entry : SINK_NO_ENTRY);
	s->octets[side] += len < ALONE_MAX ? (uint32_t)len : ALONE_MAX;
	return (s->is_identified[0] && s->is_identified[1]) || s->octets[side] >= ALONE_MAX
	               ? DISSECT_DONE
	               : DISSECT_FOLLOW;
}

/* On its own port the identification may stand behind other lines. */
static size_t ssh_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	const char *text = (const char *)bytes.p;
	size_t len = cur_left(&bytes) < LOOKED_MAX ? cur_left(&bytes) : LOOKED_MAX;

	(void)side;
	if (version_end(text, len) != NULL) {
		return 1;
	}
	if (flow->port[0] != PORT_SSH && flow->port[1] != PORT_SSH) {
		return 0;
	}
	for (size_t at = 0; at < len; at++) {
		if (text[at] == '\n' && version_end(text + at + 1, len - at - 1) != NULL) {
			return at + 2;
		}
	}
	return 0;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "version", .standard = "RFC 4253 4.2", .facts = {"SSH version"}},
        {FIELD_KEEP, "product of client and server", .standard = "RFC 4253 4.2",
         .guard = "first word", .facts = {"SSH client", "SSH server"}},
        {FIELD_KEEP, "host in the comment", .standard = "RFC 4253 4.2",
         .guard = "the host rule; three labels with letters", .names = {NAME_BANNER}},
        {FIELD_NEVER, "users, keys, commands, files: encrypted, and not looked at",
         .standard = "RFC 4253"},
        {0},
};

const struct dissector dissector_ssh = {
        .name = "ssh",
        .protocol = "SSH",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct ssh),
        .has_messages = false,
        .fields = fields,
        .recognise = ssh_recognise,
        .dissect = ssh_dissect,
};
