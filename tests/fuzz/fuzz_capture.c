/* Any octets as a capture file: opened, read to the end, identified. */
#include "terrier/sensor/capture.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(void *context, const struct capture_frame *frame)
{
	uint8_t *sum = context;

	for (uint32_t i = 0; i < frame->cap_len; i++) {
		*sum ^= frame->bytes[i];
	}
	if (frame->time_us < 0 || frame->wire_len < frame->cap_len) {
		abort();
	}
}

static void read_all(const char *path)
{
	const struct capture_options options = {.filter = "ip or ip6"};
	enum capture_fault fault = CAPTURE_FAULT_NONE;
	enum capture_status status;
	char *error = NULL;
	uint8_t sum = 0;
	int count;
	struct capture *c = capture_open_file(path, &options, &fault, &error);

	if (c == NULL) {
		if (fault == CAPTURE_FAULT_NONE || error == NULL || error[0] == '\0') {
			abort();
		}
		free(error);
		return;
	}
	do {
		status = capture_dispatch(c, 16, look, &sum, &count);
	} while (status == CAPTURE_OK);
	if (status == CAPTURE_DAMAGED && capture_error(c)[0] == '\0') {
		abort();
	}
	capture_close(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capture_identity identity;
	enum capture_fault fault;
	char path[64], *error = NULL;
	int fd = memfd_create("capture", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size) {
		abort();
	}
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	read_all(path);
	if (!capture_identify(path, &identity, &fault, &error)) {
		free(error);
	}
	close(fd);
	return 0;
}
