/* An exchange: who of its ends is the client, and what they do. */
#include "terrier/model/exchange.h"

void exchange_sides(const struct exchange *e, const struct exchange_end **client, const struct exchange_end **server)
{
	bool is_turned = e->initiated_by_destination && !e->initiated_by_source && !e->is_both;

	*client = is_turned ? &e->destination : &e->source;
	*server = is_turned ? &e->source : &e->destination;
}

void exchange_note_deeds(const struct exchange *e, bool is_source, struct role_deeds *deeds)
{
	const struct role_exchange x = {
	        .protocol = e->protocol,
	        .kind_id = e->kind_id,
	        .tier = e->tier,
	        .confidence = e->confidence,
	        .initiated_by_source = e->initiated_by_source,
	        .initiated_by_destination = e->initiated_by_destination,
	        .is_both = e->is_both,
	};

	role_note_end(deeds, &x, is_source);
}

uint64_t exchange_bytes(const struct exchange *e)
{
	uint64_t rest = UINT64_MAX - e->bytes_to_destination;

	return e->bytes_to_destination + (e->bytes_to_source < rest ? e->bytes_to_source : rest);
}
