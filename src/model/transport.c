/* Names of IP protocol numbers (IANA protocol-numbers) that hospitals meet. */
#include "terrier/model/transport.h"

#include <stdio.h>

static const char *const names[UINT8_MAX + 1] = {
        [1] = "icmp",  [2] = "igmp",   [4] = "ipip",    [6] = "tcp",    [8] = "egp",
        [17] = "udp",  [33] = "dccp",  [41] = "ipv6",   [46] = "rsvp",  [47] = "gre",
        [50] = "esp",  [51] = "ah",    [58] = "icmpv6", [88] = "eigrp", [89] = "ospf",
        [103] = "pim", [112] = "vrrp", [115] = "l2tp",  [132] = "sctp", [136] = "udplite",
};

char *transport_name(uint8_t ip_protocol, char out[TRANSPORT_NAME_MAX])
{
	const char *name = names[ip_protocol];

	if (name != NULL) {
		snprintf(out, TRANSPORT_NAME_MAX, "%s", name);
	} else {
		snprintf(out, TRANSPORT_NAME_MAX, "ip-%u", ip_protocol);
	}
	return out;
}
