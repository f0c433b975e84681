/* The conditions of a rule, one by one; the cheap ones first. */
#include "match.h"

#include "terrier/base/clock.h"
#include "terrier/model/pattern.h"

#include <string.h>

enum confidence match_confidence(const struct exchange *e)
{
	bool has_port = false, has_more = false;

	for (size_t i = 0; i < e->n_facts; i++) {
		has_port |= e->facts[i].type == EVIDENCE_PORT;
		has_more |= e->facts[i].type != EVIDENCE_PORT && e->facts[i].type != EVIDENCE_OTHER;
	}
	return has_port && !has_more ? CONFIDENCE_LOW : e->confidence;
}

void match_places(const struct exchange *e, const struct exchange_end **inside,
                  const struct exchange_end **other)
{
	exchange_sides(e, inside, other);
	if (!(*inside)->is_inside) {
		const struct exchange_end *swap = *inside;

		*inside = *other;
		*other = swap;
	}
}

static bool is_kind(const struct finding_rule *r, const struct exchange *e)
{
	return pattern_list_fits(r->protocols, e->protocol) &&
	       pattern_list_fits(r->kinds, e->kind_id) &&
	       finding_rule_is_of_tier(r, e->tier) &&
	       (r->least_confidence == CONFIDENCE_LOW ||
	        match_confidence(e) >= r->least_confidence) &&
	       (!r->in_clear || e->was_clear);
}

static bool has_fact(const struct finding_rule *r, const struct exchange *e)
{
	for (size_t i = 0; i < e->n_facts; i++) {
		if (e->facts[i].type == EVIDENCE_OTHER &&
		    pattern_list_fits(r->facts, e->facts[i].text)) {
			return true;
		}
	}
	return r->facts[0] == '\0';
}

/* By what was asked for (SNI, Host), and by what the ends are called. */
static bool has_name(const struct finding_rule *r, const struct exchange *e)
{
	for (size_t i = 0; i < e->n_facts; i++) {
		if (e->facts[i].type == EVIDENCE_TLS_SNI &&
		    pattern_list_fits_host(r->names, e->facts[i].text)) {
			return true;
		}
	}
	return r->names[0] == '\0' || pattern_list_fits_host(r->names, e->source.name) ||
	       pattern_list_fits_host(r->names, e->destination.name);
}

bool match_goes(enum finding_place place, bool stays, bool crosses, bool leaves)
{
	switch (place) {
	case PLACE_INSIDE:
		return stays;
	case PLACE_ZONES:
		return crosses;
	case PLACE_OUTSIDE:
		return leaves;
	case PLACE_ELSEWHERE:
		return crosses || leaves;
	case PLACE_ANY:
	case PLACE_CLIENTS:
		break;
	}
	return true;
}

static bool is_at_place(const struct known *k, const struct finding_rule *r,
                        const struct exchange *e)
{
	bool is_group = e->source.is_group || e->destination.is_group;
	bool stays = e->source.is_inside && e->destination.is_inside;
	bool leaves = !is_group && e->source.is_inside != e->destination.is_inside;
	bool crosses = !is_group && stays && strcmp(e->source.zone, e->destination.zone) != 0;
	const struct exchange_end *client, *server;

	exchange_sides(e, &client, &server);
	if (r->place == PLACE_CLIENTS) {
		return crosses && known_is_of_clients(k, client->zone) &&
		       !known_is_of_clients(k, server->zone);
	}
	return match_goes(r->place, stays, crosses, leaves);
}

enum role match_role(const struct known *k, const struct finding_rule *r,
                     const struct exchange *e)
{
	const struct exchange_end *client, *server, *inside, *other;
	const struct known_host *host;
	unsigned role = 0;

	exchange_sides(e, &client, &server);
	match_places(e, &inside, &other);
	host = known_find(k, r->role_of == END_SERVER   ? server
	                     : r->role_of == END_CLIENT ? client
	                                                : inside);
	while (role < ROLES && ((r->roles & ROLE_BIT(role)) == 0 || host == NULL ||
	                        !role_is(&host->deeds, (enum role)role))) {
		role++;
	}
	return (enum role)role;
}

unsigned match_days(const struct finding_rule *r)
{
	switch (r->check) {
	case CHECK_NO_BACKUP:
	case CHECK_NOT_SEEN:
	case CHECK_ASSET_BACKUP:
		return r->parameter;
	case CHECK_NEW_PARTY:
		return 2 * r->parameter; /* as long before as since */
	default:
		return 0;
	}
}

/* What is an asset is judged as one. */
static enum match check_backup(const struct known *k, const struct finding_watch *w,
                               const struct finding_rule *r, const struct exchange *e)
{
	int64_t since = w->last_us - r->parameter * CLOCK_DAY_US;
	const struct exchange_end *client, *server;
	const struct known_host *host;

	exchange_sides(e, &client, &server);
	host = known_find(k, server);
	if (host == NULL || server->asset != NULL || !host->is_inside || known_is_of_clients(k, server->zone) ||
	    (host->backup_us != 0 && host->backup_us >= since)) {
		return MATCH_NOT;
	}
	return w->first_us <= since && host->first_us <= since ? MATCH_YES : MATCH_UNJUDGED;
}

static enum match check_party(const struct known *k, const struct finding_watch *w,
                              const struct finding_rule *r, const struct exchange *e)
{
	int64_t span = r->parameter * CLOCK_DAY_US;
	const struct exchange_end *inside, *other;
	const struct known_host *party;

	match_places(e, &inside, &other);
	party = known_find(k, other);
	if (party == NULL || party->first_us < w->last_us - span) {
		return MATCH_NOT;
	}
	return w->first_us <= w->last_us - 2 * span ? MATCH_YES : MATCH_UNJUDGED;
}

static enum match check(const struct known *k, const struct finding_watch *w,
                        const struct finding_rule *r, const struct exchange *e)
{
	switch (r->check) {
	case CHECK_NONE:
		return MATCH_YES;
	case CHECK_NO_BACKUP:
		return check_backup(k, w, r, e);
	case CHECK_NEW_PARTY:
		return check_party(k, w, r, e);
	case CHECK_UNIDENTIFIED:
		return w->unknown_bytes > 0 &&
		                       (double)w->unknown_bytes * 100 >
		                               (double)w->payload_bytes * (double)r->parameter
		               ? MATCH_YES
		               : MATCH_NOT;
	case CHECK_LIVE_LINK:
		return known_is_live(k, e) ? MATCH_YES : MATCH_NOT;
	default: /* of the register */
		return MATCH_NOT;
	}
}

enum match match_rule(const struct known *k, const struct finding_watch *watch,
                      const struct finding_rule *r, const struct exchange *e)
{
	if (finding_rule_object(r) != OBJECT_EXCHANGE || !is_kind(r, e) || !has_fact(r, e) || !has_name(r, e) || !is_at_place(k, r, e) ||
	    (r->role_of != END_NONE && match_role(k, r, e) == ROLES)) {
		return MATCH_NOT;
	}
	return check(k, watch, r, e);
}
