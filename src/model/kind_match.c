/* The matcher: what a text proves. An exact row wins, then the longest, then the surest. */
#include "catalogue.h"

#include "terrier/base/mem.h"
#include "terrier/model/packet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_CLIP                                                                                  \
	512 /* of a longer text only the start is looked at: names and routes are shorter */

struct hit {
	const struct evidence_row *row; /* NULL: nothing matched */
	size_t length;                  /* characters that fitted; SIZE_MAX: all, exactly */
};

void kind_fold(enum evidence_type type, char *text, size_t len)
{
	switch (type) {
	case EVIDENCE_HTTP_CONTENT_TYPE: /* RFC 9110 8.3.1 */
	case EVIDENCE_LDAP_BASE:         /* RFC 4514 */
	case EVIDENCE_TLS_SNI:           /* RFC 4343 */
	case EVIDENCE_DNS_LABEL:
	case EVIDENCE_SHARE:             /* MS-SMB2 2.2.9 */
	case EVIDENCE_DATABASE:
	case EVIDENCE_MAIL_DOMAIN:
	case EVIDENCE_PRINT_QUEUE:
	case EVIDENCE_NDPI: /* spelt differently by different versions */
		break;
	default:
		return;
	}
	for (size_t i = 0; i < len; i++) {
		text[i] =
		        text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + ('a' - 'A')) : text[i];
	}
}

unsigned kind_space(enum evidence_type type, enum match_class match)
{
	return (unsigned)type * MATCH_CLASSES + (unsigned)match;
}

static void prefer(struct hit *best, const struct evidence_row *row, size_t length)
{
	if (best->row == NULL || length > best->length ||
	    (length == best->length && row->proves.confidence > best->row->proves.confidence)) {
		*best = (struct hit){.row = row, .length = length};
	}
}

static const struct evidence_row *row_of(const struct catalogue *c, uint32_t value)
{
	return value != INDEX_NOTHING ? &c->evidence[value] : NULL;
}

/* One walk finds the exact row and the longest prefix. */
static void match_from_start(const struct catalogue *c, enum evidence_type type, const char *text,
                             size_t len, struct hit *best)
{
	const struct type_patterns *p = &c->patterns[type];
	uint32_t hash = HASH_START;

	for (size_t i = 0; i <= len && i <= PATTERN_MAX; i++) {
		if ((p->prefix_lengths[i / 64] >> i % 64 & 1) != 0) {
			const struct evidence_row *row = row_of(
			        c, kind_index_get_hashed(&c->index, hash, kind_space(type, MATCH_PREFIX),
			                            text, i));
			if (row != NULL) {
				prefer(best, row, i);
			}
		}
		if (i == len) {
			const struct evidence_row *row = row_of(
			        c, kind_index_get_hashed(&c->index, hash, kind_space(type, MATCH_EXACT),
			                            text, len));
			if (row != NULL) {
				prefer(best, row, SIZE_MAX);
			}
			return;
		}
		hash = hash_step(hash, text[i]);
	}
}

/* The whole name, then what is left of it after each dot: the first row found is the longest. */
static void match_suffix(const struct catalogue *c, enum evidence_type type, const char *text,
                         size_t len, struct hit *best)
{
	for (;;) {
		const struct evidence_row *row =
		        row_of(c, kind_index_get(&c->index, kind_space(type, MATCH_SUFFIX), text, len));

		if (row != NULL) {
			prefer(best, row, len);
			return;
		}
		const char *dot = memchr(text, '.', len);
		if (dot == NULL) {
			return;
		}
		len -= (size_t)(dot + 1 - text);
		text = dot + 1;
	}
}

/* `*` stands for any text, also none; going back to the last one suffices. */
static bool is_glob(const char *pattern, size_t pattern_len, const char *text, size_t len)
{
	size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;

	while (t < len) {
		if (p < pattern_len && pattern[p] == '*') {
			star = p++;
			resume = t;
		} else if (p < pattern_len && pattern[p] == text[t]) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern_len && pattern[p] == '*') {
		p++;
	}
	return p == pattern_len;
}

