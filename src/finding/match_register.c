/* The conditions of rules that look at flows, assets and declarations. */
#include "match_register.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/model/pattern.h"

#include <stdlib.h>
#include <string.h>

static void say(struct words *why, char *text)
{
	words_put(why, text);
	free(text);
}

static bool has_protocol(const struct finding_rule *r, const struct register_flow *f)
{
	for (size_t i = 0; i < f->protocols.n; i++) {
		if (pattern_list_fits(r->protocols, f->protocols.text[i])) {
			return true;
		}
	}
	return r->protocols[0] == '\0';
}

static bool is_place(const struct finding_rule *r, const struct register_flow *f)
{
	bool is_group = f->source->is_group || f->destination->is_group;
	bool stays = !flow_end_is_outside(f->source) && !flow_end_is_outside(f->destination);
	bool leaves = !is_group && flow_end_is_outside(f->source) != flow_end_is_outside(f->destination);
	bool crosses = stays && strcmp(flow_crosses_zone(f), "yes") == 0;

	return match_goes(r->place, stays, crosses, leaves);
}

static bool is_asked_for(const struct finding_rule *r, const struct register_flow *f)
{
	return has_protocol(r, f) && pattern_list_fits(r->kinds, f->kind_id) &&
	       finding_rule_is_of_tier(r, f->tier) &&
	       (r->least_confidence == CONFIDENCE_LOW ||
	        (f->n_exchanges > 0 && f->confidence >= r->least_confidence)) &&
	       (!r->in_clear || f->was_clear) && is_place(r, f);
}

/* Outside, and nobody has entered it. */
static bool is_unregistered(const struct flow_end *end)
{
	return end->asset == NULL && !end->is_inside && !end->is_group;
}

static bool goes_to_unregistered(const struct register_flow *f)
{
	return f->n_exchanges > 0 &&
	       ((!flow_end_is_outside(f->source) && is_unregistered(f->destination)) ||
	        (f->is_both && is_unregistered(f->source) && f->destination->is_inside));
}

static bool is_undeclared(const struct register_flow *f)
{
	return f->status == FLOW_OBSERVED_ONLY && f->differences.n == 0 && !f->source->is_group &&
	       !f->destination->is_group &&
	       (f->source->asset != NULL || f->destination->asset != NULL);
}

static enum match match_differences(const struct finding_rule *r, const struct register_flow *f,
                                    struct words *why)
{
	for (size_t i = 0; i < f->differences.n; i++) {
		if (pattern_list_fits(r->facts, f->differences.text[i])) {
			words_put(why, f->differences.text[i]);
		}
	}
	return why->n > 0 ? MATCH_YES : MATCH_NOT;
}

/* Whether it was seen is a matter of the path: only where both ends were seen was it watched. */
static enum match match_unseen(const struct finding_watch *w, const struct finding_rule *r,
                               const struct register_flow *f, struct words *why)
{
	int64_t now = w->until_us != 0 && w->until_us < w->last_us ? w->until_us : w->last_us,
	        since = now - r->parameter * CLOCK_DAY_US, last = f->past_us;
	char time[CLOCK_TEXT_MAX];

	if (f->status != FLOW_DECLARED_NOT_OBSERVED) {
		return MATCH_NOT;
	}
	if (f->source->n_hosts == 0 || f->destination->n_hosts == 0) {
		return MATCH_UNWATCHED;
	}
	/* when an exchange was last seen is known for all time, not for the time before the window
	 */
	last = w->since_us != 0 && last >= w->since_us ? w->since_us - 1 : last;
	if (last != 0 && last >= since) {
		return MATCH_NOT;
	}
	say(why, last != 0 ? mem_printf("last seen %.10s", clock_format(last, time))
	                   : mem_strdup("never seen, though both ends were"));
	return w->first_us <= since ? MATCH_YES : MATCH_UNJUDGED;
}

static enum match match_country(const struct finding_watch *w, const struct register_flow *f,
                                struct words *why)
{
	const struct flow_end *ends[2] = {f->source, f->destination};
	bool is_safeguarded = f->declared != NULL &&
	                      (entry_text(f->declared, DECLARED_SAFEGUARDS)[0] != '\0' ||
	                       entry_text(f->declared, DECLARED_THIRD_COUNTRIES)[0] != '\0');

