/* The map as a Graphviz text, for people to edit and render on their own. Placing is left to the
 * reader's dot. */
#include "terrier/export.h"

#include "terrier/base/mem.h"
#include "terrier/base/utf8.h"
#include "terrier/export/figure.h"

#include <string.h>

/* Inside a quoted string: backslashes begin escapes (`\N` is the node's name) and `&` an entity. */
static void put_text(FILE *out, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;
	uint32_t rune;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(text + i, len - i, &rune);
		if (rune == '"') {
			fputs("\\\"", out);
		} else if (rune == '\\') {
			fputs("\\\\", out);
		} else if (rune == '&') {
			fputs("&amp;", out);
		} else if (rune == '\n') {
			fputs("\\n", out);
		} else if (rune == UTF8_REPLACEMENT) {
			fputs("\xef\xbf\xbd", out);
		} else if (rune < 0x20 || rune == 0x7f) {
			fputc(' ', out);
		} else {
			fwrite(text + i, 1, n, out);
		}
	}
}

static void put_line(FILE *out, const char *text)
{
	if (text != NULL && text[0] != '\0') {
		put_text(out, text);
		fputs("\\l", out);
	}
}

/* What the page carries in head and foot stands under the graph. */
static void put_head(FILE *out, const struct map *m)
{
	fputs("digraph map {\n\trankdir=LR;\n\tfontname=\"DejaVu "
	      "Sans\";\n\tlabeljust=l;\n\tlabel=\"",
	      out);
	put_line(out, m->marking);
	put_line(out, m->title);
	put_line(out, m->scope);
	put_line(out, m->period);
	for (size_t i = 0; i < m->n_control; i++) {
		put_line(out, m->control[i]);
	}
	put_line(out, m->coverage);
	for (size_t i = 0; i < m->n_notes; i++) {
		put_line(out, m->notes[i]);
	}
	put_line(out, m->marking);
	fputs("\";\n\tnode [shape=box, style=rounded, fontname=\"DejaVu Sans\"];\n"
	      "\tedge [fontname=\"DejaVu Sans\", fontsize=9];\n",
	      out);
}

static void put_node(FILE *out, const struct map_node *n, size_t index)
{
	static const char *const style[] = {[MAP_SYSTEM] = "",
	                                    [MAP_STORE] = ", shape=cylinder, style=\"\"",
	                                    [MAP_SEVERAL] = ", shape=box3d, style=\"\"",
	                                    [MAP_OUTSIDE] = ", style=filled, fillcolor=\"#e4e7eb\"",
	                                    [MAP_DEVICE] = ", shape=octagon, style=\"\""};

	fprintf(out, "\t\tn%zu [label=\"", index + 1);
	put_text(out, n->name);
	if (n->detail != NULL) {
		fputs("\\n", out);
		put_text(out, n->detail);
	}
	fprintf(out, "\"%s];\n", style[n->shape]);
}

static void put_zone(FILE *out, const struct map *m, size_t zone)
{
	fprintf(out, "\tsubgraph cluster_%zu {\n\t\tstyle=dashed;\n\t\tlabel=\"", zone + 1);
	put_text(out, m->zones[zone].name);
	fputs("\";\n", out);
	for (size_t i = 0; i < m->n_nodes; i++) {
		if (m->nodes[i].zone == zone) {
			put_node(out, &m->nodes[i], i);
		}
	}
	fputs("\t}\n", out);
}

static void put_edge(FILE *out, const struct map_edge *e)
{
	static const char *const style[] = {
	        [TIER_0] = "color=\"#6b6b6b\"",
	        [TIER_1] = "color=\"#857c3c\"",
	        [TIER_2] = "color=\"#b3600a\", penwidth=2",
	        [TIER_3] = "color=\"#971b1b\", penwidth=3",
	        [TIER_UNKNOWN] = "color=\"#6a2c91\", style=dotted, penwidth=2",
	};
	static const char *const letter[] = {"N", "P", "P", "S", "U"};

	fprintf(out, "\tn%zu -> n%zu [label=\"%s ", e->from + 1, e->to + 1, letter[e->tier]);
	put_text(out, e->label);
	fputs("\\n", out);
	put_text(out, e->method);
	if (e->status != MAP_NO_STATUS) {
		fprintf(out, "\\n%s%s", figure_status(e->status),
		        e->is_rejected ? ", " FIGURE_REJECTED_WORDS : "");
	}
	fputs("\", comment=\"", out);
	put_text(out, e->ids);
	fprintf(out, "\", %s%s%s];\n", style[e->tier],
	        e->status >= MAP_UNSEEN ? ", style=dashed" : "", e->is_both ? ", dir=both" : "");
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
		put_edge(out, &m->edges[i]);
	}
	fputs("}\n", out);
	if (ferror(out)) {
		*error = mem_strdup("map: writing failed: is the disk full?");
		return -1;
	}
	return 0;
}

const struct exporter exporter_dot = {
        .name = "dot",
        .suffix = ".dot",
        .summary = "a Graphviz text to edit",
        .write_map = write_map,
};