static void match_glob(const struct catalogue *c, enum evidence_type type, const char *text,
                       size_t len, struct hit *best)
{
	const struct type_patterns *p = &c->patterns[type];

	for (size_t i = 0; i < p->n_globs; i++) {
		const struct evidence_row *row = &c->evidence[p->globs[i]];

		if (is_glob(row->text, row->length, text, len)) {
			prefer(best, row, row->literal);
			return;
		}
	}
}

static void match_text(const struct catalogue *c, enum evidence_type type, const char *text,
                       size_t len, struct hit *best)
{
	match_from_start(c, type, text, len, best);
	if (best->length == SIZE_MAX) {
		return;
	}
	if (c->patterns[type].has_suffixes) {
		match_suffix(c, type, text, len, best);
	}
	match_glob(c, type, text, len, best);
}

/* A route's row may name the method or not: `POST /studies` is also asked for as `/studies`. */
static void match_route(const struct catalogue *c, const char *text, size_t len, struct hit *best)
{
	const char *space = memchr(text, ' ', len);

	match_text(c, EVIDENCE_HTTP_ROUTE, text, len, best);
	if (space != NULL) {
		match_text(c, EVIDENCE_HTTP_ROUTE, space + 1, len - (size_t)(space + 1 - text),
		           best);
	}
}

/* nDPI says `Master.App`; the application tells more. A name may itself hold a dot (Z39.50). */
static void match_ndpi(const struct catalogue *c, const char *text, size_t len, struct hit *best)
{
	const char *dot = memchr(text, '.', len);

	match_text(c, EVIDENCE_NDPI, text, len, best);
	if (best->row == NULL && dot != NULL) {
		match_text(c, EVIDENCE_NDPI, dot + 1, len - (size_t)(dot + 1 - text), best);
	}
	if (best->row == NULL && dot != NULL) {
		match_text(c, EVIDENCE_NDPI, text, (size_t)(dot - text), best);
	}
}

bool catalogue_match(const struct catalogue *c, enum evidence_type type, const char *text,
                     size_t len, struct kind_match *out)
{
	char copy[TEXT_CLIP];
	struct hit best = {0};

	if ((unsigned)type >= EVIDENCE_TYPES || len == 0) {
		return false;
	}
	bool is_whole = len <= sizeof copy;

	len = is_whole ? len : sizeof copy;
	memcpy(copy, text, len);
	kind_fold(type, copy, len);
	if (!is_whole) {
		match_from_start(c, type, copy, len, &best);
	} else if (type == EVIDENCE_HTTP_ROUTE) {
		match_route(c, copy, len, &best);
	} else if (type == EVIDENCE_NDPI) {
		match_ndpi(c, copy, len, &best);
	} else {
		match_text(c, type, copy, len, &best);
	}
	if (type == EVIDENCE_TLS_SNI && is_whole && best.row == NULL) {
		match_text(c, EVIDENCE_DNS_LABEL, copy, len, &best); /* what a name looks like, whosever it is */
	}
	if (best.row != NULL) {
		*out = best.row->proves;
	}
	return best.row != NULL;
}

/* `tcp/2575`; 0 when the protocol has no ports that rows can name. */
static size_t port_text(char out[16], uint8_t ip_protocol, uint16_t port)
{
	if (ip_protocol != IP_TCP && ip_protocol != IP_UDP) {
		return 0;
	}
	return (size_t)snprintf(out, 16, "%s/%" PRIu16, ip_protocol == IP_TCP ? "tcp" : "udp",
	                        port);
}

bool catalogue_match_port(const struct catalogue *c, uint8_t ip_protocol, uint16_t port,
                          struct kind_match *out)
{
	char text[16];

	return catalogue_match(c, EVIDENCE_PORT, text, port_text(text, ip_protocol, port), out);
}

static uint16_t protocol_of(const struct catalogue *c, unsigned space, const char *text, size_t len)
{
	uint32_t value = kind_index_get(&c->index, space, text, len);

	return value != INDEX_NOTHING ? (uint16_t)value : PROTOCOL_NONE;
}

uint16_t catalogue_protocol(const struct catalogue *c, const char *name)
{
	return protocol_of(c, INDEX_PROTOCOL, name, strlen(name));
}

uint16_t catalogue_protocol_of_port(const struct catalogue *c, uint8_t ip_protocol, uint16_t port)
{
	char text[16];
	size_t len = port_text(text, ip_protocol, port);

	return protocol_of(c, INDEX_PROTOCOL_PORT, text, len);
}

