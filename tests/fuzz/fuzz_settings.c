/* Any octets as terrier.conf: refused with a reason, or whole and consistent. */
#include "terrier/daemon/settings.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64], *error = NULL, *line;
	int fd = memfd_create("settings", MFD_CLOEXEC);
	struct settings *s;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size) {
		abort();
	}
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	s = settings_load(path, &error);
	close(fd);
	if (s == NULL) {
		if (error == NULL || error[0] == '\0') {
			abort();
		}
		free(error);
		return 0;
	}
	if (s->n_own == 0 || s->n_segments == 0 || s->ring_bytes == 0 || s->user == NULL ||
	    s->sensor == NULL || settings_segment(s, "a", "b", 1) >= s->n_segments) {
		abort();
	}
	line = settings_exclusions(s);
	free(line);
	settings_free(s);
	return 0;
}
