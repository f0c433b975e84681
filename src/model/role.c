/* Roles of hosts: two tables, of what counts as a deed and of the deeds that make a role. A new
 * role is a row in each. */
#include "terrier/model/role.h"

#include "terrier/model/pattern.h"

#include <string.h>

enum deed {
	SERVED, /* a service, to anybody */
	USED,   /* a service of another */
	SENT_IMAGES,
	TOOK_IMAGES,
	SENT_DEVICE_DATA,
	TOOK_DEVICE_DATA,
	SERVED_HEALTH_DATA,
	DEEDS,
};
#define DEED(deed) (UINT32_C(1) << (deed))

enum side { EITHER, SERVER, CLIENT };
enum flow { ANY, SENDS, TAKES };

/* Kinds of data that a device makes. Where both ways count (ASTM, POCT1-A) it is the device that
 * opens the connection. */
#define DEVICE_KINDS "lab.instrument;lab.poct;clin.monitoring"

/* What every host says and answers, whatever it is. */
#define CHATTER                                                                                    \
	"!ICMP;!ICMPv6;!IGMP;!DHCP;!DHCPv6;!mDNS;!LLMNR;!NetBIOS;!SSDP;!WSD;!SLP;!NAT-PMP;!SNMP"

static const struct {
	enum side side;
	enum flow flow;
	enum confidence confidence; /* at least: a kind that is a guess makes nobody a modality */
	enum tier tier;             /* at least */
	const char *protocols, *kinds;
} deeds_table[DEEDS] = {
        [SERVED] = {SERVER, ANY, CONFIDENCE_LOW, TIER_0, CHATTER, ""},
        [USED] = {CLIENT, ANY, CONFIDENCE_LOW, TIER_0, CHATTER, ""},
        [SENT_IMAGES] = {CLIENT, SENDS, CONFIDENCE_MEDIUM, TIER_0, "DICOM;DICOM+TLS",
                         "img.study;rt.plan"},
        [TOOK_IMAGES] = {EITHER, TAKES, CONFIDENCE_MEDIUM, TIER_0, "DICOM;DICOM+TLS;DICOMweb",
                         "img.study;rt.plan"},
        [SENT_DEVICE_DATA] = {EITHER, SENDS, CONFIDENCE_MEDIUM, TIER_0, "", DEVICE_KINDS},
        [TOOK_DEVICE_DATA] = {EITHER, TAKES, CONFIDENCE_MEDIUM, TIER_0, "", DEVICE_KINDS},
        [SERVED_HEALTH_DATA] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_3, "", ""},
};

/* A role needs all deeds of `did` and none of `did_not`. */
static const struct {
	const char *name, *title;
	uint32_t did, did_not;
	const char *reason;
} roles_table[ROLES] = {
        [ROLE_CLIENT] = {"client", "a client", DEED(USED), DEED(SERVED),
                         "uses services of others and was seen to offer none"},
        [ROLE_SERVER] = {"server", "a server", DEED(SERVED), 0, "offers a service that others use"},
        [ROLE_MODALITY] = {"modality", "an imaging modality", DEED(SENT_IMAGES), DEED(TOOK_IMAGES),
                           "sends images (DICOM) and was seen to receive none"},
        [ROLE_DEVICE] = {"device", "a medical device", DEED(SENT_DEVICE_DATA),
                         DEED(TOOK_DEVICE_DATA),
                         "sends what analysers, point-of-care and bedside devices send, and was "
                         "seen to receive "
                         "none of it"},
        [ROLE_CLINICAL_SYSTEM] = {"clinical_system", "a clinical system", DEED(SERVED_HEALTH_DATA),
                                  0, "offers a service by which health data (tier 3) moves"},
};

static bool is_deed(enum deed deed, const struct role_use *u)
{
	enum side side = deeds_table[deed].side;
	enum flow flow = deeds_table[deed].flow;
	enum tier tier = deeds_table[deed].tier;

	return (side == EITHER || (side == SERVER ? u->is_server : u->is_client)) &&
	       (flow == ANY || (flow == SENDS ? u->sends : u->receives)) &&
	       u->confidence >= deeds_table[deed].confidence &&
	       (tier == TIER_0 || (u->tier >= tier && u->tier != TIER_UNKNOWN)) &&
	       pattern_list_fits(deeds_table[deed].protocols, u->protocol) &&
	       pattern_list_fits(deeds_table[deed].kinds, u->kind_id);
}

void role_note(struct role_deeds *deeds, const struct role_use *use)
{
	for (unsigned i = 0; i < DEEDS; i++) {
		deeds->seen |= is_deed(i, use) ? DEED(i) : 0;
	}
}

bool role_is(const struct role_deeds *deeds, enum role role)
{
	return (deeds->seen & roles_table[role].did) == roles_table[role].did &&
	       (deeds->seen & roles_table[role].did_not) == 0;
}

const char *role_reason(enum role role)
{
	return roles_table[role].reason;
}

const char *role_title(enum role role)
{
	return roles_table[role].title;
}

const char *role_name(enum role role)
{
	return roles_table[role].name;
}

bool role_find(const char *name, enum role *out)
{
	for (unsigned i = 0; i < ROLES; i++) {
		if (strcmp(name, roles_table[i].name) == 0) {
			*out = (enum role)i;
			return true;
		}
	}
	return false;
}
