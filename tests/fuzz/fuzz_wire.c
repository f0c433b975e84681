/* Messages from a sensor that was taken over, as the storer receives them: any number of octets, of
 * any content. The input is a row of messages, each behind two octets of length in units of eight;
 * what is left is one more. */
#include "terrier/daemon/wire.h"

#include "terrier/base/cursor.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds) {
		abort();
	}
}

static void pass(int sender, struct wire *storer, struct cursor message)
{
	static const struct record_limits limits = {.kinds = 68, .protocols = 200, .segments = 4};
	size_t len = cur_left(&message);
	const struct record *records = NULL;
	int n;

	if (len == 0 || send(sender, message.p, len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len) {
		return; /* an empty message means the end; a larger one than the kernel takes is
		           never seen */
	}
	n = wire_recv(storer, &records);
	check(!wire_is_gone(storer));
	if (len % sizeof(struct record) != 0 || len / sizeof(struct record) > WIRE_BATCH) {
		check(n == -1);
		return;
	}
	check(n > 0 && (size_t)n * sizeof(struct record) == len &&
	      memcmp(records, message.p, len) == 0);
	for (int i = 0; i < n; i++) {
		record_validate(&records[i], &limits);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cur_make(data, size);
	int sensor_end, storer_end;
	struct wire *storer;
	const struct record *records;

	check(wire_pair(&sensor_end, &storer_end) == 0);
	storer = wire_new(storer_end, false);
	check(wire_recv(storer, &records) == 0 && !wire_is_gone(storer));
	while (cur_left(&c) > 2) {
		size_t len = (size_t)cur_u16(&c) * 8;

		pass(sensor_end, storer, cur_sub(&c, len < cur_left(&c) ? len : cur_left(&c)));
	}
	struct wire *sensor = wire_new(sensor_end, false);
	wire_free(sensor);
	check(wire_recv(storer, &records) == 0 && wire_is_gone(storer));
	wire_free(storer);
	return 0;
}
