/* The map as a Mermaid flowchart: a text to edit, which GitHub, GitLab and wikis draw where it
 * stands in a page. Placing is left to them. */
#include "terrier/export.h"

#include "terrier/base/utf8.h"
#include "terrier/export/figure.h"
#include "terrier/export/text.h"

#include <string.h>

static bool is_word(uint32_t rune)
{
	return (rune >= '0' && rune <= '9') || (rune >= 'A' && rune <= 'Z') ||
	       (rune >= 'a' && rune <= 'z');
}

/* Whether a character may stand as itself. Marks may not, for any of them may mean something to
 * Mermaid or to the Markdown that it takes labels for ("1. ", "www."), but for the few within words
 * and names; nor may the two characters that Mermaid itself puts in the place of entities. */
static bool stands(uint32_t before, uint32_t rune, uint32_t after)
{
	if (rune >= 0x80) {
		return rune != 0xfb02 && rune != 0xb6;
	}
	if (strchr(".-_/", (int)rune) != NULL) {
		return is_word(before) && is_word(after) &&
		       (rune != '.' || (before != 'w' && before != 'W'));
	}
	return is_word(rune) || rune == ',';
}

/* Inside a quoted string, or behind a keyword. What cannot stand is written as Mermaid's entity,
 * `#60;`; a text of nothing as a blank, for Mermaid knows no empty label. */
static void put_text(FILE *out, const char *text, const char *line_end)
{
	uint32_t before = 0, rune, after;
	bool is_blank = false, is_empty = true;

	for (size_t n; text != NULL && (n = utf8_next(text, &rune)) > 0; text += n) {
		utf8_next(text + n, &after);
		if (rune == '\n') {
			fputs(line_end, out);
			is_blank = false;
			before = 0;
			continue;
		}
		if (rune == ' ' || utf8_is_control(rune) || (rune & 0xfffe) == 0xfffe) {
			is_blank = before != 0; /* four at the start of a line would be code */
			continue;
		}
		if (is_blank) {
			fputc(' ', out);
			before = ' ';
		}
		is_blank = is_empty = false;
		if (stands(before, rune, after)) {
			export_put_character(rune, out);
		} else {
			fprintf(out, "#%u;", (unsigned)rune);
		}
		before = rune;
	}
	if (is_empty) {
		fputs("#32;", out);
	}
}

/* The classes of boxes, and one for each tier, with which the key is drawn. Nothing is left to the
 * theme: a dark one would write white on white. */
static void put_classes(FILE *out)
{
	fputs("classDef system fill:#ffffff,stroke:#1f2933,color:#000000\n"
	      "classDef outside fill:#e4e7eb,stroke:#1f2933,stroke-width:2px,color:#000000\n"
	      "classDef zone fill:#f3f6f9,stroke:#52606d,stroke-dasharray:7 4,color:#000000\n"
	      "classDef beyond fill:#fdf3e7,stroke:#52606d,stroke-dasharray:2 3,color:#000000\n"
	      "classDef text fill:#ffffff,stroke:none,color:#000000,text-align:left\n",
	      out);
}

/* "stroke:#6a2c91,stroke-width:2px,stroke-dasharray:2 4": for a class and for arrows. */
static void put_look(FILE *out, enum tier tier)
{
	fprintf(out, "stroke:%s,stroke-width:", figure_looks[tier].colour);
	pen_number(out, figure_looks[tier].weight);
	fprintf(out, "px%s", figure_looks[tier].dash[0] != '\0' ? ",stroke-dasharray:2 4" : "");
}

static void put_node(FILE *out, const struct map_node *n, size_t index)
{
	static const char *const open[] = {"(\"", "[(\"", "[[\"", "[\"", "{{\""};
	static const char *const close[] = {"\")", "\")]", "\"]]", "\"]", "\"}}"};

	fprintf(out, "\t\tn%zu%s", index + 1, open[n->shape]);
	put_text(out, n->name, " ");
	if (n->detail != NULL) {
		fputs("<br/>", out);
		put_text(out, n->detail, " ");
	}
	fprintf(out, "%s:::%s\n", close[n->shape], n->shape == MAP_OUTSIDE ? "outside" : "system");
}

static void put_zone(FILE *out, const struct map *m, size_t zone)
{
	fprintf(out, "\tsubgraph zone%zu[\"", zone + 1);
	put_text(out, m->zones[zone].name, " ");
	fputs("\"]\n", out);
	for (size_t i = 0; i < m->n_nodes; i++) {
		if (m->nodes[i].zone == zone) {
			put_node(out, &m->nodes[i], i);
		}
	}
	fprintf(out, "\tend\n\tclass zone%zu %s\n", zone + 1,
	        m->zones[zone].is_outside ? "beyond" : "zone");
}

