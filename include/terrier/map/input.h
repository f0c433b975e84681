#ifndef TERRIER_MAP_INPUT_H
#define TERRIER_MAP_INPUT_H

#include "terrier/base/addr.h"
#include "terrier/model/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a map is built from: rows of exchanges, texts and wishes. All is borrowed. */

/* One end of an exchange. Texts may be anything: they are made valid, single-line and short. */
struct map_end {
	const char *address; /* as CONTRACT spells it, "10.77.1.5" or "[outlook.office365.com]"; tells ends apart */
	const char *name;    /* best known; NULL or empty: none */
	const char *zone;    /* configured zone, else the subnet's text; NULL for what has none (outside, broadcast) */
	struct addr addr;    /* when `is_party` is false; only for the order */
	bool is_party;       /* a party of many addresses */
	bool is_inside;
	const char *asset_id; /* of the register; NULL: none */
	const char *detail;   /* second line of its box; NULL: as the view has it */
	enum map_shape shape; /* declared: MAP_STORE, MAP_DEVICE; else MAP_SYSTEM, and what was seen
	                         decides */
	size_t n_hosts;       /* clients that are told as one; 0: it is one system */
};

struct map_row {
	const char *exchange_id;            /* "X-…", or "F-…" of a flow of the register */
	struct map_end source, destination; /* of the information; both ways: the client and the server */
	bool is_both;
	bool source_is_server; /* the destination opened the connection */
	const char *kind_id, *kind_title, *kind_group;
	enum tier tier;
	enum confidence confidence;
	const char *protocol, *transport; /* "HL7v2", or several parted by ";"; "tcp" */
	uint16_t server_port;             /* 0: none */
	bool was_clear, was_encrypted;    /* neither: unknown */
	uint64_t connections, messages, bytes;
	enum map_status status;
	bool is_rejected;
};

/* IG: systems by name, those without one together by zone. Network: addresses and ports too.
 * Public: no system, no address, and no party outside. */
enum map_view { MAP_VIEW_IG, MAP_VIEW_NETWORK, MAP_VIEW_PUBLIC };

/* What a node stands for. The public view never goes below the zone. */
enum map_level { MAP_LEVEL_HOST, MAP_LEVEL_ZONE, MAP_LEVEL_ORGANISATION };

struct map_input {
	const struct map_row *rows; /* in any order: the map is the same */
	size_t n_rows;
	const char *organisation; /* NULL: not known */
	const char *title; /* NULL: a common one, and that the organisation is not stated */
	const char *period;
	const char *coverage;       /* lines parted by '\n' */
	const char *marking;        /* NULL: OFFICIAL-SENSITIVE; empty: none */
	const char *const *notes;   /* limits and warnings, one a line */
	size_t n_notes;
	const char *const *control; /* as struct map has it */
	size_t n_control;
	enum map_view view;
	enum map_level level;
	size_t top;          /* draw this many arrows, the most sensitive and then the busiest; 0: as are legible */
	const char *focus;   /* name or address: only what it sends and receives; NULL: everything */
	bool is_all;         /* fold nothing and draw all, however large the picture gets (--all) */
};

#endif
