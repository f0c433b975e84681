/* What a flow says of itself: the words of the register. */
#include "terrier/model/register_flow.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

const char *flow_status_name(enum flow_status status)
{
	static const char *const names[] = {"declared_and_observed", "observed_only",
	                                    "declared_not_observed", "retired"};

	return names[status];
}

const char *flow_encrypted(const struct register_flow *f)
{
	static const char *const words[2][2] = {{"unknown", "yes"}, {"no", "mixed"}};

	return words[f->was_clear][f->was_encrypted];
}

bool flow_end_is_outside(const struct flow_end *end)
{
	return !end->is_inside || (end->asset != NULL && entry_is_external(end->asset));
}

const char *flow_end_organisation(const struct flow_end *end)
{
	return end->asset != NULL ? entry_text(end->asset, ASSET_ORGANISATION) : "";
}

const char *flow_end_asset_id(const struct flow_end *end)
{
	return end->asset != NULL ? end->asset->id : "";
}

char *flow_end_zone(const struct flow_end *end)
{
	if (end->zones.n > 0) {
		return words_join(&end->zones, "; ", FLOW_ADDRESSES_MAX);
	}
	return mem_strdup(end->asset != NULL ? entry_text(end->asset, ASSET_ZONE) : "");
}

const char *flow_scope(const struct register_flow *f)
{
	const struct entry *from = f->source->asset, *to = f->destination->asset;
	const char *from_site = from != NULL ? entry_text(from, ASSET_SITE) : "",
	           *to_site = to != NULL ? entry_text(to, ASSET_SITE) : "";

	if (f->source->is_inside != f->destination->is_inside) {
		return f->source->is_inside ? "outbound" : "inbound";
	}
	return from_site[0] != '\0' && to_site[0] != '\0' && strcmp(from_site, to_site) != 0
	               ? "cross_site"
	               : "internal";
}

/* Shares of what was watched: a link that is up in nine hours of ten is continuous, one of every
 * second hour hourly, one of most working days daily. Less than a day of watching shows no pattern.
 */
const char *flow_frequency(const struct register_flow *f, uint64_t days_watched,
                           uint64_t hours_watched)
{
	size_t days = f->n_days, hours = f->n_hours;

	if (hours == 0) {
		return "";
	}
	if (f->connections == 1 && hours == 1 && f->messages <= 1) {
		return "once";
	}
	if (hours_watched < 24) {
		return "";
	}
	if (hours * 10 >= hours_watched * 9) {
		return "continuous";
	}
	if (hours * 2 >= hours_watched) {
		return "hourly";
	}
	if (days_watched >= 5 && days * 5 >= days_watched * 3) {
		return "daily";
	}
	if (days_watched >= 14 && days * 9 >= days_watched) {
		return "weekly";
	}
	return days_watched >= 60 && days * 38 >= days_watched ? "monthly" : "ad_hoc";
}

enum flow_authorisation flow_authorisation(const struct register_flow *f)
{
	const char *verdict;

	if (f->decision != NULL && f->decision_state == DECISION_VALID) {
		verdict = entry_text(f->decision, DECISION_VERDICT);
		if (strcmp(verdict, "defer") != 0) {
			return strcmp(verdict, "accept") == 0 ? FLOW_AUTHORISED
			                                      : FLOW_NOT_AUTHORISED;
		}
	}
	return f->declared != NULL && entry_text(f->declared, DECLARED_AUTHORISED_BY)[0] != '\0'
	               ? FLOW_AUTHORISED
	               : FLOW_NOT_ASSESSED;
}

const char *flow_authorisation_name(enum flow_authorisation a)
{
	static const char *const names[] = {"not_assessed", "authorised", "not_authorised"};

	return names[a];
}

const char *flow_crosses_zone(const struct register_flow *f)
{
	if (f->source->is_group || f->destination->is_group) {
		return "unknown";
	}
	if (f->source->is_inside != f->destination->is_inside) {
		return "yes";
	}
	char *from = flow_end_zone(f->source), *to = flow_end_zone(f->destination);
	const char *word = from[0] == '\0' || to[0] == '\0' ? "unknown"
	                   : strcmp(from, to) == 0          ? "no"
	                                                    : "yes";

	free(from);
	free(to);
	return word;
}

const char *flow_leaves_organisation(const struct register_flow *f, bool own_is_set)
{
	const struct entry *from = f->source->asset, *to = f->destination->asset;

	if ((from != NULL && entry_is_external(from)) || (to != NULL && entry_is_external(to))) {
		return "yes";
	}
	if (!own_is_set) {
		return "unknown";
	}
	return f->source->is_inside && f->destination->is_inside ? "no" : "yes";
}