uint16_t catalogue_protocol_of_ndpi(const struct catalogue *c, const char *ndpi_name)
{
	char copy[PATTERN_MAX];
	size_t len = strnlen(ndpi_name, sizeof copy);

	memcpy(copy, ndpi_name, len);
	kind_fold(EVIDENCE_NDPI, copy, len);
	const char *dot = memchr(copy, '.', len);
	uint16_t found = protocol_of(c, INDEX_PROTOCOL_NDPI, copy, len);

	if (found == PROTOCOL_NONE && dot != NULL) {
		found = protocol_of(c, INDEX_PROTOCOL_NDPI, dot + 1,
		                    len - (size_t)(dot + 1 - copy));
	}
	if (found == PROTOCOL_NONE && dot != NULL) {
		found = protocol_of(c, INDEX_PROTOCOL_NDPI, copy, (size_t)(dot - copy));
	}
	return found;
}

/* Keeps a row under another text as well, unless a row of its own is there. */
static void also(struct catalogue *c, enum evidence_type type, enum match_class match,
                 const char *text, size_t len, uint32_t row)
{
	unsigned space = kind_space(type, match);

	if (kind_index_get(&c->index, space, text, len) != INDEX_NOTHING) {
		return;
	}
	kind_index_put(&c->index, space, kind_keep(c, text, len), len, row);
	if (match == MATCH_PREFIX) {
		c->patterns[type].prefix_lengths[len / 64] |= UINT64_C(1) << len % 64;
	}
}

/* What a row also says: `ADT^*` of a message that names no trigger (HL7 v2.1), a Spine service of
 * its interactions (`SERVICE/RCMR_IN010000UK05`). */
static void derive(struct catalogue *c, uint32_t i)
{
	const struct evidence_row *e = &c->evidence[i];
	char longer[PATTERN_MAX + 1];

	if (e->type == EVIDENCE_HL7_MSH9 && e->match == MATCH_PREFIX && e->length > 1 &&
	    e->text[e->length - 1] == '^') {
		also(c, e->type, MATCH_EXACT, e->text, e->length - 1u, i);
	}
	if (e->type == EVIDENCE_SPINE_SERVICE && e->match == MATCH_EXACT &&
	    e->length < PATTERN_MAX) {
		memcpy(longer, e->text, e->length);
		longer[e->length] = '/';
		also(c, e->type, MATCH_PREFIX, longer, e->length + 1u, i);
	}
}

/* Longest first, then the surest, then the last read: a site's own. */
static void insert_glob(const struct catalogue *c, struct type_patterns *p, uint32_t row)
{
	const struct evidence_row *e = &c->evidence[row];
	size_t at = p->n_globs;

	p->globs = mem_resize(p->globs, ++p->n_globs, sizeof *p->globs);
	for (; at > 0; at--) {
		const struct evidence_row *before = &c->evidence[p->globs[at - 1]];

		if (before->literal != e->literal ? before->literal > e->literal
		    : before->proves.confidence != e->proves.confidence
		            ? before->proves.confidence > e->proves.confidence
		            : before->at.number > e->at.number) {
			break;
		}
		p->globs[at] = p->globs[at - 1];
	}
	p->globs[at] = row;
}

void kind_compile(struct catalogue *c)
{
	for (uint32_t i = 0; i < c->n_evidence; i++) {
		const struct evidence_row *e = &c->evidence[i];
		struct type_patterns *p = &c->patterns[e->type];

		if (e->match == MATCH_PREFIX) {
			p->prefix_lengths[e->length / 64] |= UINT64_C(1) << e->length % 64;
		} else if (e->match == MATCH_SUFFIX) {
			p->has_suffixes = true;
		} else if (e->match == MATCH_GLOB) {
			insert_glob(c, p, i);
		}
	}
	for (uint32_t i = 0; i < c->n_evidence; i++) {
		const struct evidence_row *e = &c->evidence[i];

		/* Not for a row whose text a later file has. */
		if (kind_index_get(&c->index, kind_space(e->type, e->match), e->text, e->length) == i) {
			derive(c, i);
		}
	}
}
