/* The map as GraphML, for graph editors and for calculation: zones are nodes with a graph in them,
 * and every figure of the map is an attribute with its type.
 * http://graphml.graphdrawing.org/specification.html */
#include "terrier/export.h"

#include "terrier/export/figure.h"
#include "terrier/export/text.h"

#include <inttypes.h>

struct key {
	const char *name, *type;
};

/* What is said of the whole, of nodes (zones among them), and of arrows. */
static const struct key graph_keys[] = {{"title", "string"},   {"scope", "string"},
                                        {"period", "string"},  {"coverage", "string"},
                                        {"marking", "string"}, {"notes", "string"}};
static const struct key node_keys[] = {
        {"name", "string"}, {"what", "string"},  {"detail", "string"}, {"x", "double"},
        {"y", "double"},    {"width", "double"}, {"height", "double"}, {"outside", "boolean"}};
static const struct key edge_keys[] = {
        {"label", "string"},       {"method", "string"}, {"tier", "string"},
        {"sensitivity", "string"}, {"status", "string"}, {"rejected", "boolean"},
        {"both", "boolean"},       {"clear", "boolean"}, {"encrypted", "boolean"},
        {"connections", "long"},   {"messages", "long"}, {"bytes", "long"},
        {"exchanges", "string"}};

static void put_keys(FILE *out, const char *domain, const struct key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "<key id=\"%s\" for=\"%s\" attr.name=\"%s\" attr.type=\"%s\"/>\n",
		        keys[i].name, domain, keys[i].name, keys[i].type);
	}
}

static void put_text(FILE *out, const char *key, const char *text)
{
	if (text != NULL) {
		fprintf(out, "<data key=\"%s\">", key);
		pen_string(out, text);
		fputs("</data>\n", out);
	}
}

static void put_truth(FILE *out, const char *key, bool is_true)
{
	put_text(out, key, is_true ? "true" : "false");
}

static void put_count(FILE *out, const char *key, uint64_t count)
{
	fprintf(out, "<data key=\"%s\">%" PRIu64 "</data>\n", key, count);
}

static void put_number(FILE *out, const char *key, double value)
{
	fprintf(out, "<data key=\"%s\">", key);
	pen_number(out, value);
	fputs("</data>\n", out);
}

/* Where it stands on the map: its centre, and its size. */
static void put_place(FILE *out, double x, double y, double width, double height)
{
	put_number(out, "x", x);
	put_number(out, "y", y);
	put_number(out, "width", width);
	put_number(out, "height", height);
}

static void put_node(FILE *out, const struct map *m, const struct map_node *n)
{
	fprintf(out, "<node id=\"%s\">\n", n->id);
	put_text(out, "name", n->name);
	put_text(out, "what", figure_shape_word(n->shape));
	put_text(out, "detail", n->detail);
	if (m->is_placed) {
		put_place(out, n->x, n->y, n->width, n->height);
	}
	put_truth(out, "outside", m->zones[n->zone].is_outside);
	fputs("</node>\n", out);
}

static void put_zone(FILE *out, const struct map *m, size_t zone)
{
	const struct map_zone *z = &m->zones[zone];

	fprintf(out, "<node id=\"zone-%zu\">\n", zone + 1);
	put_text(out, "name", z->name);
	put_text(out, "what", "zone");
	if (m->is_placed) {
		put_place(out, z->x + z->width / 2, z->y + z->height / 2, z->width, z->height);
	}
	put_truth(out, "outside", z->is_outside);
	fprintf(out, "<graph id=\"in-zone-%zu\" edgedefault=\"directed\">\n", zone + 1);
	for (size_t i = 0; i < m->n_nodes; i++) {
		if (m->nodes[i].zone == zone) {
			put_node(out, m, &m->nodes[i]);
		}
	}
	fputs("</graph>\n</node>\n", out);
}

static void put_edge(FILE *out, const struct map *m, size_t index)
{
	static const char *const tiers[] = {"0", "1", "2", "3", [TIER_UNKNOWN] = "unknown"};
	const struct map_edge *e = &m->edges[index];

	fprintf(out, "<edge id=\"arrow-%zu\" source=\"%s\" target=\"%s\">\n", index + 1,
	        m->nodes[e->from].id, m->nodes[e->to].id);
	put_text(out, "label", e->label);
	put_text(out, "method", e->method);
	put_text(out, "tier", tiers[e->tier]);
	put_text(out, "sensitivity", figure_looks[e->tier].meaning);
	if (e->status != MAP_NO_STATUS) {
		put_text(out, "status", figure_status(e->status));
		put_truth(out, "rejected", e->is_rejected);
	}
	put_truth(out, "both", e->is_both);
	put_truth(out, "clear", e->was_clear);
	put_truth(out, "encrypted", e->was_encrypted);
	put_count(out, "connections", e->connections);
	put_count(out, "messages", e->messages);
	put_count(out, "bytes", e->bytes);
	put_text(out, "exchanges", e->ids);
	fputs("</edge>\n", out);
}

static void put_head(FILE *out, const struct map *m)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	      "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\" "
	      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
	      "xsi:schemaLocation=\"http://graphml.graphdrawing.org/xmlns "
	      "http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd\">\n",
	      out);
	put_keys(out, "graph", graph_keys, sizeof graph_keys / sizeof graph_keys[0]);
	put_keys(out, "node", node_keys, sizeof node_keys / sizeof node_keys[0]);
	put_keys(out, "edge", edge_keys, sizeof edge_keys / sizeof edge_keys[0]);
	fputs("<graph id=\"map\" edgedefault=\"directed\">\n", out);
	put_text(out, "title", m->title);
	put_text(out, "scope", m->scope);
	put_text(out, "period", m->period);
	put_text(out, "coverage", m->coverage);
	put_text(out, "marking", m->marking);
	if (m->n_notes > 0) {
		fputs("<data key=\"notes\">", out);
		for (size_t i = 0; i < m->n_notes; i++) {
			fputs(i > 0 ? "\n" : "", out);
			pen_string(out, m->notes[i]);
		}
		fputs("</data>\n", out);
	}
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
		put_edge(out, m, i);
	}
	fputs("</graph>\n</graphml>\n", out);
	return export_finish(out, error);
}

const struct exporter exporter_graphml = {
        .name = "graphml",
        .suffix = ".graphml",
        .summary = "GraphML for graph editors, with all figures as attributes",
        .write_map = write_map,
};
