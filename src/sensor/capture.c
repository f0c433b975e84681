/* Frames from interfaces and from files behind one dispatch. Interprets nothing. */
#include "terrier/sensor/capture.h"

#include "terrier/base/mem.h"
#include "terrier/sensor/capture_internal.h"
#include "terrier/sensor/unpack.h"

#include <nss.h>
#include <stdlib.h>

#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

void *capture_refuse(enum capture_fault *fault, enum capture_fault value, char **error, char *line)
{
	*fault = value;
	*error = line;
	return NULL;
}

/* A pcap file has 32-bit seconds, which libpcap takes as signed; a fraction that is none must not
 * move the second, which is more likely right. */
static int64_t frame_time(const struct capture *c, const struct timeval *ts)
{
	int64_t second = ts->tv_sec, fraction = ts->tv_usec;

	if (second < 0 && c->is_classic) {
		second += INT64_C(1) << 32;
	}
	second = second < 0 ? 0 : second > LAST_SECOND ? LAST_SECOND : second;
	fraction = fraction < 0 ? 0 : fraction > 999999 ? 999999 : fraction;
	return second * 1000000 + fraction;
}

static void on_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct capture *c = (void *)user;
	struct capture_frame frame = {
	        .time_us = frame_time(c, &header->ts),
	        .wire_len = header->len > header->caplen ? header->len : header->caplen,
	        .cap_len = header->caplen,
	        .bytes = bytes,
	};

	c->packets++;
	if (c->has_filter && pcap_offline_filter(&c->filter, header, bytes) == 0) {
		return;
	}
	c->count++;
	c->callback(c->context, &frame);
}

static enum capture_status end_capture(struct capture *c, enum capture_status status, char *error)
{
	c->ended = status;
	c->error = error;
	return status;
}

enum capture_status capture_dispatch(struct capture *c, int max, capture_callback *callback,
                                     void *context, int *count)
{
	uint64_t before = c->packets;
	int n;

	*count = 0;
	if (c->ended != CAPTURE_OK) {
		return c->ended;
	}
	c->callback = callback;
	c->context = context;
	c->count = 0;
	n = pcap_dispatch(c->pcap, max, on_packet, (u_char *)c);
	*count = c->count;
	if (c->unpack == NULL) {
		return n >= 0 ? CAPTURE_OK
		              : end_capture(c, CAPTURE_GONE,
		                            mem_printf("interface gone: %s: %s: open it again when "
		                                       "it is back",
		                                       c->name, pcap_geterr(c->pcap)));
	}
	if (n < 0) {
		return end_capture(c, CAPTURE_DAMAGED, capture_describe_damage(c));
	}
	if (max <= 0 || c->packets - before < (uint64_t)max) {
		return end_capture(c, CAPTURE_END, NULL);
	}
	return CAPTURE_OK;
}

const char *capture_error(const struct capture *c)
{
	return c->error != NULL ? c->error : "";
}

int capture_link_type(const struct capture *c)
{
	return pcap_datalink(c->pcap);
}

const char *capture_link_name(int link_type)
{
	const char *name = pcap_datalink_val_to_description(link_type);

	return name != NULL ? name : "unknown to libpcap";
}

int capture_descriptor(const struct capture *c)
{
	return c->unpack == NULL ? pcap_get_selectable_fd(c->pcap) : -1;
}

void capture_position(const struct capture *c, uint64_t *at, uint64_t *size)
{
	*at = 0;
	*size = c->size;
	if (c->unpack != NULL) {
		*at = unpack_form(c->unpack) != NULL ? unpack_consumed(c->unpack)
		                                     : (uint64_t)ftello(c->stream);
	}
}

void capture_close(struct capture *c)
{
	if (c == NULL) {
		return;
	}
	if (c->has_filter) {
		pcap_freecode(&c->filter);
	}
	if (c->pcap != NULL) {
		pcap_close(c->pcap); /* and with it the stream */
	} else if (c->stream != NULL) {
		fclose(c->stream);
	}
	unpack_close(c->unpack);
	free(c->name);
	free(c->error);
	free(c);
}

/* libpcap looks names in a filter up. They may come from this machine's files; nothing may ask the
 * network. */
static int compile_filter(pcap_t *pcap, struct bpf_program *program, const char *filter)
{
	static const char *const databases[] = {"hosts", "networks", "ethers", "services",
	                                        "protocols"};

	for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++) {
		__nss_configure_lookup(databases[i], "files");
	}
	return pcap_compile(pcap, program, filter, 1, PCAP_NETMASK_UNKNOWN);
}

char *capture_check_filter(const char *filter)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, (int)CAPTURE_SNAP_DEFAULT);
	struct bpf_program program;
	char *reason = NULL;

	if (pcap == NULL) {
		return mem_strdup("libpcap has no memory");
	}
	if (compile_filter(pcap, &program, filter) == 0) {
		pcap_freecode(&program);
	} else {
		reason = mem_strdup(pcap_geterr(pcap));
	}
	pcap_close(pcap);
	return reason;
}

const char *capture_library_version(void)
{
	return pcap_lib_version();
}

bool capture_set_filter(struct capture *c, const char *filter, enum capture_fault *fault,
                        char **error)
{
	if (filter == NULL || filter[0] == '\0') {
		return true;
	}
	if (compile_filter(c->pcap, &c->filter, filter) != 0) {
		capture_refuse(
		        fault, CAPTURE_FAULT_CALLER, error,
		        mem_printf(
		                "wrong filter: %s: %s: see pcap-filter(7); give hosts by address",
		                filter, pcap_geterr(c->pcap)));
		return false;
	}
	c->has_filter = true;
	return true;
}
