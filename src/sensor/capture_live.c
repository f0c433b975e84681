/* Captures from interfaces: activation with its many ways to fail, the ring, the counters. */
#include "terrier/sensor/capture_internal.h"

#include "terrier/base/log.h"
#include "terrier/base/mem.h"

#include <inttypes.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RING_DEFAULT ((uint32_t)64 << 20)
#define RING_BLOCK   ((uint32_t)512 << 10)

/* The names that exist, for somebody who mistyped one (free()). */
static char *list_interfaces(void)
{
	struct if_nameindex *all = if_nameindex();
	char *names = mem_strdup("");

	for (struct if_nameindex *i = all; i != NULL && i->if_index != 0; i++) {
		char *longer =
		        mem_printf("%s%s%s", names, names[0] != '\0' ? ", " : "", i->if_name);

		free(names);
		names = longer;
	}
	if (all != NULL) {
		if_freenameindex(all);
	}
	return names;
}

/* Explains a status of pcap_activate() and sorts it by whose fault it is. */
static void *refuse_interface(const struct capture *c, int status, enum capture_fault *fault,
                              char **error)
{
	const char *detail = pcap_geterr(c->pcap);
	char *names, *line;

	switch (status) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		names = list_interfaces();
		line = mem_printf("no such interface: %s: give one of %s", c->name, names);
		free(names);
		return capture_refuse(fault, CAPTURE_FAULT_CALLER, error, line);
	case PCAP_ERROR_IFACE_NOT_UP:
		return capture_refuse(
		        fault, CAPTURE_FAULT_RETRY, error,
		        mem_printf("interface is down: %s: ip link set %s up", c->name, c->name));
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return capture_refuse(
		        fault, CAPTURE_FAULT_SYSTEM, error,
		        mem_printf("may not capture: %s: run as root or give CAP_NET_RAW",
		                   c->name));
	default:
		return capture_refuse(fault, CAPTURE_FAULT_SYSTEM, error,
		                      mem_printf("cannot capture: %s: %s%s%s", c->name,
		                                 pcap_statustostr(status),
		                                 detail[0] != '\0' ? ": " : "", detail));
	}
}

/* The octets that the socket's ring takes in our address space; 0 when that cannot be told. */
static uint64_t ring_size(int fd)
{
	struct stat status;
	char line[512], tag[64];
	uint64_t size = 0;
	FILE *maps;

	if (fstat(fd, &status) != 0 || (maps = fopen("/proc/self/maps", "re")) == NULL) {
		return 0;
	}
	snprintf(tag, sizeof tag, "socket:[%ju]", (uintmax_t)status.st_ino);
	while (fgets(line, sizeof line, maps) != NULL) {
		uint64_t start, end;

		if (strstr(line, tag) != NULL &&
		    sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) == 2) {
			size += end - start;
		}
	}
	fclose(maps);
	return size;
}

/* libpcap takes a smaller ring when the kernel refuses, and says nothing. */
static void check_ring(const struct capture *c, uint32_t wanted)
{
	uint64_t got = ring_size(pcap_get_selectable_fd(c->pcap));

	/* it is made of blocks, so that a little less is as asked */
	if (got != 0 && got + RING_BLOCK < wanted - wanted / 16) {
		log_warn("capture",
		         "%s: buffer is %" PRIu64 " KiB instead of %" PRIu32
		         " KiB: free memory or lower"
		         " [capture] ring, or bursts will be lost",
		         c->name, got >> 10, wanted >> 10);
	}
}

/* Activates with all that must be set before; false with `*error` set. */
static bool activate(struct capture *c, const struct capture_options *options,
                     enum capture_fault *fault, char **error)
{
	uint32_t ring = options->ring_bytes != 0 ? options->ring_bytes : RING_DEFAULT;
	uint32_t snap = options->snap_len != 0 ? options->snap_len : CAPTURE_SNAP_DEFAULT;
	int status;

	ring = ring > INT_MAX ? INT_MAX : ring;
	pcap_set_snaplen(c->pcap, (int)(snap > CAPTURE_SNAP_DEFAULT ? CAPTURE_SNAP_DEFAULT : snap));
	pcap_set_promisc(c->pcap, options->promiscuous);
	pcap_set_timeout(c->pcap, (int)(CAPTURE_HOLD_US / 1000));
	pcap_set_buffer_size(c->pcap, (int)ring);
	/* no immediate mode: it would silently mean TPACKET_V2, one wake-up a packet */
	status = pcap_activate(c->pcap);
	if (status < 0) {
		refuse_interface(c, status, fault, error);
		return false;
	}
	if (status > 0) {
		log_warn("capture", "%s: %s%s%s", c->name, pcap_statustostr(status),
		         status == PCAP_WARNING ? ": " : "",
		         status == PCAP_WARNING ? pcap_geterr(c->pcap) : "");
	}
	check_ring(c, ring);
	return true;
}

struct capture *capture_open_interface(const char *name, const struct capture_options *options,
                                       enum capture_fault *fault, char **error)
{
	struct capture *c = mem_zalloc(1, sizeof *c);
	char reason[PCAP_ERRBUF_SIZE] = "";

	c->name = mem_strdup(name);
	c->pcap = pcap_create(name, reason);
	if (c->pcap == NULL) {
		capture_refuse(fault, CAPTURE_FAULT_SYSTEM, error,
		               mem_printf("cannot capture: %s: %s", name, reason));
		goto fail;
	}
	if (!activate(c, options, fault, error) ||
	    !capture_set_filter(c, options->filter, fault, error)) {
		goto fail;
	}
	if ((c->has_filter && pcap_setfilter(c->pcap, &c->filter) != 0) ||
	    pcap_setnonblock(c->pcap, 1, reason) != 0) {
		capture_refuse(fault, CAPTURE_FAULT_SYSTEM, error,
		               mem_printf("cannot capture: %s: %s", name,
		                          reason[0] != '\0' ? reason : pcap_geterr(c->pcap)));
		goto fail;
	}
	if (c->has_filter) {
		pcap_freecode(&c->filter);
		c->has_filter = false;
	}
	return c;
fail:
	capture_close(c);
	return NULL;
}

/* What a 32-bit counter of libpcap grew by. It wraps; and it steps back when the sandbox keeps
 * libpcap from reading the interface's file again: half its range tells the two apart. */
static uint64_t growth(u_int now, u_int *last)
{
	u_int by = now - *last;

	*last = now;
	return by <= INT_MAX ? by : 0;
}

bool capture_stats(struct capture *c, struct capture_stats *out)
{
	struct pcap_stat now;

	if (c->unpack != NULL || pcap_stats(c->pcap, &now) != 0) {
		return false;
	}
	c->kernel_drops += growth(now.ps_drop, &c->last.ps_drop);
	c->interface_drops += growth(now.ps_ifdrop, &c->last.ps_ifdrop);
	/* not ps_recv: that has the dropped in it and, on a loopback, each frame twice */
	out->received = c->packets;
	out->kernel_drops = c->kernel_drops;
	out->interface_drops = c->interface_drops;
	return true;
}
