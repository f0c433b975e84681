#ifndef TERRIER_SENSOR_CAPTURE_INTERNAL_H
#define TERRIER_SENSOR_CAPTURE_INTERNAL_H

#include "terrier/sensor/capture.h"

#include <pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What capture.c, capture_file.c and capture_live.c share: they are libpcap's home, and nobody
 * else's business. */
#define CAPTURE_SNAP_DEFAULT 262144u

struct capture {
	pcap_t *pcap;
	char *name; /* the path or interface, as people know it */
	char *error;
	enum capture_status ended; /* CAPTURE_OK while it goes on */
	capture_callback *callback;
	void *context;
	int count;        /* frames of this turn handed over */
	uint64_t packets; /* of all turns; of a file also those that the filter held back */

	/* a file */
	struct unpack *unpack;
	FILE *stream; /* pcap's */
	uint64_t size;
	struct bpf_program filter; /* the kernel's job live */
	bool has_filter;
	bool is_classic; /* pcap, not pcapng */

	/* an interface */
	struct pcap_stat last;
	uint64_t kernel_drops, interface_drops;
};

/* Compiles `filter` into c->filter unless it is NULL or empty; false with `*error` set. */
bool capture_set_filter(struct capture *c, const char *filter, enum capture_fault *fault,
                        char **error);

/* Sets `*fault` and `*error` (`line` becomes the caller's). Always NULL, for a return. */
void *capture_refuse(enum capture_fault *fault, enum capture_fault value, char **error, char *line);

/* The line for a file that ends where it should not (free()). */
char *capture_describe_damage(const struct capture *c);

#endif
