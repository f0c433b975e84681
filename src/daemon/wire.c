/* Framing of records between processes. */
#include "terrier/daemon/wire.h"

#include "terrier/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct wire {
	int descriptor;
	bool may_block, is_gone;
	unsigned n; /* queued */
	struct record batch[WIRE_BATCH];
};

int wire_pair(int *sensor_end, int *storer_end)
{
	const int bytes = 1 << 20;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		return -1;
	}
	/* room for some batches; the kernel may give less, which only costs wake-ups */
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
	*sensor_end = ends[0];
	*storer_end = ends[1];
	return 0;
}

struct wire *wire_new(int descriptor, bool may_block)
{
	struct wire *w = mem_zalloc(1, sizeof *w);

	w->descriptor = descriptor;
	w->may_block = may_block;
	return w;
}

void wire_free(struct wire *w)
{
	if (w == NULL) {
		return;
	}
	close(w->descriptor);
	free(w);
}

bool wire_flush(struct wire *w)
{
	ssize_t sent;

	if (w->n == 0) {
		return true;
	}
	do {
		sent = send(w->descriptor, w->batch, w->n * sizeof w->batch[0],
		            MSG_NOSIGNAL | (w->may_block ? 0 : MSG_DONTWAIT));
	} while (sent < 0 && errno == EINTR);
	if (sent < 0) {
		w->is_gone = w->is_gone || (errno != EAGAIN && errno != ENOBUFS);
		return false;
	}
	w->n = 0;
	return true;
}

bool wire_send(struct wire *w, const struct record *r)
{
	if (w->n == WIRE_BATCH && !wire_flush(w)) {
		return false;
	}
	w->batch[w->n++] = *r;
	return true;
}

bool wire_is_gone(const struct wire *w)
{
	return w->is_gone;
}

void wire_set_blocking(struct wire *w)
{
	w->may_block = true;
}

int wire_recv(struct wire *w, const struct record **records)
{
	ssize_t len;

	do {
		len = recv(w->descriptor, w->batch, sizeof w->batch, MSG_TRUNC | (w->may_block ? 0 : MSG_DONTWAIT));
	} while (len < 0 && errno == EINTR);
	if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		return 0;
	}
	if (len <= 0) {
		w->is_gone = true;
		return 0;
	}
	if ((size_t)len > sizeof w->batch || (size_t)len % sizeof w->batch[0] != 0) {
		return -1;
	}
	*records = w->batch;
	return (int)((size_t)len / sizeof w->batch[0]);
}

int wire_descriptor(const struct wire *w)
{
	return w->descriptor;
}
