#ifndef TERRIER_REGISTER_SUGGEST_INTERNAL_H
#define TERRIER_REGISTER_SUGGEST_INTERNAL_H

/* What the files of the draft share. */

#include "terrier/base/words.h"
#include "terrier/register/suggest.h"

#define SKETCH      16  /* least hashes of a host's peers (MinHash): two hosts share as many as they share peers */
#define FEW         3   /* peers and clients that are counted; more are many */
#define SERVES_MAX  48  /* services of a host that are kept */
#define ID_WORD_MAX 40  /* characters of a part of an id */
#define ROW_HOSTS   150 /* hosts of a row: their addresses must fit a cell */

/* Sorts of rows, in the order in which they are told. */
enum suggest_sort { SORT_SYSTEM, SORT_INFRASTRUCTURE, SORT_CLIENTS, SORT_OUTSIDE };

/* One host that was seen to exchange something. */
struct suggest_host {
	const struct directory_host *host;
	char *zone;
	struct words kinds;     /* ids: sent, or held */
	struct words serves;    /* "DICOM tcp/104" */
	struct words protocols; /* that it answers: "DICOM" */
	bool is_declared, uses, is_unclear;
	bool spoke;             /* sent anything at all: a directed broadcast, an address that was only tried, did not */
	bool asks_worklist;     /* of imaging: scanners do, viewers do not (DICOM PS3.4 K) */
	const struct directory_host *clients[FEW], *peers[FEW];
	unsigned n_clients, n_peers;
	uint64_t sketch[SKETCH];
	size_t number;          /* in the order of their addresses */
	enum suggest_sort sort;
	bool is_machine_named;  /* the stem is of a machine's name, not of an AE title or application */
	char *stem;             /* what the names of one system's hosts share; "": no telling name */
	char *label;            /* what the host is called, as an id has it; "": nothing */
	char *key;              /* hosts with the same one belong together; NULL: none */
	struct suggest_host *together; /* the first of those it belongs to, itself for the first */
	struct words why;       /* what it has in common with them; of the first for all of them */
	struct suggest_row *row;
	UT_hash_handle hh;      /* by the host's key */
};

/* A row in the making. */
struct suggest_row {
	enum suggest_sort sort;
	struct suggest_host **hosts;
	size_t n;
	const char *zone; /* of all hosts; NULL: they are in several */
	unsigned roles;   /* ROLE_BIT of what all of them together do; of clients none */
	struct words why;
	bool is_narrow;   /* no block stands for addresses, no domain for names */
	struct suggestion out;
};

struct suggest {
	struct suggest_options options;
	struct suggest_host *hosts;
	char *home;            /* registrable domain of most names inside, or "" */
	struct suggest_row *rows;
	struct entries *draft; /* owns the rows' entries */
	size_t n_rows, n_declared;
};

/* suggest_name.c: the part of a host's name that its system's other hosts have too. */

/* "pacs" of pacs01.trust.example, PACS-DB2 or PACS^TRUST; "" where the name tells no system (srv01, db-2). free(). */
char *suggest_stem(const char *name, const char *home);

/* A text as part of an id: "CT Room 2" becomes "ct-room-2"; at most ID_WORD_MAX characters. free(). */
char *suggest_slug(const char *text);

/* True for a name that people give their own machines (ward7-pc1), and for one that they give servers (app-srv2). */
bool suggest_names_workstation(const char *name);
bool suggest_names_server(const char *name);

/* True for AE titles that tools come with (STORESCU) and that tell no system. */
bool suggest_is_common_title(const char *title);

/* True for a source whose names are of a machine, as its administrators call it. */
bool suggest_names_machine(enum name_source source);

/* The registrable domain of most inside hosts' names, or "" (free()). */
char *suggest_home(const struct directory *d);

/* Sets `stem` and `label` of a host. */
void suggest_name_host(const struct suggest *s, struct suggest_host *h);

/* suggest_sort.c: what sort of row each host is for, and the keys of those that belong together by that. */
void suggest_sort(struct suggest *s);

/* True for rows of machines that may be people's own: none of their names is told or matched. */
bool suggest_is_nameless(const struct suggest_row *row);

/* ROLE_BIT of all that the host was seen to be. */
unsigned suggest_roles(const struct suggest_host *h);

/* suggest_group.c: joins the hosts that belong together. */
void suggest_group(struct suggest *s);

/* suggest_row.c: fills a row's cells, all but those by which it is matched and its id. */
void suggest_fill(const struct suggest *s, struct suggest_row *row);

/* What a role is called without its article: "image archive". A constant. */
const char *suggest_role_title(enum role role);

/* The most telling of several roles; ROLES: none. */
enum role suggest_main_role(unsigned roles);

/* suggest_title.c: gives the rows, in their order, ids and names that no other row and no asset in force has. */
void suggest_identify(struct suggest *s);

/* suggest_match.c: fills match_ columns of all rows so that each matches its own hosts alone. */
void suggest_match(struct suggest *s);

#endif