	for (unsigned i = f->is_both ? 0 : 1; i < 2 && f->n_exchanges > 0 && !is_safeguarded; i++) {
		const char *country =
		        w->country != NULL ? w->country(w->context, ends[i]) : "unknown";

		if (!ends[i]->is_group && strcmp(country, "unknown") != 0 &&
		    strcmp(country, "GB") != 0) {
			say(why, mem_printf("%s: country %s", ends[i]->name, country));
		}
	}
	return why->n > 0 ? MATCH_YES : MATCH_NOT;
}

enum match match_flow(const struct known *k, const struct finding_watch *w,
                      const struct finding_rule *r, const struct register_flow *f,
                      struct words *why)
{
	if (!is_asked_for(r, f)) {
		return MATCH_NOT;
	}
	switch (r->check) {
	case CHECK_UNDECLARED_FLOW:
		return is_undeclared(f) && !goes_to_unregistered(f) ? MATCH_YES : MATCH_NOT;
	case CHECK_UNREGISTERED_PARTY:
		return goes_to_unregistered(f) ? MATCH_YES : MATCH_NOT;
	case CHECK_DIFFERS:
		return match_differences(r, f, why);
	case CHECK_NOT_SEEN:
		return match_unseen(w, r, f, why);
	case CHECK_OPAQUE_FLOW:
		return f->n_exchanges > 0 && known_asset_tier(k, f->source->asset) == TIER_3 &&
		                       known_asset_tier(k, f->destination->asset) == TIER_3
		               ? MATCH_YES
		               : MATCH_NOT;
	case CHECK_OUTSIDE_UK:
		return match_country(w, f, why);
	default:
		return MATCH_NOT;
	}
}

/* The columns that a rule lists. */
static size_t next_column(const char **list, enum entry_type type)
{
	bool is_taken_out;
	char name[64];
	size_t len;
	const char *item = pattern_next(list, &len, &is_taken_out);

	if (item == NULL) {
		return ENTRY_COLUMNS_MAX;
	}
	text_copy(name, sizeof name, item, len);
	return entry_find_column(type, name);
}

static enum match match_empty(const struct finding_rule *r, const struct entry *e,
                              struct words *why)
{
	const char *list = r->facts;
	size_t n, column;

	while ((column = next_column(&list, e->type)) != ENTRY_COLUMNS_MAX) {
		if (entry_text(e, column)[0] == '\0') {
			say(why,
			    mem_printf("‘%s’ is empty", entry_columns(e->type, &n)[column].label));
		}
	}
	return why->n > 0 ? MATCH_YES : MATCH_NOT;
}

static bool is_near(const char *date, const char *today, uint32_t days)
{
	int64_t then, now;

	return strcmp(date, today) >= 0 && clock_parse(date, 0, &then) &&
	       clock_parse(today, 0, &now) && then <= now + days * CLOCK_DAY_US;
}

static enum match match_date(const struct finding_watch *w, const struct finding_rule *r,
                             const struct entry *e, struct words *why)
{
	const char *list = r->facts;
	size_t n, column;

	while ((column = next_column(&list, e->type)) != ENTRY_COLUMNS_MAX) {
		const char *date = entry_text(e, column);

		if (date[0] != '\0' && (r->parameter > 0 ? is_near(date, w->today, r->parameter)
		                                         : strcmp(date, w->today) < 0)) {
			say(why, mem_printf("‘%s’ is %s", entry_columns(e->type, &n)[column].label,
			                    date));
		}
	}
	return why->n > 0 ? MATCH_YES : MATCH_NOT;
}

static enum match match_zones(const struct entry *asset, const struct flow_end *seen,
                              struct words *why)
{
	const char *declared = entry_text(asset, ASSET_ZONE);

	for (size_t i = 0; seen != NULL && declared[0] != '\0' && i < seen->zones.n; i++) {
		if (text_casecmp(declared, seen->zones.text[i]) != 0) {
			say(why, mem_printf("declared in zone %s, observed in %s", declared,
			                    seen->zones.text[i]));
		}
	}
	return why->n > 0 ? MATCH_YES : MATCH_NOT;
}

static enum match match_rivals(const struct flow_end *seen, struct words *why)
{
	for (size_t i = 0; seen != NULL && i < seen->rivals.n; i++) {
		say(why, mem_printf("%s fits as exactly", seen->rivals.text[i]));
	}
	return why->n > 0 ? MATCH_YES : MATCH_NOT;
}

static enum match match_backup(const struct known *k, const struct finding_watch *w,
                               const struct finding_rule *r, const struct entry *asset,
                               struct words *why)
{
	const struct known_asset *known = known_find_asset(k, asset->id);
	const char *place = entry_text(asset, ASSET_BACKUP_ASSET);
	int64_t since = w->last_us - r->parameter * CLOCK_DAY_US, last;

