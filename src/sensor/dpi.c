/* nDPI, from 4.2 to 5: the only file that includes ndpi_api.h and the only one with #if, for the
 * library changes its functions from release to release (the NDPI_ switches are probed by meson).
 * Protocol numbers change too, so only names leave. Packets reach the library as copies with
 * checked lengths and zeros behind: 4.2 reads past the end of hostile ones, and through NULL. Of
 * what it extracts nothing is read but a host name; user names, passwords and URLs stay where they
 * are. */
#include "terrier/sensor/dpi.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include "ndpi_features.h"
#include <ndpi_api.h>
#include <stdlib.h>
#include <string.h>

#define FLOWS_DEFAULT 65536
#define PACKET_OCTETS 65535
#define ZEROS         64 /* behind the copy */

struct dpi {
	struct ndpi_detection_module_struct *module;
	unsigned int n_flows, max_flows;
	uint8_t copy[PACKET_OCTETS + ZEROS];
};

struct dpi_flow {
	struct ndpi_flow_struct state;
	ndpi_protocol last;
	unsigned int n_packets;
	bool is_final;
};

struct dpi *dpi_new(const char **error)
{
	struct ndpi_detection_module_struct *module;
	struct dpi *d;

	if (ndpi_get_api_version() != NDPI_API_VERSION ||
	    ndpi_detection_get_sizeof_ndpi_flow_struct() != sizeof(struct ndpi_flow_struct)) {
		*error = "nDPI: libndpi is another release than the one terrierd was built with: "
		         "install that one or build terrierd again";
		return NULL;
	}
	module = ndpi_init_detection_module(0);
	if (module == NULL) {
		*error = "nDPI: libndpi cannot be initialised: give the machine more memory";
		return NULL;
	}
#if NDPI_BITMASK2
	NDPI_PROTOCOL_BITMASK all;

	NDPI_BITMASK_SET_ALL(all);
	ndpi_set_protocol_detection_bitmask2(module, &all);
#endif
#if NDPI_FINALIZE_INT
	if (ndpi_finalize_initialization(module) != 0) {
		ndpi_exit_detection_module(module);
		*error =
		        "nDPI: libndpi refuses its own settings: install the release that terrierd "
		        "was built with";
		return NULL;
	}
#else
	ndpi_finalize_initialization(module);
#endif
	d = mem_zalloc(1, sizeof *d);
	d->module = module;
	d->max_flows = FLOWS_DEFAULT;
	return d;
}

void dpi_free(struct dpi *d)
{
	if (d != NULL) {
		ndpi_exit_detection_module(d->module);
		free(d);
	}
}

void dpi_set_limit(struct dpi *d, unsigned max_flows)
{
	d->max_flows = max_flows;
}

struct dpi_flow *dpi_flow_new(struct dpi *d)
{
	if (d->n_flows >= d->max_flows) {
		return NULL;
	}
	d->n_flows++;
	return mem_zalloc(1, sizeof(struct dpi_flow));
}

void dpi_flow_free(struct dpi *d, struct dpi_flow *flow)
{
	if (flow != NULL) {
		/* not ndpi_flow_free(), which forgets what the state points to */
		ndpi_free_flow_data(&flow->state);
		free(flow);
		d->n_flows--;
	}
}

/* Octets of the IP header, 0 unless it is whole and the transport header follows it at once. */
static uint32_t ip_header_len(const struct packet *p)
{
	const uint8_t *b = p->l3;
	uint32_t len = 40;

	if (b == NULL || p->is_fragment || p->l3_len > PACKET_OCTETS || p->l3_len < 20) {
		return 0;
	}
	if (p->ip_version == 4) {
		len = (b[0] & 15) * 4u;
		if (b[0] >> 4 != 4 || len < 20 || b[9] != p->ip_protocol ||
		    ((b[6] & 0x3f) | b[7]) != 0) {
			return 0;
		}
	}
	if (p->l3_len < len) {
		return 0;
	}
	if (p->ip_version == 6 && (b[0] >> 4 != 6 || b[6] != p->ip_protocol)) {
		return 0;
	}
	return len;
}

/* True when the library can be trusted with the packet. */
static bool is_sound(const struct packet *p)
{
	uint32_t header = ip_header_len(p);
	uint32_t left = p->l3_len - header;

	if (header == 0) {
		return false;
	}
	switch (p->ip_protocol) {
	case IP_UDP:
		return left >= 8;
	case IP_TCP:
		if (left < 20) {
			return false;
		}
		header = (p->l3[header + 12] >> 4) * 4u;
		return header >= 20 && header <= left;
	default:
		return false; /* named by its number, nothing to inspect */
	}
}

/* Copies the packet; its IP header then says exactly what was captured. Returns the length. */
static unsigned short copy_packet(struct dpi *d, const struct packet *p)
{
	uint32_t says = p->ip_version == 4 ? p->l3_len : p->l3_len - 40;
	uint8_t *len_field = d->copy + (p->ip_version == 4 ? 2 : 4);

	memcpy(d->copy, p->l3, p->l3_len);
	memset(d->copy + p->l3_len, 0, ZEROS);
	len_field[0] = (uint8_t)(says >> 8);
	len_field[1] = (uint8_t)says;
	return (unsigned short)p->l3_len;
}

