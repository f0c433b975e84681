/* What SMB's messages amount to: the client, the dialect, and whose entry the octets of a read, a
 * write or anything else are. */
#include "smb.h"

#include <string.h>

static const char *protocol_name(const struct smb *smb)
{
	return smb->protocol == SMB_1 ? "SMB1" : smb->protocol == SMB_3 ? "SMB3" : "SMB2";
}

void smb_set_client(struct walk *w, enum side client)
{
	w->client = client;
	if (!w->smb->knows_client) {
		w->smb->knows_client = true;
		sink_client(w->sink, client);
	}
}

void smb_set_protocol(struct walk *w, enum smb_protocol protocol, const char *dialect)
{
	if (w->smb->protocol != protocol) {
		w->smb->protocol = (uint8_t)protocol;
		sink_protocol(w->sink, protocol_name(w->smb));
	}
	if (dialect != NULL) {
		sink_fact(w->sink, "SMB dialect", dialect, strlen(dialect));
	}
}

void smb_say_signing(struct walk *w, bool is_enabled, bool is_required)
{
	const char *word = is_required ? "required" : is_enabled ? "enabled" : "off";

	sink_fact(w->sink, "SMB signing", word, strlen(word));
}

int smb_piped(struct walk *w)
{
	w->smb->is_told = true;
	return sink_evidence(w->sink, EVIDENCE_PROTOCOL, "DCERPC", w->client, INFO_BOTH, 0);
}

int smb_silent(struct walk *w)
{
	if (w->smb->is_told || ++w->smb->silence < SMB_SILENCE) {
		return SINK_NO_ENTRY;
	}
	w->smb->is_told = true;
	return sink_evidence(w->sink, EVIDENCE_PROTOCOL, protocol_name(w->smb), w->client,
	                     INFO_BOTH, 0);
}

int smb_moved(struct walk *w, int slot, enum info_direction direction, unsigned messages)
{
	const struct smb_tree *tree = slot >= 0 ? &w->smb->tree[slot] : NULL;
	char text[RECORD_EVIDENCE_MAX] = "";

	if (tree != NULL && tree->type == SHARE_PIPE) {
		return smb_piped(w);
	}
	w->smb->is_told = true;
	w->smb->last[direction == INFO_C2S] = (int8_t)slot;
	if (tree != NULL) {
		smb_share_text(w->smb, slot, text);
	}
	if (text[0] == '\0') {
		return sink_evidence(w->sink, EVIDENCE_PROTOCOL, protocol_name(w->smb), w->client,
		                     direction, messages);
	}
	return sink_evidence(w->sink,
	                     tree->type == SHARE_PRINT ? EVIDENCE_PRINT_QUEUE : EVIDENCE_SHARE,
	                     text, w->client, direction, messages);
}
