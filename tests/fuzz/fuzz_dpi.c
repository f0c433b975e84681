/* Packets through the guard into nDPI: one flow, raw IP packets each behind two octets of length. */
#include "terrier/sensor/dpi.h"
#include "terrier/sensor/packet.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dpi *dpi;
	struct decoder *d = decoder_new(101);
	struct cursor c = cur_make(data, size);
	const char *error;
	struct dpi_flow *flow;
	struct dpi_verdict v;
	struct packet p;
	uint8_t protocol = 0;

	dpi = dpi != NULL ? dpi : dpi_new(&error);
	flow = dpi_flow_new(dpi);
	while (cur_left(&c) > 2) {
		uint16_t len = cur_u16(&c);
		uint32_t n = (uint32_t)(len < cur_left(&c) ? len : cur_left(&c));
		struct cursor frame = cur_sub(&c, n);
		if (packet_decode(d, frame.p, n, n, 0, &p) != PACKET_IP) {
			continue;
		}
		/* a flow has one protocol: the library keeps the states of TCP and UDP in a union */
		protocol = protocol == 0 ? p.ip_protocol : protocol;
		if (p.ip_protocol == protocol) {
			dpi_feed(dpi, flow, &p, &v);
		}
	}
	p = (struct packet){.ip_version = 4};
	dpi_give_up(dpi, flow, &p, &v);
	if (strnlen(v.host, sizeof v.host) == sizeof v.host || !v.is_final) {
		abort();
	}
	dpi_flow_free(dpi, flow);
	decoder_free(d);
	return 0;
}