/* The shaft tells what matters even where styles are not drawn. */
static void put_edge(FILE *out, const struct map_edge *e, size_t index)
{
	static const char *const shaft[] = {[TIER_0] = "--",
	                                    [TIER_1] = "--",
	                                    [TIER_2] = "==",
	                                    [TIER_3] = "==",
	                                    [TIER_UNKNOWN] = "-.-"};

	if (e->ids[0] != '\0') {
		fputs("\t%% ", out);
		put_text(out, e->ids, " ");
		fputc('\n', out);
	}
	fprintf(out, "\tn%zu %s%s>|\"%s: ", e->from + 1, e->is_both ? "<" : "", shaft[e->tier],
	        figure_looks[e->tier].letter);
	put_text(out, e->label, "<br/>");
	fputs("<br/>", out);
	put_text(out, e->method, "<br/>");
	if (e->status != MAP_NO_STATUS) {
		fprintf(out, "<br/>%s%s", figure_status(e->status),
		        e->is_rejected ? ", " FIGURE_REJECTED_WORDS : "");
	}
	fprintf(out, "\"| n%zu\n\tlinkStyle %zu ", e->to + 1, index);
	put_look(out, e->tier);
	if (e->status >= MAP_UNSEEN && figure_looks[e->tier].dash[0] == '\0') {
		fputs(",stroke-dasharray:7 5", out);
	}
	fputc('\n', out);
}

static void put_key(FILE *out, const struct map *m)
{
	bool used[TIER_UNKNOWN + 1] = {false};

	for (size_t i = 0; i < m->n_edges; i++) {
		used[m->edges[i].tier] = true;
	}
	fputs("\tsubgraph key[\"Key: letter and line of the arrows\"]\n", out);
	for (int tier = TIER_0; tier <= TIER_UNKNOWN; tier++) {
		if (used[tier]) {
			fprintf(out, "\t\tkey%d[\"%s: ", tier, figure_looks[tier].letter);
			put_text(out, figure_looks[tier].meaning, " ");
			fprintf(out, "\"]:::tier%d\n", tier);
		}
	}
	fputs("\tend\n\tclass key text\n", out);
	for (int tier = TIER_0; tier <= TIER_UNKNOWN; tier++) {
		if (used[tier]) {
			fprintf(out, "classDef tier%d fill:#ffffff,color:#000000,", tier);
			put_look(out, (enum tier)tier);
			fputc('\n', out);
		}
	}
}

static void put_line(FILE *out, const char *text)
{
	if (text != NULL) {
		put_text(out, text, "<br/>");
		fputs("<br/>", out);
	}
}

/* What the page carries in its head stands in a box of its own, first; what it carries in its foot
 * in the last. */
static void put_head(FILE *out, const struct map *m)
{
	fputs("flowchart LR\n\taccTitle: ", out);
	put_text(out, m->title, " ");
	fprintf(out, "\n\taccDescr: Data-flow map, %zu nodes in %zu zones, %zu arrows\n\thead[\"",
	        m->n_nodes, m->n_zones, m->n_edges);
	put_line(out, m->marking);
	put_line(out, m->title);
	put_line(out, m->scope);
	put_text(out, m->period, " ");
	fputs("\"]:::text\n", out);
	if (m->n_nodes == 0) {
		fputs("\tempty[\"Nothing was seen that this map asks for\"]:::text\n", out);
	}
}

static void put_foot(FILE *out, const struct map *m)
{
	fputs("\tfoot[\"", out);
	put_line(out, m->coverage != NULL ? m->coverage : "No figures on coverage were given");
	for (size_t i = 0; i < m->n_notes; i++) {
		put_line(out, m->notes[i]);
	}
	put_text(out, m->marking, " ");
	fputs("\"]:::text\n", out);
}

static int write_map(const struct map *m, const struct export_options *options, FILE *out,
                     char **error)
{
	(void)options;
	put_head(out, m);
	for (size_t i = 0; i < m->n_zones; i++) {
		put_zone(out, m, i);
	}
	for (size_t i = 0; i < m->n_edges; i++) {
		put_edge(out, &m->edges[i], i);
	}
	if (m->n_edges > 0) {
		put_key(out, m);
	}
	put_foot(out, m);
	put_classes(out);
	return export_finish(out, error);
}

const struct exporter exporter_mermaid = {
        .name = "mermaid",
        .suffix = ".mmd",
        .summary = "a Mermaid flowchart to edit, or to put in a page of GitHub or a wiki",
        .write_map = write_map,
};
