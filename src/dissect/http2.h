#ifndef TERRIER_DISSECT_HTTP2_H
#define TERRIER_DISSECT_HTTP2_H

/* What the parts of the HTTP/2 dissector share: http2.c follows frames, http2_request.c reads
 * header fields and says what a request is. */
#include "hpack.h"

enum {
	PREFACE_LEN = 24,
	HEAD_LEN = 9,
	FRAME_MAX = 1 << 20, /* longer ones are allowed by no one (default: 16 KiB) */
	STREAMS_MAX = 5,     /* requests that wait for their answer, or have a body */
	HOST_ROOM = 56,
	SERVER_MAX = 32,
};

enum place { AT_HEAD, IN_PREFACE, IN_PADDING, IN_BLOCK, IN_BODY, LOST };

/* A request, with what its head and its answer's head have said. */
struct request {
	uint32_t id; /* of its stream; 0: no request */
	int entry;   /* SINK_NO_ENTRY while it is undecided */
	struct route route;
	uint8_t method, media, accept;
	bool is_blind; /* something of it is not known */
	bool has_host, has_method, is_grpc;
};

struct half {
	uint8_t place, n_head;
	uint8_t prefix;  /* octets before the block: length of padding, priority, promised stream */
	uint8_t padding; /* behind the block */
	bool is_interim; /* the head is of a 1xx */
	bool is_promise; /* the head is of a request that the server makes up */
	bool is_open;    /* the block goes on in the next frame */
	uint8_t head[HEAD_LEN];
	uint32_t left; /* of the frame */
	struct hpack hpack;
};

struct http2 {
	struct half half[2];
	struct request requests[STREAMS_MAX]; /* newest first */
	uint8_t client;
	uint8_t host_number; /* of the host below */
	bool is_begun, has_client, server_noted;
	char host[HOST_ROOM];
};

_Static_assert(sizeof(struct http2) <= DISSECT_STATE_MAX, "state of a flow");

/* What a call works on. */
struct walk {
	const uint8_t *p, *end;
	struct http2 *http2;
	struct half *h;
	enum side side;
	struct sink *sink;
};

static inline uint32_t stream_of(const uint8_t head[HEAD_LEN])
{
	return ((uint32_t)head[5] << 24 | (uint32_t)head[6] << 16 | (uint32_t)head[7] << 8 |
	        head[8]) &
	       0x7fffffff;
}

/* The request of a stream, NULL when there is none. */
struct request *http2_request_find(struct http2 *http2, uint32_t id);

/* Begins a request; the oldest has to go. */
struct request *http2_request_begin(struct walk *w, uint32_t id);

/* Decides a request by what is known; `is_last` when no more will be. */
void http2_request_settle(struct walk *w, struct request *r, enum media answered, bool is_last);

/* Says once who is the client. */
void http2_say_client(struct walk *w, bool is_this_side);

/* What the value of a field means. */
struct hpack_meaning http2_read_value(struct walk *w, const struct hpack *h);

/* A field of the head that is being read, of a request or its answer. */
void http2_apply(struct walk *w, const struct hpack_meaning *m);

#endif
