#ifndef TERRIER_MODEL_MAP_H
#define TERRIER_MODEL_MAP_H

#include "terrier/model/kind.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A data-flow map: systems by zone, and what information goes between them. Plain data, built by map/build, folded
 * by map/fold, placed by map/layout, drawn by export/. All texts are owned by the map. Order is fixed by the data. */
enum map_shape {
	MAP_SYSTEM,
	MAP_STORE,
	MAP_SEVERAL /* folded */,
	MAP_OUTSIDE,
	MAP_DEVICE /* medical */
};
#define MAP_SHAPES (MAP_DEVICE + 1)

/* What the register says of an arrow (registers.md 5.2, 9); none without a register. */
enum map_status {
	MAP_NO_STATUS,
	MAP_DECLARED /* and observed */,
	MAP_UNDECLARED,
	MAP_UNSEEN,
	MAP_RETIRED
};
#define MAP_STATUSES (MAP_RETIRED + 1)

struct map_node {
	char *id;             /* stable: "H-…" of its address or fold */
	char *asset_id;       /* of the register; NULL: none */
	char *name;           /* best name, else the address */
	char *detail;         /* second line: address, or what was folded ("+ 212 clients"); NULL: none */
	enum map_shape shape;
	size_t zone;          /* index */
	double x, y, width, height; /* centre and size in points; set by the layout, y downwards */
};

/* The drawing's part of an A3 page, landscape, in points: what a layout aims at, or at its shape. */
#define MAP_PAGE_WIDTH  1142.0
#define MAP_PAGE_HEIGHT 680.0

/* Text sizes in points, with which the layout measures and the page draws. */
#define MAP_NAME_SIZE   10.0
#define MAP_DETAIL_SIZE 8.0
#define MAP_LABEL_SIZE  8.0
#define MAP_ZONE_SIZE   11.0
#define MAP_CHIP        13.0 /* the square that holds the tier's letter, left of a label */
#define MAP_LOCK        8.0  /* the sign of encryption, left of a method */
#define MAP_PAD         3.0  /* between a label's text and its border */
#define MAP_LEADING     1.2 /* line distance in text sizes */

struct map_point {
	double x, y;
};

/* One arrow: information of one or several kinds from one node to another by one method. */
struct map_edge {
	size_t from, to;
	char *label;          /* kind titles, one a line (the layout breaks long lines), "+ 3 more" when many */
	char *method;         /* below it: "HL7v2, clear"; where there is room, the ids */
	char *ids; /* of the exchanges (or of the register's flows) behind it, "X-…; X-…", for
	              titles and joins */
	enum tier tier;       /* highest; unknown above tier 1 */
	enum map_status status;
	bool is_rejected;     /* by a decision in force */
	bool is_both;         /* two-headed */
	bool was_clear, was_encrypted;
	uint64_t connections, messages, bytes;
	struct map_point *points; /* cubic Bézier: 3n+1 points from tail to head; set by the layout */
	size_t n_points;
	size_t n_points_in;       /* of these, from the tail up to the label's border */
	double label_x, label_y;  /* centre of the label, through which the arrow runs */
	double label_width, label_height;
	bool is_label_shared; /* an earlier edge with the same words has the same label in the same place, */
	bool is_in_shared, is_out_shared; /* and the same way into it, or out of it */
};

struct map_zone {
	char *name;           /* of the configuration, or the subnet; "Outside" */
	bool is_outside;
	double x, y, width, height; /* box: left, top, size; set by the layout */
};

struct map {
	char *title, *scope, *period; /* for the page's head: what of, drawn how and for whom, when */
	char *coverage;               /* for its foot; may have several lines */
	char *marking;        /* "OFFICIAL-SENSITIVE", printed top and bottom; NULL: none */
	char **notes;         /* limits and warnings printed on the page */
	size_t n_notes;
	char **control; /* version, dates, roles, a line each; one that ends in ':' is filled in by
	                   hand */
	size_t n_control;
	struct map_zone *zones;
	size_t n_zones;
	struct map_node *nodes;
	size_t n_nodes;
	struct map_edge *edges;
	size_t n_edges;
	double width, height; /* of the drawing; set by the layout */
	bool is_placed;
};

/* An empty map, and its end (NULL is allowed). */
struct map *map_new(void);
void map_free(struct map *m);

#endif
