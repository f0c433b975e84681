#ifndef TERRIER_TESTS_FAKE_SINK_H
#define TERRIER_TESTS_FAKE_SINK_H

#include "terrier/dissect.h"

/* A sink for tests of dissectors: sums up what was noted, so that the sum is the same however the stream was cut. Define
 * the sink_*() functions by linking fake_sink.c and declared.c; the build names the dissector that is tested (DISSECTOR),
 * whose table of fields has to name all that is said. */
#define FAKE_MAX 64

struct fake_entry {
	enum evidence_type type;
	char text[RECORD_EVIDENCE_MAX];
	enum side side;
	enum info_direction direction;
	unsigned messages;
	uint64_t bytes[2];
};

struct fake_note {
	char what[16];               /* "name", "fact", "expect" (text `tcp 10.77.1.20 2021`) */
	char key[32];                /* side or address and source; word of the fact */
	char text[RECORD_NAME_MAX];
	unsigned count;
};

struct sink {
	struct fake_entry entries[FAKE_MAX];
	int n_entries;
	struct fake_note notes[FAKE_MAX];
	int n_notes;
	uint64_t pending[2];         /* octets not yet booked */
	uint64_t total[2];           /* all octets accounted for */
	int client;                  /* -1: not said */
	int encryption;              /* -1: not said */
	int port;                    /* -1: not said */
	uint32_t balance[2];         /* as said last */
	char protocol[PROTOCOL_NAME_MAX];
};

void fake_sink_init(struct sink *sink);

/* Feeds `len` bytes of a side in pieces of `piece` bytes (0: all at once); returns the last verdict. */
enum dissect_verdict fake_feed(const struct dissector *d, void *state, struct sink *sink, enum side side,
                               const void *bytes, size_t len, size_t piece, const struct dissect_flow *flow);

/* Plays a conversation of texts from a fresh state: what each side says in turn, the client first (it may say nothing: ""),
 * up to NULL or until the dissector has had enough. Returns a sink that lives to the next call. */
struct sink *fake_talk(const struct dissector *d, const struct dissect_flow *flow, const char *const *turns, size_t piece,
                       enum dissect_verdict *verdict);

/* The entry with this text; NULL when there is none. */
const struct fake_entry *fake_entry(const struct sink *sink, const char *text);

/* Times a name or fact with this text was noted. */
unsigned fake_noted(const struct sink *sink, const char *what, const char *text);

#endif
