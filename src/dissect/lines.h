#ifndef TERRIER_DISSECT_LINES_H
#define TERRIER_DISSECT_LINES_H

#include "host.h"

#include "terrier/base/cursor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Protocols of command lines (SMTP, IMAP, POP3, FTP, and how SSH and rsync begin): gathers the
 * start of each line of one direction, and passes over bodies: by their length, or to the line with
 * a single dot. */

#define LINES_TEXT 160 /* octets of a line that are read */
#define LINES_TAIL 16  /* … and of its end, where IMAP has the length of what follows */

/* One direction; zeroed at first. */
struct lines {
	uint64_t left; /* octets to pass over before the next line */
	uint8_t dots;  /* in a body that ends with a dot: 1 and the octets of its end so far */
	uint8_t have;  /* octets in `text` */
	uint8_t n_tail;
	bool is_cut;               /* the line was longer than its room */
	bool is_broken;            /* its start was lost: it is dropped */
	bool is_over;              /* it was handed out: the next octet begins another */
	char text[LINES_TEXT + 1]; /* of a whole line: ends with NUL; NULs in it are spaces */
	char tail[LINES_TAIL];
};

enum lines_event {
	LINES_MORE, /* all was taken, or passed over */
	LINES_LINE, /* a line is complete: `text`, without its end, until the next call */
	LINES_BODY_END,
};

/* Takes octets from `bytes` up to the next event. */
enum lines_event lines_next(struct lines *l, struct cursor *bytes);

/* A body begins behind this line that ends with CR LF `.` CR LF (RFC 5321 4.1.1.4, RFC 1939 3). */
void lines_body(struct lines *l);

/* `lost` octets are missing before what comes. */
void lines_gap(struct lines *l, uint64_t lost);

/* Word number `n` (from 0) of a line, words being divided by one or more spaces; empty when there
 * is none. */
struct cursor lines_word(const char *text, size_t len, unsigned n);

/* True when the word is `text`, whatever the case. */
bool lines_is(struct cursor word, const char *text);

/* The first line of what a side sent, without its end: its length, 0 when there is no whole line of
 * printable text. */
size_t lines_first(struct cursor bytes);

/* The first word that is the name of a host with a domain, as far as it may be kept; returns its
 * length, 0 when there is none. */
size_t lines_host(char out[HOST_MAX], const char *text, size_t len);

#endif
