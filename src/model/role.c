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
	KEPT_IMAGES, /* took them in as a service */
	GAVE_IMAGES, /* or their index */
	SENT_DEVICE_DATA,
	TOOK_DEVICE_DATA,
	SERVED_HEALTH_DATA,
	SERVED_DATABASE,
	SERVED_FILES,
	SERVED_BLOCKS,
	TOOK_BACKUPS,
	SERVED_MAIL,
	SERVED_DIRECTORY,
	SERVED_NAMES,
	SERVED_BUS,
	SERVED_WEB,
	SERVED_PRINTING,
	SERVED_TERMINAL,
	SERVED_CALLS,
	SERVED_VIDEO,
	SERVED_PLANT,
	TOOK_LOGS,
	POLLED,
	PASSED_ON, /* by what was taken and sent, not by one exchange */
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
        [KEPT_IMAGES] = {SERVER, TAKES, CONFIDENCE_MEDIUM, TIER_0, "DICOM;DICOMweb", "img.*;rt.plan"},
        [GAVE_IMAGES] = {EITHER, SENDS, CONFIDENCE_MEDIUM, TIER_0, "DICOM;DICOMweb", "img.study;img.query;rt.plan"},
        [SENT_DEVICE_DATA] = {EITHER, SENDS, CONFIDENCE_MEDIUM, TIER_0, "", DEVICE_KINDS},
        [TOOK_DEVICE_DATA] = {EITHER, TAKES, CONFIDENCE_MEDIUM, TIER_0, "", DEVICE_KINDS},
        [SERVED_HEALTH_DATA] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_3, "", ""},
        [SERVED_DATABASE] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "TDS*;TNS*;PostgreSQL*;MySQL*;MongoDB*;Redis*;DRDA*;Informix;Firebird;"
                                        "InterSystems;Elasticsearch;Cassandra;ClickHouse", ""},
        [SERVED_FILES] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "!RPCbind;!BitTorrent;!eDonkey;!Gnutella", "inf.fileshare"},
        [SERVED_BLOCKS] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "", "inf.storage"},
        [TOOK_BACKUPS] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "", "inf.backup"},
        [SERVED_MAIL] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "SMTP*;IMAP*;POP3*;DCERPC*", "inf.email"},
        [SERVED_DIRECTORY] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "LDAP*;Kerberos;DCERPC*", "inf.directory"},
        [SERVED_NAMES] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "DNS*", "inf.dns"},
        [SERVED_BUS] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "MQTT*;AMQP*;Kafka*;IBM-MQ*;OpenWire;STOMP;NATS", ""},
        [SERVED_WEB] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "", "inf.web"},
        [SERVED_PRINTING] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "", "inf.print"},
        [SERVED_TERMINAL] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "RDP;ICA*;VNC*;PCoIP;Blast;Telnet*;X11;SSH", "inf.remote"},
        [SERVED_CALLS] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "SIP*;H.323;MGCP;Megaco;IAX;SCCP", "inf.voice"},
        [SERVED_VIDEO] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "", "ot.cctv"},
        [SERVED_PLANT] = {SERVER, ANY, CONFIDENCE_MEDIUM, TIER_0, "", "ot.building"},
        [TOOK_LOGS] = {SERVER, TAKES, CONFIDENCE_MEDIUM, TIER_0, "syslog*;ATNA*;NetFlow;sFlow", "inf.monitoring;aud.trail"},
        [POLLED] = {CLIENT, TAKES, CONFIDENCE_MEDIUM, TIER_0, "SNMP", "inf.monitoring"},
};

/* Clinical messages that are worth passing on; by their place in the masks of struct role_deeds. */
static const char *const messages[] = {
        "pat.identity",  "pat.encounter",  "pat.appointment", "clin.order",       "lab.order",   "lab.result",
        "img.report",    "img.workflow",   "clin.document",   "clin.observation", "clin.referral",
        "med.prescription", "ref.master",  "staff.master",    "clin.immunisation",
};
#define MESSAGE_PROTOCOLS "HL7v2"

