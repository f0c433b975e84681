#ifndef TERRIER_SENSOR_CAPTURE_H
#define TERRIER_SENSOR_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where frames come from: an interface or a capture file. One code path after opening. */
struct capture;

/* One frame, borrowed for the callback. */
struct capture_frame {
	int64_t time_us;
	uint32_t wire_len, cap_len;
	const uint8_t *bytes;
};

typedef void capture_callback(void *context, const struct capture_frame *frame);

#define CAPTURE_HOLD_US INT64_C(100000) /* live: the kernel hands frames over at most this much later */

enum capture_status {
	CAPTURE_OK,       /* go on */
	CAPTURE_END,      /* the file ended as it should */
	CAPTURE_DAMAGED,  /* the file is cut or corrupt here; what came before stands */
	CAPTURE_GONE,     /* the interface disappeared: close and open again later */
};

/* Why opening failed: whose fault decides the exit status (CONTRACT). */
enum capture_fault {
	CAPTURE_FAULT_NONE,
	CAPTURE_FAULT_CALLER,  /* no such file, not a capture, bad filter, no such interface */
	CAPTURE_FAULT_SYSTEM,  /* permission, I/O, memory */
	CAPTURE_FAULT_RETRY,   /* interface down or missing for now */
};

struct capture_options {
	const char *filter;     /* BPF text or NULL */
	uint32_t ring_bytes;    /* live: kernel buffer, 0 for the default of 64 MiB */
	uint32_t snap_len;      /* live: 0 for the default of 262144 */
	bool promiscuous;       /* live */
};

struct capture_stats {
	uint64_t received;        /* frames handed over: what passed the filter, without the dropped */
	uint64_t kernel_drops, interface_drops; /* 64-bit, however long it runs */
};

/* Opens a capture file: pcap or pcapng, plain, gzip or zstd (told by its first bytes, not by its name); "-" is
 * standard input, also compressed. On failure returns NULL, sets `*fault` and `*error` (free()): one line,
 * `what: where: what to do instead`, which for formats libpcap cannot read names the tool and command that
 * converts them. */
struct capture *capture_open_file(const char *path, const struct capture_options *options,
                                  enum capture_fault *fault, char **error);

/* Opens an interface for live capture (TPACKET_V3, read timeout CAPTURE_HOLD_US, non-blocking). Errors as above. */
struct capture *capture_open_interface(const char *name, const struct capture_options *options,
                                       enum capture_fault *fault, char **error);

/* Hands up to `max` frames to `callback`. Live: returns CAPTURE_OK also when there were none. On
 * CAPTURE_DAMAGED and CAPTURE_GONE capture_error() tells why. `*count` gets the frames handed over, also when
 * the status is not CAPTURE_OK. `max` 0 of a file is all of it. */
enum capture_status capture_dispatch(struct capture *c, int max, capture_callback *callback, void *context,
                                     int *count);

/* The line that goes with CAPTURE_DAMAGED or CAPTURE_GONE. Belongs to the capture. */
const char *capture_error(const struct capture *c);

/* The link-layer type, a LINKTYPE_/DLT_ number of libpcap. */
int capture_link_type(const struct capture *c);

/* What a link-layer type is, for people; a constant. */
const char *capture_link_name(int link_type);

/* A descriptor to poll (live), or -1. */
int capture_descriptor(const struct capture *c);

/* Octets of the file consumed so far and its size (compressed octets where it is compressed; 0 when unknown). */
void capture_position(const struct capture *c, uint64_t *at, uint64_t *size);

/* Reads the counters (live); false when the interface cannot tell. */
bool capture_stats(struct capture *c, struct capture_stats *out);

/* Closes; NULL is allowed. */
void capture_close(struct capture *c);

/* What identifies a capture file that was already read: size, and the first and last 64 KiB, which hold the times of its
 * first and last packet (CONTRACT). */
struct capture_identity {
	uint64_t size;
	uint64_t digest;          /* 64-bit hash of the first and last 64 KiB */
	int64_t first_us;         /* packet time, 0 when there is none: files are read in this order */
};

/* Looks at the ends of a file and at its first packet. Damage behind that is no failure. Errors as capture_open_file().
 * What is no regular file (a pipe, standard input) has nothing to be known by: size 0, and nothing is read. */
bool capture_identify(const char *path, struct capture_identity *out, enum capture_fault *fault, char **error);

/* Checks a BPF text without opening anything. Returns NULL when it is right, else the reason (free()). */
char *capture_check_filter(const char *filter);

/* The text of libpcap's version. */
const char *capture_library_version(void);

#endif
