/* The ranking: one table of weights, and the words for what each gave. */
#include "rank.h"

#include "terrier/base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_TOLD 2

/* The weights. `each` is given for each thing that is counted, `most` is where a term ends. */
static const struct {
	const char *name, *label;
	unsigned each, most;
	const char *counted;
} terms[RANK_TERMS] = {
        [RANK_TIER] = {"tier", "Tier", 0, 30, NULL},
        [RANK_DEPENDANTS] = {"dependants", "Used", 2, 20, "system or zone of client machines that uses it"},
        [RANK_REACH] = {"reach", "Reach", 1, 10, "further system that clinical data from it reaches in 3 steps"},
        [RANK_CLEAR] = {"clear", "Clear", 0, 15, NULL},
        [RANK_EXTERNAL] = {"external", "Outside", 5, 15, "outside party that receives from it"},
        [RANK_BACKUP] = {"backup", "Backup", 0, 10, NULL},
        [RANK_CRITICALITY] = {"criticality", "Critical", 4, 20, "step of the declared criticality, or worst impact"},
        [RANK_UNDECLARED] = {"undeclared", "Undeclared", 1, 10, "flow that was seen and is not declared"},
};
static const unsigned tier_points[] = {[TIER_0] = 0, [TIER_1] = 5, [TIER_2] = 15, [TIER_3] = 30, [TIER_UNKNOWN] = 10};
static const unsigned clear_points[] = {[TIER_0] = 0, [TIER_1] = 0, [TIER_2] = 2, [TIER_3] = 3, [TIER_UNKNOWN] = 2};
enum { NO_BACKUP = 10, ONE_BACKUP = 5 };

struct rank {
	struct rank_node *nodes;
	struct rank_system *systems;
	size_t n;
};

const char *rank_name(enum rank_term term)
{
	return terms[term].name;
}

const char *rank_label(enum rank_term term)
{
	return terms[term].label;
}

unsigned rank_most(enum rank_term term)
{
	return terms[term].most;
}

unsigned rank_clear_points(enum tier tier)
{
	return clear_points[tier];
}

char *rank_formula(enum rank_term term)
{
	switch (term) {
	case RANK_TIER:
		return mem_printf("%u, %u, %u, %u: the highest tier of its data is 3, 2, unknown, 1",
		                  tier_points[TIER_3], tier_points[TIER_2], tier_points[TIER_UNKNOWN],
		                  tier_points[TIER_1]);
	case RANK_CLEAR:
		return mem_printf("%u, %u, %u for each flow of tier 3, 2, unknown in clear or weak, to %u",
		                  clear_points[TIER_3], clear_points[TIER_2], clear_points[TIER_UNKNOWN],
		                  terms[term].most);
	case RANK_BACKUP:
		return mem_printf("%u: used, tier 2 and up or unknown, no backup seen; %u: one target", NO_BACKUP,
		                  ONE_BACKUP);
	default:
		return mem_printf("%u for each %s, to %u", terms[term].each, terms[term].counted, terms[term].most);
	}
}

/* Takes `why` over. */
static void give(struct rank_system *s, enum rank_term term, unsigned points, char *why)
{
	points = points < terms[term].most ? points : terms[term].most;
	free(s->why[term]);
	s->points[term] = points;
	s->score += points;
	s->why[term] = points > 0 ? why : mem_strdup("");
	if (points == 0) {
		free(why);
	}
}

