/* Order and gaps of one direction of a followed TCP connection (RFC 9293 3.4, sequence arithmetic). */
#include "terrier/sensor/stream.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES 65536

struct buffer {
	uint32_t seq, len, cut;
	uint8_t bytes[BUFFER_BYTES];
};

struct stream_pool {
	struct buffer *buffers;
	uint16_t *free_list;
	uint16_t n, n_free;
};

struct stream_pool *stream_pool_new(uint16_t buffers)
{
	struct stream_pool *p = mem_zalloc(1, sizeof *p);

	p->n = p->n_free = buffers;
	p->buffers = mem_map(sizeof *p->buffers * buffers);
	p->free_list = mem_zalloc(buffers, sizeof *p->free_list);
	for (uint16_t i = 0; i < buffers; i++) {
		p->free_list[i] = (uint16_t)(buffers - 1 - i); /* the same few are used again and again */
	}
	return p;
}

void stream_pool_free(struct stream_pool *p)
{
	if (p == NULL) {
		return;
	}
	mem_unmap(p->buffers, sizeof *p->buffers * p->n);
	free(p->free_list);
	free(p);
}

static int32_t distance(uint32_t to, uint32_t from)
{
	return (int32_t)(to - from);
}

/* Hands over what a segment holds beyond s->next. */
static bool deliver(struct stream *s, unsigned side, uint32_t seq, struct cursor bytes, uint32_t cut, stream_fn *fn,
                    void *context)
{
	uint32_t end = seq + (uint32_t)cur_left(&bytes) + cut;
	uint64_t lost = s->lost;

	if (distance(end, s->next) <= 0) {
		return true; /* all of it was seen before */
	}
	if (distance(s->next, seq) > (int32_t)cur_left(&bytes)) {
		s->lost += end - s->next; /* what is new in it was not captured */
		s->next = end;
		return true;
	}
	cur_skip(&bytes, (size_t)distance(s->next, seq));
	s->next = end;
	s->lost = cut;
	return cur_left(&bytes) == 0 || fn(context, side, bytes, lost);
}

static void release_first(struct stream_pool *p, struct stream *s)
{
	p->free_list[p->n_free++] = s->held[0];
	s->n_held--;
	memmove(s->held, s->held + 1, s->n_held * sizeof s->held[0]);
}

/* Hands over held segments that have come into reach; with `force`, one hole is declared lost first. */
static bool drain(struct stream_pool *p, struct stream *s, unsigned side, bool force, stream_fn *fn, void *context)
{
	while (s->n_held > 0) {
		struct buffer *b = &p->buffers[s->held[0]];
		int32_t gap = distance(b->seq, s->next);
		bool wanted;

		if (gap > 0 && !force) {
			return true;
		}
		if (gap > 0) {
			s->lost += (uint32_t)gap;
			s->next = b->seq;
			force = false;
		}
		wanted = deliver(s, side, b->seq, cur_make(b->bytes, b->len), b->cut, fn, context);
		release_first(p, s);
		if (!wanted) {
			return false;
		}
	}
	return true;
}

/* Keeps a segment in its place; false when there is no room. */
static bool hold(struct stream_pool *p, struct stream *s, uint32_t seq, struct cursor bytes, uint32_t cut)
{
	size_t len = cur_left(&bytes), at = s->n_held;
	uint16_t index;

	if (s->n_held == STREAM_HELD_MAX || p->n_free == 0 || len > BUFFER_BYTES) {
		return false;
	}
	while (at > 0 && distance(p->buffers[s->held[at - 1]].seq, seq) > 0) {
		at--;
	}
	index = p->free_list[--p->n_free];
	memmove(s->held + at + 1, s->held + at, (s->n_held - at) * sizeof s->held[0]);
	s->held[at] = index;
	s->n_held++;
	p->buffers[index].seq = seq;
	p->buffers[index].len = (uint32_t)len;
	p->buffers[index].cut = cut;
	memcpy(p->buffers[index].bytes, bytes.p, len);
	return true;
}

/* Numbers that make no sense any more (a reset we did not see, or a forged segment): begin again here. */
static void restart(struct stream_pool *p, struct stream *s, uint32_t seq)
{
	stream_drop(p, s);
	s->next = seq;
	s->lost += s->is_started ? 1 : 0;
	s->is_started = true;
}

void stream_push(struct stream_pool *p, struct stream *s, unsigned side, uint32_t seq, struct cursor bytes,
                 uint32_t cut, int64_t now_us, stream_fn *fn, void *context)
{
	int32_t ahead = distance(seq, s->next);
	bool wanted = true;

	if (!s->is_started || ahead > STREAM_WINDOW || ahead < -STREAM_WINDOW) {
		restart(p, s, seq);
		ahead = 0;
	}
	if (ahead > 0) {
		if (s->n_held == 0) {
			s->waiting_us = now_us;
		}
		while (wanted && !hold(p, s, seq, bytes, cut)) {
			if (s->n_held == 0) { /* the pool is empty: no waiting */
				s->lost += (uint32_t)distance(seq, s->next);
				s->next = seq;
				wanted = deliver(s, side, seq, bytes, cut, fn, context);
				break;
			}
			wanted = drain(p, s, side, true, fn, context);
			s->waiting_us = now_us;
		}
		if (wanted) {
			bool force = now_us - s->waiting_us > STREAM_WAIT_US;

			s->waiting_us = force ? now_us : s->waiting_us;
			wanted = drain(p, s, side, force, fn, context);
		}
	} else {
		wanted = deliver(s, side, seq, bytes, cut, fn, context) && drain(p, s, side, false, fn, context);
	}
	if (!wanted) {
		stream_drop(p, s);
	}
}

void stream_flush(struct stream_pool *p, struct stream *s, unsigned side, stream_fn *fn, void *context)
{
	while (s->n_held > 0) {
		if (!drain(p, s, side, true, fn, context)) {
			stream_drop(p, s);
		}
	}
}

uint64_t stream_drop(struct stream_pool *p, struct stream *s)
{
	uint64_t octets = 0;

	while (s->n_held > 0) {
		octets += p->buffers[s->held[0]].len;
		release_first(p, s);
	}
	return octets;
}
