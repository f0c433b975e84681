/* Citrix ICA by the marks that open it: `7F 7F ICA` of ICA, `1A CGP/01` of the Common Gateway Protocol around
 * it. What follows is compressed or encrypted, and is screens and keys. */
#include "terrier/dissect.h"

#include <string.h>

static const uint8_t mark_ica[] = {0x7f, 0x7f, 'I', 'C', 'A', 0};
static const uint8_t mark_cgp[] = {0x1a, 'C', 'G', 'P', '/', '0', '1', 0};

static enum dissect_verdict ica_dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                        const struct dissect_flow *flow, struct sink *sink)
{
	int entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "ICA", flow->client == 0 ? SIDE_0 : SIDE_1, INFO_MSG, 0);

	(void)state;
	(void)lost;
	if (*bytes.p == mark_cgp[0]) {
		sink_fact(sink, "ICA transport", "CGP", 3);
	}
	sink_octets(sink, side, cur_left(&bytes), entry);
	return DISSECT_DONE;
}

static size_t ica_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	(void)side;
	(void)flow;
	return cur_is(&bytes, mark_ica, sizeof mark_ica) || cur_is(&bytes, mark_cgp, sizeof mark_cgp) ? 1 : 0;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "that the Common Gateway Protocol is around it", .facts = {"ICA transport"}},
        {FIELD_NEVER,
         "screens, keys, files, names of users: compressed or encrypted, and not looked at",
         .standard = NULL},
        {0},
};

const struct dissector dissector_ica = {
	.name = "ica",
	.protocol = "ICA",
	.ip_protocol = IP_TCP,
	.state_size = 0,
	.has_messages = false,
	.fields = fields,
	.recognise = ica_recognise,
	.dissect = ica_dissect,
};