static void get_ids(const ndpi_protocol *p, uint16_t *master, uint16_t *app)
{
#if NDPI_NESTED
	*master = p->proto.master_protocol;
	*app = p->proto.app_protocol;
#else
	*master = p->master_protocol;
	*app = p->app_protocol;
#endif
}

static bool is_final(struct dpi *d, struct dpi_flow *flow)
{
#if NDPI_EXTRA
	uint16_t master, app;

	get_ids(&flow->last, &master, &app);
	return app != NDPI_PROTOCOL_UNKNOWN &&
	       !ndpi_extra_dissection_possible(d->module, &flow->state);
#else
	(void)d;
	return flow->last.state == NDPI_STATE_MONITORING ||
	       (flow->last.state == NDPI_STATE_CLASSIFIED &&
	        flow->state.extra_packets_func == NULL);
#endif
}

/* Protocols whose host name is the server's. In others the same field is a DNS question, a NetBIOS
 * or DHCP client. */
static bool names_server(uint16_t id)
{
	return id == NDPI_PROTOCOL_HTTP || id == NDPI_PROTOCOL_TLS || id == NDPI_PROTOCOL_QUIC ||
	       id == NDPI_PROTOCOL_DTLS;
}

static void set_name(struct dpi *d, char out[DPI_NAME_MAX], uint16_t id)
{
	const char *name = ndpi_get_proto_name(d->module, id);

	text_copy(out, DPI_NAME_MAX, name, strlen(name));
}

/* By the name: releases rename and renumber the other constants ("Match by port", "Match by IP", "Match by
 * custom rule"). */
static bool is_guessed(const struct dpi_flow *flow)
{
	const char *by = ndpi_confidence_get_name(flow->state.confidence);

	return flow->state.confidence == NDPI_CONFIDENCE_UNKNOWN || strncmp(by, "Match by", 8) == 0;
}

static void set_verdict(struct dpi *d, const struct dpi_flow *flow, struct dpi_verdict *out)
{
	const char *host = (const char *)flow->state.host_server_name;
	size_t host_len = strnlen(host, sizeof flow->state.host_server_name);
	uint16_t master, app;

	*out = (struct dpi_verdict){.is_final = flow->is_final};
	get_ids(&flow->last, &master, &app);
	if (app == NDPI_PROTOCOL_UNKNOWN) {
		app = master;
		master = NDPI_PROTOCOL_UNKNOWN;
	}
	if (app == NDPI_PROTOCOL_UNKNOWN) {
		return;
	}
	set_name(d, out->protocol, app);
	if (master != NDPI_PROTOCOL_UNKNOWN && master != app) {
		set_name(d, out->master, master);
	}
	out->is_guess = is_guessed(flow);
	if ((names_server(master) || names_server(app)) && text_is_hostname(host, host_len)) {
		text_copy(out->host, sizeof out->host, host, host_len);
	}
}

static bool feed(struct dpi *d, struct dpi_flow *flow, const struct packet *p)
{
	uint64_t time_ms = (uint64_t)p->time_us / 1000;
	unsigned short len;

	if (!is_sound(p)) {
		return false;
	}
	len = copy_packet(d, p);
#if NDPI_PROCESS6
	flow->last =
	        ndpi_detection_process_packet(d->module, &flow->state, d->copy, len, time_ms, NULL);
#else
	flow->last = ndpi_detection_process_packet(d->module, &flow->state, d->copy, len, time_ms);
#endif
	flow->n_packets++;
	flow->is_final = flow->n_packets >= DPI_PACKETS_MAX || is_final(d, flow);
	return true;
}

bool dpi_feed(struct dpi *d, struct dpi_flow *flow, const struct packet *p, struct dpi_verdict *out)
{
	bool is_taken = flow->is_final || feed(d, flow, p);

	set_verdict(d, flow, out);
	return is_taken;
}

void dpi_give_up(struct dpi *d, struct dpi_flow *flow, const struct packet *p,
                 struct dpi_verdict *out)
{
	/* the library guesses by what it remembers of packets: it must have seen one */
	if (flow->n_packets > 0 || feed(d, flow, p)) {
#if NDPI_GIVEUP_ARGS == 4
		uint8_t was_guessed = 0;
		flow->last = ndpi_detection_giveup(d->module, &flow->state, 1, &was_guessed);
#elif NDPI_GIVEUP_ARGS == 3
		uint8_t was_guessed = 0;
		flow->last = ndpi_detection_giveup(d->module, &flow->state, &was_guessed);
#else
		flow->last = ndpi_detection_giveup(d->module, &flow->state);
#endif
	}
	flow->is_final = true;
	set_verdict(d, flow, out);
}

unsigned dpi_risks(const struct dpi_flow *flow, const char *names[], unsigned max)
{
	uint64_t risks = flow->state.risk;
	unsigned n = 0;

	/* what is no risk at all has number 0 and no name */
	for (unsigned i = 1; i < 64 && i < NDPI_MAX_RISK && n < max; i++) {
		if ((risks >> i & 1) != 0) {
			names[n++] = ndpi_risk2str((ndpi_risk_enum)i);
		}
	}
	return n;
}

const char *dpi_library_version(void)
{
	return ndpi_revision();
}