static unsigned times(enum rank_term term, size_t n)
{
	return n < terms[term].most ? (unsigned)n * terms[term].each : terms[term].most;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void judge_tier(struct rank_system *s, const struct rank_node *n)
{
	char *titles = words_join(&n->titles, "; ", NAMES_TOLD);

	give(s, RANK_TIER, n->has_tier ? tier_points[n->tier] : 0,
	     mem_printf("tier %s (%s)", tier_name(n->tier), titles));
	free(titles);
}

static char *tell_users(const struct rank_node *n)
{
	char *systems =
	             n->n_systems > 0 ? mem_printf("%zu system%s", n->n_systems, plural(n->n_systems)) : mem_strdup(""),
	     *zones = n->n_zones > 0 ? mem_printf("client machines of %zu zone%s", n->n_zones, plural(n->n_zones))
	                             : mem_strdup("");
	char *text = mem_printf("used by %s%s%s", systems, n->n_systems > 0 && n->n_zones > 0 ? " and " : "", zones);

	free(systems);
	free(zones);
	return text;
}

static void judge_use(struct rank_system *s, struct rank_node *n, size_t mark)
{
	size_t reach = rank_reach(n, terms[RANK_REACH].most, mark);

	give(s, RANK_DEPENDANTS, times(RANK_DEPENDANTS, n->n_systems + n->n_zones), tell_users(n));
	give(s, RANK_REACH, times(RANK_REACH, reach),
	     mem_printf("clinical data from it reaches %s%zu more system%s by way of others",
	                reach == terms[RANK_REACH].most ? "at least " : "", reach, plural(reach)));
}

static void judge_exposure(struct rank_system *s, const struct rank_node *n)
{
	char *recipients = words_join(&n->recipients, "; ", NAMES_TOLD);

	give(s, RANK_CLEAR, n->clear_points,
	     mem_printf("%zu flow%s in clear or weakly protected, the worst of tier %s", n->n_clear, plural(n->n_clear),
	                tier_name(n->clear_tier)));
	give(s, RANK_EXTERNAL, times(RANK_EXTERNAL, n->recipients.n),
	     mem_printf("%zu outside part%s receive%s from it: %s", n->recipients.n, n->recipients.n == 1 ? "y" : "ies",
	                n->recipients.n == 1 ? "s" : "", recipients));
	give(s, RANK_UNDECLARED, times(RANK_UNDECLARED, n->n_undeclared),
	     mem_printf("%zu flow%s that nobody declared", n->n_undeclared, plural(n->n_undeclared)));
	free(recipients);
}

/* Devices keep nothing for long, and what others run is theirs to save. */
static bool needs_no_backup(const struct entry *asset)
{
	const char *type = asset != NULL ? entry_text(asset, ASSET_TYPE) : "";

	return strcmp(type, "device") == 0 || strcmp(type, "medical_device") == 0 || strcmp(type, "service") == 0;
}

/* Asked of what others use and what may hold something worth keeping, and not of what keeps the backups. */
static void judge_backup(struct rank_system *s, const struct rank_node *n)
{
	const char *declared = n->asset != NULL ? entry_text(n->asset, ASSET_BACKUP_ASSET) : "";
	bool is_asked = n->n_systems + n->n_zones > 0 && n->has_tier &&
	                tier_weight(n->tier) >= tier_weight(TIER_UNKNOWN) && !needs_no_backup(n->asset) &&
	                !n->keeps_backups;

	if (declared[0] != '\0' && !n->backup_was_seen) {
		give(s, RANK_BACKUP, NO_BACKUP,
		     mem_printf("nothing was seen to go to its declared backup, %s", declared));
	} else if (is_asked && n->backups.n == 0 && !n->backup_was_seen) {
		give(s, RANK_BACKUP, NO_BACKUP, mem_strdup("no backup was seen"));
	} else if (is_asked && n->backups.n <= 1) {
		give(s, RANK_BACKUP, ONE_BACKUP,
		     mem_printf("one place of backup only: %s", n->backups.n == 1 ? n->backups.text[0] : declared));
	} else {
		give(s, RANK_BACKUP, 0, mem_strdup(""));
	}
}

static void judge_declared(struct rank_system *s, const struct rank_node *n)
{
	static const enum asset_column columns[] = {ASSET_CRITICALITY, ASSET_IMPACT_CONFIDENTIALITY,
	                                            ASSET_IMPACT_INTEGRITY, ASSET_IMPACT_AVAILABILITY};
	static const char *const names[] = {"criticality", "impact on confidentiality", "impact on integrity",
	                                    "impact on availability"};
	unsigned worst = 0;
	size_t which = 0;

	for (size_t i = 0; i < sizeof columns / sizeof columns[0] && n->asset != NULL; i++) {
		const char *text = entry_text(n->asset, columns[i]); /* 1..5 */
		unsigned value = text[0] >= '1' && text[0] <= '5' ? (unsigned)(text[0] - '0') : 0;

		if (value > worst) {
			worst = value;
			which = i;
		}
	}
	give(s, RANK_CRITICALITY, times(RANK_CRITICALITY, worst),
	     mem_printf("declared %s %u of 5", names[which], worst));
}

static void add_system(struct rank *r, struct rank_node *n)
{
	struct rank_system *s = &r->systems[r->n++];

	*s = (struct rank_system){
	        .end = n->end,
	        .asset = n->asset,
	        .name = n->asset != NULL ? entry_text(n->asset, ASSET_NAME) : n->end->name,
	};
	judge_tier(s, n);
	judge_use(s, n, r->n);
	judge_exposure(s, n);
	judge_backup(s, n);
	judge_declared(s, n);
	for (size_t i = 0; i < n->kinds.n; i++) {
		words_put(&s->kinds, n->kinds.text[i]);
	}
}

static int compare(const void *left, const void *right)
{
	const struct rank_system *a = left, *b = right;
	const char *a_key = a->end != NULL ? a->end->uid : a->asset->id,
	           *b_key = b->end != NULL ? b->end->uid : b->asset->id;
	int result = strcmp(a->name, b->name);

	if (a->score != b->score) {
		return a->score > b->score ? -1 : 1;
	}
	return result != 0 ? result : strcmp(a_key, b_key);
}

struct rank *rank_new(const struct rank_options *options)
{
	struct rank *r = mem_zalloc(1, sizeof *r);

	r->nodes = rank_graph(options);
	r->systems = mem_zalloc(HASH_COUNT(r->nodes) + 1, sizeof *r->systems);
	for (struct rank_node *n = r->nodes; n != NULL; n = n->hh.next) {
		if (!n->is_clients && !n->is_outside && !n->is_nobody) {
			add_system(r, n);
		}
	}
	if (r->n > 1) {
		qsort(r->systems, r->n, sizeof *r->systems, compare);
	}
	return r;
}

void rank_free(struct rank *r)
{
	if (r == NULL) {
		return;
	}
	for (size_t i = 0; i < r->n; i++) {
		for (unsigned term = 0; term < RANK_TERMS; term++) {
			free(r->systems[i].why[term]);
		}
		words_clear(&r->systems[i].kinds);
	}
	free(r->systems);
	rank_graph_free(&r->nodes);
	free(r);
}

size_t rank_count(const struct rank *r)
{
	return r->n;
}

const struct rank_system *rank_get(const struct rank *r, size_t i)
{
	assert(i < r->n);
	return &r->systems[i];
}