/* A role needs all deeds of `did`, one of `or_did` if there are any, and none of `did_not`. */
static const struct {
	const char *name, *title;
	uint32_t did, or_did, did_not;
	const char *reason;
} roles_table[ROLES] = {
        [ROLE_MODALITY] = {"modality", "an imaging modality", DEED(SENT_IMAGES), 0, DEED(TOOK_IMAGES),
                           "sends images (DICOM) and was seen to receive none"},
        [ROLE_DEVICE] = {"device", "a medical device", DEED(SENT_DEVICE_DATA), 0, DEED(TOOK_DEVICE_DATA),
                         "sends what analysers, point-of-care and bedside devices send, and was seen to receive "
                         "none of it"},
        [ROLE_ARCHIVE] = {"archive", "an image archive", DEED(KEPT_IMAGES), DEED(GAVE_IMAGES), 0,
                          "takes images in and gives them, or their index, out"},
        [ROLE_ENGINE] = {"integration_engine", "an integration engine", DEED(PASSED_ON), 0, 0,
                         "takes clinical messages in and sends messages of the same kinds on"},
        [ROLE_CLINICAL_SYSTEM] = {"clinical_system", "a clinical system", DEED(SERVED_HEALTH_DATA), 0, 0,
                                  "offers a service by which health data (tier 3) moves"},
        [ROLE_DATABASE] = {"database", "a database server", DEED(SERVED_DATABASE), 0, 0,
                           "answers a database protocol"},
        [ROLE_FILE_STORE] = {"file_store", "a file store", DEED(SERVED_FILES), 0, 0, "offers files to others"},
        [ROLE_BLOCK_STORE] = {"block_store", "a block store", DEED(SERVED_BLOCKS), 0, 0, "offers disks to others"},
        [ROLE_BACKUP] = {"backup", "a backup server", DEED(TOOK_BACKUPS), 0, 0, "answers a backup protocol"},
        [ROLE_MAIL] = {"mail", "a mail server", DEED(SERVED_MAIL), 0, 0, "takes or hands out e-mail"},
        [ROLE_DIRECTORY] = {"directory", "a directory server", DEED(SERVED_DIRECTORY), 0, 0,
                            "answers questions on accounts, or signs people in"},
        [ROLE_NAME_SERVER] = {"name_server", "a name server", DEED(SERVED_NAMES), 0, 0, "answers DNS"},
        [ROLE_BROKER] = {"message_broker", "a message broker", DEED(SERVED_BUS), 0, 0, "passes messages of a bus on"},
        [ROLE_WEB] = {"web", "a web server", DEED(SERVED_WEB), 0, 0, "answers HTTP"},
        [ROLE_PRINTER] = {"printer", "a printer or print server", DEED(SERVED_PRINTING), 0, 0, "takes print jobs"},
        [ROLE_TERMINAL] = {"remote_access", "a host of remote sessions", DEED(SERVED_TERMINAL), 0, 0,
                           "offers remote desktops, terminals or administration"},
        [ROLE_TELEPHONY] = {"telephony", "a telephone exchange or telephone", DEED(SERVED_CALLS), 0, 0,
                            "takes calls"},
        [ROLE_CAMERA] = {"camera", "a camera or recorder", DEED(SERVED_VIDEO), 0, 0, "offers video streams"},
        [ROLE_BUILDING] = {"building", "a building or plant controller", DEED(SERVED_PLANT), 0, 0,
                           "answers a protocol of building or plant control"},
        [ROLE_MONITOR] = {"monitor", "a monitoring system", 0, DEED(TOOK_LOGS) | DEED(POLLED), 0,
                          "collects logs or polls other systems"},
        [ROLE_SERVER] = {"server", "a server", DEED(SERVED), 0, 0, "offers a service that others use"},
        [ROLE_CLIENT] = {"client", "a client", DEED(USED), 0, DEED(SERVED),
                         "uses services of others and was seen to offer none"},
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

static void note_message(struct role_deeds *deeds, const struct role_use *use)
{
	uint32_t both;

	for (unsigned i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		if (strcmp(messages[i], use->kind_id) == 0 && pattern_list_fits(MESSAGE_PROTOCOLS, use->protocol)) {
			deeds->taken |= use->is_server && use->receives ? UINT32_C(1) << i : 0;
			deeds->sent |= use->is_client && use->sends ? UINT32_C(1) << i : 0;
		}
	}
	both = deeds->taken & deeds->sent;
	/* one kind is what many a system passes on; two make an engine */
	deeds->seen |= (both & (both - 1)) != 0 ? DEED(PASSED_ON) : 0;
}

void role_note(struct role_deeds *deeds, const struct role_use *use)
{
	for (unsigned i = 0; i < PASSED_ON; i++) {
		deeds->seen |= is_deed(i, use) ? DEED(i) : 0;
	}
	note_message(deeds, use);
}

/* Both ways: the source is the client, which is the analyser, the device at the bedside. One way, and nobody was seen to
 * open it: neither. */
void role_note_end(struct role_deeds *deeds, const struct role_exchange *e, bool is_source)
{
	bool opened = is_source ? e->initiated_by_source : e->initiated_by_destination;
	bool was_opened = is_source ? e->initiated_by_destination : e->initiated_by_source;
	bool is_open = !opened && !was_opened && e->is_both;

	role_note(deeds, &(const struct role_use){
	                         .protocol = e->protocol,
	                         .kind_id = e->kind_id,
	                         .tier = e->tier,
	                         .confidence = e->confidence,
	                         .is_client = opened || (is_open && is_source),
	                         .is_server = was_opened || (is_open && !is_source),
	                         .sends = is_source,
	                         .receives = !is_source,
	                 });
}

void role_join(struct role_deeds *into, const struct role_deeds *from)
{
	into->seen |= from->seen;
	into->taken |= from->taken;
	into->sent |= from->sent;
}

bool role_is(const struct role_deeds *deeds, enum role role)
{
	return (deeds->seen & roles_table[role].did) == roles_table[role].did &&
	       (roles_table[role].or_did == 0 || (deeds->seen & roles_table[role].or_did) != 0) &&
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