	if (known == NULL ||
	    (place[0] == '\0' && entry_text(asset, ASSET_BACKUP_ARRANGEMENT)[0] != '\0')) {
		return MATCH_NOT; /* never seen; or backed up in a way that may not be seen */
	}
	last = place[0] != '\0' ? known_backup_to(k, asset->id, place) : known->backup_us;
	if (last != 0 && last >= since) {
		return MATCH_NOT;
	}
	say(why, place[0] != '\0' ? mem_printf("declared to be backed up to %s; no backup or "
	                                       "storage traffic between the two in "
	                                       "the last %u days",
	                                       place, r->parameter)
	                          : mem_printf("no backup declared, and no backup or storage "
	                                       "traffic in the last %u days",
	                                       r->parameter));
	return w->first_us <= since && known->first_us <= since ? MATCH_YES : MATCH_UNJUDGED;
}

static enum match match_asset(const struct known *k, const struct finding_watch *w,
                              const struct finding_rule *r, const struct entry *asset,
                              const struct flow_end *seen, struct words *why)
{
	bool is_external = entry_is_external(asset);

	if (!finding_rule_is_of_tier(r, known_asset_tier(k, asset))) {
		return MATCH_NOT;
	}
	switch (r->check) {
	case CHECK_AMBIGUOUS_ASSET:
		return match_rivals(seen, why);
	case CHECK_OUTSIDE_ZONE:
		return match_zones(asset, seen, why);
	case CHECK_ASSET_BACKUP:
		return is_external ? MATCH_NOT : match_backup(k, w, r, asset, why);
	case CHECK_ASSET_EMPTY:
		return is_external ? MATCH_NOT : match_empty(r, asset, why);
	case CHECK_ASSET_DATE:
		return match_date(w, r, asset, why);
	case CHECK_ASSET_IN_USE:
		return seen != NULL && seen->n_hosts > 0 ? match_date(w, r, asset, why) : MATCH_NOT;
	default:
		return MATCH_NOT;
	}
}

/* More than somebody's client: it serves, or what it does tells what it is. */
static enum match match_unregistered(const struct known *k, const struct finding_rule *r,
                                     const struct flow_end *seen, struct words *why)
{
	const struct known_host *host =
	        seen->type == FLOW_END_HOST ? known_find_key(k, seen->key) : NULL;
	unsigned role = 0;

	if (r->check != CHECK_UNDECLARED_ASSET || host == NULL || !host->is_inside ||
	    !finding_rule_is_of_tier(r, host->tier)) {
		return MATCH_NOT;
	}
	while (role < ROLE_CLIENT && !role_is(&host->deeds, (enum role)role)) {
		role++;
	}
	if (role == ROLE_CLIENT) {
		return MATCH_NOT;
	}
	say(why, mem_printf("taken for %s because it %s", role_title((enum role)role),
	                    role_reason((enum role)role)));
	return MATCH_YES;
}

enum match match_system(const struct known *k, const struct finding_watch *w,
                        const struct finding_rule *r, const struct entry *asset,
                        const struct flow_end *seen, struct words *why)
{
	return asset != NULL ? match_asset(k, w, r, asset, seen, why)
	                     : match_unregistered(k, r, seen, why);
}

enum match match_declaration(const struct known *k, const struct finding_watch *w,
                             const struct finding_rule *r, const struct entry *d, struct words *why)
{
	const char *retired = entry_text(d, DECLARED_RETIRED_ON),
	           *kind = entry_text(d, DECLARED_KIND);

	if ((retired[0] != '\0' && strcmp(retired, w->today) <= 0) ||
	    !pattern_list_fits(r->kinds, kind) ||
	    !finding_rule_is_of_tier(r, known_kinds_tier(k, kind))) {
		return MATCH_NOT;
	}
	switch (r->check) {
	case CHECK_DECLARED_EMPTY:
		return match_empty(r, d, why);
	case CHECK_DECLARED_DATE:
		return match_date(w, r, d, why);
	case CHECK_DPIA_MISSING:
		if (strcmp(entry_text(d, DECLARED_DPIA_REQUIRED), "yes") != 0 ||
		    entry_text(d, DECLARED_DPIA_REF)[0] != '\0') {
			return MATCH_NOT;
		}
		say(why, mem_strdup("a DPIA is required and none is named"));
		return MATCH_YES;
	default:
		return MATCH_NOT;
	}
}
