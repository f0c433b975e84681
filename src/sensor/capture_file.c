/* Captures from files: opening, what to say when that fails, and knowing a file again. */
#include "terrier/sensor/capture_internal.h"

#include "terrier/base/digest.h"
#include "terrier/base/mem.h"
#include "terrier/sensor/foreign.h"
#include "terrier/sensor/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGEST_SPAN ((size_t)64 << 10)

char *capture_describe_damage(const struct capture *c)
{
	const char *fault = unpack_fault(c->unpack);
	bool is_unpacked = unpack_form(c->unpack) != NULL;
	const char *reason = fault != NULL ? fault : pcap_geterr(c->pcap);
	const char *remedy = foreign_remedy(reason);

	return mem_printf("capture file read in part: %s: packet %" PRIu64 " at octet %" PRIu64
	                  "%s: %s: %s",
	                  c->name, c->packets + 1, (uint64_t)ftello(c->stream),
	                  is_unpacked ? " of the decompressed data" : "", reason,
	                  remedy != NULL ? remedy : "what came before is kept; copy it again");
}

/* True when not the caller but the machine must be seen to. */
static bool is_systems_fault(int reason)
{
	static const int systems[] = {EACCES, EPERM, EIO, ENOMEM, EMFILE, ENFILE};

	for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
		if (reason == systems[i]) {
			return true;
		}
	}
	return false;
}

/* Opens `path`; the descriptor, or -1 with `*error` set. */
static int open_path(const char *path, enum capture_fault *fault, char **error, struct stat *status)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int reason = fd < 0 || fstat(fd, status) != 0 ? errno : 0;
	const char *remedy = "give a pcap or pcapng file";

	if (reason == 0 && S_ISDIR(status->st_mode)) {
		reason = EISDIR;
	}
	if (reason == 0) {
		return fd;
	}
	if (fd > STDIN_FILENO) {
		close(fd);
	}
	if (is_systems_fault(reason)) {
		remedy = "let this user read it, or run as one who may";
	}
	capture_refuse(
	        fault, is_systems_fault(reason) ? CAPTURE_FAULT_SYSTEM : CAPTURE_FAULT_CALLER,
	        error,
	        mem_printf("cannot open capture file: %s: %s: %s", path, strerror(reason), remedy));
	return -1;
}

/* The line for a file that libpcap would not open. */
static char *describe_refusal(const struct capture *c, const char *reason)
{
	const char *fault = unpack_fault(c->unpack), *form = unpack_form(c->unpack);
	size_t len;
	const uint8_t *head = unpack_head(c->unpack, &len);
	char *why, *line;

	if (fault != NULL) {
		const char *remedy = foreign_remedy(fault);

		return mem_printf("cannot read capture file: %s: octet %" PRIu64 ": %s: %s",
		                  c->name, unpack_consumed(c->unpack), fault,
		                  remedy != NULL ? remedy : "copy it again");
	}
	why = foreign_explain(head, len, reason);
	line = mem_printf("not a capture file: %s: %s%s%s", c->name, form != NULL ? form : "",
	                  form != NULL ? ", and inside " : "", why);
	free(why);
	return line;
}

/* A capture of the file behind `fd`, which it takes over. */
static struct capture *open_descriptor(int fd, const char *path, const struct stat *status,
                                       const struct capture_options *options,
                                       enum capture_fault *fault, char **error)
{
	static const uint8_t section_header[4] = {0x0a, 0x0d, 0x0d, 0x0a};
	struct capture *c = mem_zalloc(1, sizeof *c);
	char reason[PCAP_ERRBUF_SIZE] = "";
	const uint8_t *head;
	size_t len;

	c->name = mem_strdup(strcmp(path, "-") == 0 ? "standard input" : path);
	c->size = S_ISREG(status->st_mode) ? (uint64_t)status->st_size : 0;
	c->unpack = unpack_open(fd);
	c->stream = unpack_stream(c->unpack);
	if (c->stream == NULL) {
		capture_refuse(
		        fault, CAPTURE_FAULT_SYSTEM, error,
		        mem_printf("cannot read capture file: %s: %s", c->name, strerror(errno)));
		goto fail;
	}
	/* one thread reads it, so that libpcap's many small reads need no lock */
	__fsetlocking(c->stream, FSETLOCKING_BYCALLER);
	c->pcap = pcap_fopen_offline(c->stream, reason);
	if (c->pcap == NULL) {
		capture_refuse(fault,
		               unpack_is_unreadable(c->unpack) ? CAPTURE_FAULT_SYSTEM
		                                               : CAPTURE_FAULT_CALLER,
		               error, describe_refusal(c, reason));
		goto fail;
	}
	if (!capture_set_filter(c, options->filter, fault, error)) {
		goto fail;
	}
	head = unpack_head(c->unpack, &len);
	c->is_classic = len < sizeof section_header ||
	                memcmp(head, section_header, sizeof section_header) != 0;
	return c;
fail:
	capture_close(c);
	return NULL;
}

struct capture *capture_open_file(const char *path, const struct capture_options *options,
                                  enum capture_fault *fault, char **error)
{
	struct stat status;
	int fd = open_path(path, fault, error, &status);

	return fd >= 0 ? open_descriptor(fd, path, &status, options, fault, error) : NULL;
}

/* Adds `span` octets at `offset` to the digest; a file that shrinks meanwhile counts with what it
 * has. */
static void digest_span(struct digest *d, int fd, off_t offset, size_t span)
{
	uint8_t *bytes = mem_zalloc(span, 1);
	size_t len = 0;
	ssize_t n = 1;

	while (len < span && n > 0) {
		n = pread(fd, bytes + len, span - len, offset + (off_t)len);
		len += n > 0 ? (size_t)n : 0;
	}
	digest_add(d, bytes, len);
	free(bytes);
}

static uint64_t digest_ends(int fd, uint64_t size)
{
	size_t span = size < DIGEST_SPAN ? (size_t)size : DIGEST_SPAN;
	struct digest *d = digest_new();

	digest_span(d, fd, 0, span);
	digest_span(d, fd, (off_t)(size - span), span);
	return digest_finish_u64(d);
}

static void note_time(void *context, const struct capture_frame *frame)
{
	int64_t *time_us = context;

	*time_us = frame->time_us;
}

bool capture_identify(const char *path, struct capture_identity *out, enum capture_fault *fault,
                      char **error)
{
	struct capture_options options = {.filter = NULL};
	struct stat status;
	struct capture *c;
	int count, fd = open_path(path, fault, error, &status);

	if (fd < 0) {
		return false;
	}
	*out = (struct capture_identity){.size = 0};
	if (!S_ISREG(status.st_mode)) {
		if (fd != STDIN_FILENO) {
			close(fd);
		}
		return true; /* looking at a pipe would empty it */
	}
	out->size = (uint64_t)status.st_size;
	out->digest = digest_ends(fd, out->size);
	c = open_descriptor(fd, path, &status, &options, fault, error);
	if (c == NULL) {
		return false;
	}
	capture_dispatch(c, 1, note_time, &out->first_us, &count);
	capture_close(c);
	return true;
}
