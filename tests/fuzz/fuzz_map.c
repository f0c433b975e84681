/* Hostile texts and shapes through build, the grid and the writers: SVG, draw.io and GraphML must
 * be well-formed XML, and in DOT and Mermaid every quote must be closed. Graphviz itself is left
 * out: it is never given a text. */
#include "terrier/export.h"
#include "terrier/map/build.h"
#include "terrier/map/layout.h"

#include "terrier/base/mem.h"
#include "terrier/base/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX  60
#define DEPTH_MAX 32

struct input {
	const uint8_t *data;
	size_t len;
	char *texts[ROWS_MAX * 10 + 8];
	size_t n_texts;
};

static uint8_t take(struct input *in)
{
	if (in->len == 0) {
		return 0;
	}
	in->len--;
	return *in->data++;
}

/* The bytes up to the next NUL. */
static const char *take_text(struct input *in)
{
	size_t n = strnlen((const char *)in->data, in->len);
	char *text = mem_zalloc(n + 1, 1);

	memcpy(text, in->data, n);
	in->data += n;
	in->len -= n;
	take(in);
	in->texts[in->n_texts++] = text;
	return text;
}

static struct map_end take_end(struct input *in)
{
	uint8_t bits = take(in);
	struct map_end end = {.is_inside = bits & 1, .is_party = bits & 2};

	end.addr.b[15] = take(in);
	end.address = take_text(in);
	end.name = bits & 4 ? take_text(in) : NULL;
	end.zone = bits & 8 ? take_text(in) : NULL;
	return end;
}

static struct map_row take_row(struct input *in)
{
	struct map_row row = {.source = take_end(in), .destination = take_end(in)};
	uint8_t bits = take(in);

	row.is_both = bits & 1;
	row.source_is_server = bits & 2;
	row.was_clear = bits & 4;
	row.was_encrypted = bits & 8;
	row.tier = (enum tier)((bits >> 4) % (TIER_UNKNOWN + 1));
	row.confidence = (enum confidence)(take(in) % 3);
	row.kind_title = take_text(in);
	row.kind_id = row.kind_group = bits & 0x80 ? take_text(in) : NULL;
	row.protocol = take_text(in);
	row.exchange_id = row.transport = row.protocol;
	row.server_port = take(in);
	row.connections = row.bytes = UINT64_MAX / 2;
	return row;
}

static void fail(const char *why, const char *at)
{
	fprintf(stderr, "not well-formed: %s: %.60s\n", why, at);
	abort();
}

static void check_entity(const char *p)
{
	static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#10;"};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strncmp(p, known[i], strlen(known[i])) == 0) {
			return;
		}
	}
	fail("entity", p);
}

static void check_characters(const char *xml)
{
	uint32_t rune;

	for (size_t i = 0, n, len = strlen(xml); i < len; i += n) {
		n = utf8_decode(xml + i, len - i, &rune);
		if ((rune == UTF8_REPLACEMENT && n == 1) || (rune < 0x20 && rune != '\n') ||
		    (rune & 0xfffe) == 0xfffe) {
			fail("character", xml + i);
		}
		if (rune == '&') {
			check_entity(xml + i);
		}
	}
}

/* The end of a tag, past its quoted attributes. */
static const char *tag_end(const char *p)
{
	for (bool is_quoted = false; *p != '\0'; p++) {
		if (*p == '"') {
			is_quoted = !is_quoted;
		} else if (*p == '<') {
			fail("< in a tag", p);
		} else if (*p == '>' && !is_quoted) {
			return p;
		}
	}
	fail("open tag", "");
	return NULL;
}

static void check_tags(const char *xml)
{
	const char *open[DEPTH_MAX];
	size_t depth = 0;

	for (const char *p = strchr(strstr(xml, "?>"), '<'); p != NULL; p = strchr(p, '<')) {
		const char *end = tag_end(p + 1);
		if (p[1] == '/') {
			size_t n = (size_t)(end - p - 2);
			if (depth == 0 || strncmp(open[depth - 1] + 1, p + 2, n) != 0 ||
			    strchr(" >", open[depth - 1][n + 1]) == NULL) {
				fail("closing tag", p);
			}
			depth--;
		} else if (end[-1] != '/') {
			if (depth == DEPTH_MAX) {
				fail("depth", p);
			}
			open[depth++] = p;
		}
		p = end;
	}
	if (depth != 0) {
		fail("end", open[depth - 1]);
	}
}

static char *draw(const char *format, const struct map *m)
{
	struct export_options options = {0};
	char *text = NULL, *error = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (export_find(format)->write_map(m, &options, out, &error) != 0) {
		abort();
	}
	fclose(out);
	return text;
}

static void check_quotes(const char *dot)
{
	bool is_quoted = false;

	for (const char *p = dot; *p != '\0'; p++) {
		if (is_quoted && *p == '\\' && p[1] != '\0') {
			p++;
		} else if (*p == '"') {
			is_quoted = !is_quoted;
		} else if (*p == '\n' && is_quoted) {
			fail("line in a string", p);
		}
	}
	if (is_quoted) {
		fail("open string", "");
	}
}

static void check_xml(const char *format, const struct map *m)
{
	char *text = draw(format, m);

	check_characters(text);
	check_tags(text);
	free(text);
}

static void check_strings(const char *format, const struct map *m)
{
	char *text = draw(format, m);

	check_quotes(text);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {.data = data, .len = size};
	struct map_row rows[ROWS_MAX];
	struct map_input input = {.rows = rows};
	struct map_layout_options options = {.is_plain = true};
	uint8_t bits = take(&in);
	char *note;

	input.view = (enum map_view)(bits % 3);
	input.level = (enum map_level)((bits >> 2) % 3);
	input.is_all = bits & 0x40;
	input.top = bits & 0x80 ? 3 : 0;
	input.title = take_text(&in);
	input.period = take_text(&in);
	input.coverage = take_text(&in);
	while (in.len > 0 && input.n_rows < ROWS_MAX) {
		rows[input.n_rows++] = take_row(&in);
	}
	struct map *m = map_build(&input);
	map_layout(m, &options, &note);
	check_xml("svg", m);
	check_xml("drawio", m);
	check_xml("graphml", m);
	check_strings("dot", m);
	check_strings("mermaid", m);
	free(note);
	map_free(m);
	for (size_t i = 0; i < in.n_texts; i++) {
		free(in.texts[i]);
	}
	return 0;
}
