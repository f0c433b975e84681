/* Messages that tell their length: what the dissectors of database protocols have in common. */
#include "frames.h"

#include <string.h>

enum frames_part frames_next(struct frames *f, struct cursor *c, uint8_t size, struct cursor *piece,
                             uint32_t *at)
{
	size_t n;

	if (f->in_body) {
		n = f->left < cur_left(c) ? f->left : cur_left(c);
		if (n == 0 && f->left > 0) {
			return FRAMES_NONE;
		}
		*piece = cur_sub(c, n);
		*at = f->at;
		f->at += (uint32_t)n;
		f->left -= (uint32_t)n;
		f->in_body = f->left > 0;
		return FRAMES_BODY;
	}
	while (f->have < size && cur_left(c) > 0) {
		f->header[f->have++] = cur_u8(c);
	}
	if (f->have < size) {
		return FRAMES_NONE;
	}
	f->have = 0;
	return FRAMES_HEAD;
}

void frames_begin(struct frames *f, uint32_t length)
{
	f->left = length;
	f->at = 0;
	f->in_body = true;
	f->is_torn = false;
}

void frames_gap(struct frames *f, uint64_t lost)
{
	if (lost == 0) {
		return;
	}
	if (f->in_body && lost < f->left) {
		f->left -= (uint32_t)lost;
		f->at += (uint32_t)lost;
		f->is_torn = true;
	} else if (f->in_body && lost == f->left) {
		f->in_body = false;
	} else {
		f->is_lost = true;
	}
}

void frames_find(struct frames *f)
{
	f->is_lost = f->in_body = false;
	f->have = 0;
}

size_t frames_keep(uint8_t *out, size_t size, struct cursor piece, uint32_t at)
{
	size_t n = cur_left(&piece), room = at < size ? size - at : 0;

	n = n < room ? n : room;
	if (n > 0) {
		memcpy(out + at, piece.p, n);
	}
	return at < size ? at + n : size;
}
