#ifndef TERRIER_MODEL_FINDING_RULE_H
#define TERRIER_MODEL_FINDING_RULE_H

#include "terrier/model/kind.h"
#include "terrier/model/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rules of what deserves attention: rows of findings.csv, part of the catalogue. An exchange, or what the check names
 * instead, comes under a rule when all that its row asks for holds; what is not asked for does not matter. Lists are as
 * pattern.h says. */

enum severity {
	SEVERITY_OFF,
	SEVERITY_INFORMATION,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL
};

/* What one finding of the rule is about: all exchanges that share it are told together. */
enum finding_about {
	ABOUT_SERVER, /* the end that was connected to */
	ABOUT_CLIENT,
	ABOUT_PAIR,    /* both */
	ABOUT_INSIDE,  /* the end inside the organisation */
	ABOUT_OUTSIDE, /* the end outside */
	ABOUT_ZONE,    /* the server's zone */
	ABOUT_SITE,    /* everything */
	ABOUT_ASSET,   /* the asset, or the system that is none */
	ABOUT_FLOW,    /* source, destination and kind */
};

/* Where the exchange goes. Broadcast and multicast go nowhere. */
enum finding_place {
	PLACE_ANY,
	PLACE_INSIDE,    /* does not leave the organisation */
	PLACE_ZONES,     /* … but goes from one zone to another */
	PLACE_OUTSIDE,   /* leaves the organisation, or enters it */
	PLACE_ELSEWHERE, /* either of the last two */
	PLACE_CLIENTS,   /* PLACE_ZONES, and most systems in the client's zone are clients */
};

/* What cannot be said in columns, by name. */
enum finding_check {
	CHECK_NONE,
	CHECK_NO_BACKUP,    /* the server, outside client networks, is in no exchange of backup or storage
	                       of the last `parameter` days */
	CHECK_NEW_PARTY,    /* the end outside was first seen in the last `parameter` days */
	CHECK_UNIDENTIFIED, /* more than `parameter` percent of all payload were not identified */
	CHECK_LIVE_LINK,    /* messages marked as production (processing id P) went the same way */
	/* flows of the register */
	CHECK_UNDECLARED_FLOW,     /* nothing is declared that it could be, nor the like to others; one end is an asset,
	                              and no unregistered party receives it */
	CHECK_UNREGISTERED_PARTY,  /* it goes to a party outside that is not in the register */
	CHECK_DIFFERS,             /* from what is declared, in one of the ways that `facts` lists */
	CHECK_NOT_SEEN,            /* declared, and not seen in the last `parameter` days */
	CHECK_OPAQUE_FLOW,         /* both ends are assets that hold tier 3 */
	CHECK_OUTSIDE_UK,          /* leaves for a country that is known, and no safeguards are declared */
	/* systems: assets, and observed systems that are none */
	CHECK_UNDECLARED_ASSET,    /* inside, no asset, and more than a client */
	CHECK_AMBIGUOUS_ASSET,     /* another asset fits one of its systems as exactly */
	CHECK_OUTSIDE_ZONE,        /* observed in another zone than its own */
	CHECK_ASSET_BACKUP,        /* no backup or storage traffic of the last `parameter` days, to the declared place or,
	                              where nothing is declared, at all */
	CHECK_ASSET_EMPTY,         /* a column of `facts` is empty; no external party */
	CHECK_ASSET_DATE,          /* a column of `facts` is a date before today, or within `parameter` days from it */
	CHECK_ASSET_IN_USE,        /* the same, and it was observed */
	/* declarations that are not retired */
	CHECK_DECLARED_EMPTY,      /* as those of assets */
	CHECK_DECLARED_DATE,
	CHECK_DPIA_MISSING,        /* one is required, and no reference given */
};

/* What a check looks at. All but exchanges need a register. */
enum finding_object { OBJECT_EXCHANGE, OBJECT_FLOW, OBJECT_SYSTEM, OBJECT_DECLARATION };

enum finding_side { END_NONE, END_SERVER, END_CLIENT, END_INSIDE };

struct finding_rule {
	const char *id, *title, *category;
	enum severity severity;
	enum confidence confidence; /* at most, however good the evidence */
	enum finding_about about;
	enum finding_check check;
	uint32_t parameter;
	uint64_t least_bytes;             /* payload that a finding must have moved */
	const char *protocols, *kinds;    /* lists; empty: any */
	enum tier tier;                   /* at least; TIER_0: any, also unknown; TIER_UNKNOWN: only unknown */
	enum confidence least_confidence; /* of the kind */
	bool in_clear;                    /* was seen in clear */
	const char *facts; /* list of which at least one was noted; empty: any or none. Of some checks other things */
	const char *names; /* host names of which one was used; empty: any */
	enum finding_place place;
	uint32_t roles; /* ROLE_BIT()s, of which the end `role_of` has one; 0: any */
	enum finding_side role_of;
	const char *control_refs, *why, *action, *limits;
};

/* The rules of a catalogue that are not turned off, in the order of the files. */
size_t catalogue_rules(const struct catalogue *c);
const struct finding_rule *catalogue_rule(const struct catalogue *c, size_t i);

/* What the rule's check looks at. */
enum finding_object finding_rule_object(const struct finding_rule *r);

/* True when what is of this tier comes under the rule, as far as that goes. */
bool finding_rule_is_of_tier(const struct finding_rule *r, enum tier tier);

/* True when some rule asks for this fact: one that nobody asks for need not be kept. */
bool catalogue_seeks_fact(const struct catalogue *c, const char *fact);

/* The word of a severity ("high"). */
const char *severity_name(enum severity severity);

#endif
