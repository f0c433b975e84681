#ifndef TERRIER_MODEL_ROLE_H
#define TERRIER_MODEL_ROLE_H

#include "terrier/model/kind.h"

#include <stdbool.h>
#include <stdint.h>

/* What a host is, judged by what it was seen doing. A host can have several roles, or none that we
 * can tell. */
enum role { /* the most telling first */
	ROLE_MODALITY,        /* makes images: sends them and takes none in */
	ROLE_DEVICE,          /* analyser, point-of-care or bedside device */
	ROLE_ARCHIVE,         /* takes images in and gives them out */
	ROLE_ENGINE,          /* integration engine: passes clinical messages on */
	ROLE_CLINICAL_SYSTEM, /* holds health data that others fetch from it or send to it */
	ROLE_DATABASE,
	ROLE_FILE_STORE,
	ROLE_BLOCK_STORE,
	ROLE_BACKUP,
	ROLE_MAIL,
	ROLE_DIRECTORY,
	ROLE_NAME_SERVER,
	ROLE_BROKER,          /* of messages */
	ROLE_WEB,
	ROLE_PRINTER,         /* or print server */
	ROLE_TERMINAL,        /* remote desktop, terminal, administration */
	ROLE_TELEPHONY,
	ROLE_CAMERA,
	ROLE_BUILDING,
	ROLE_MONITOR,         /* collects logs, polls others */
	ROLE_SERVER,          /* offers a service */
	ROLE_CLIENT,          /* uses services and offers none */
	ROLES,
};
#define ROLE_BIT(role) (UINT32_C(1) << (role))

/* One exchange as one of its ends sees it. Neither server nor client: it is not known who opened
 * the connection. */
struct role_use {
	const char *protocol, *kind_id;
	enum tier tier;
	enum confidence confidence;
	bool is_server, is_client;
	bool sends, receives; /* information; where the ways are not told apart the client counts as
	                         who sends */
};

/* An exchange as it is stored. */
struct role_exchange {
	const char *protocol, *kind_id;
	enum tier tier;
	enum confidence confidence;
	bool initiated_by_source, initiated_by_destination, is_both;
};

/* What a host was seen doing: a set of deeds, and the clinical messages it took in and sent out. Zero: nothing. */
struct role_deeds {
	uint32_t seen, taken, sent;
};

/* Adds an exchange to what was seen. */
void role_note(struct role_deeds *deeds, const struct role_use *use);

/* The same for one end of an exchange. */
void role_note_end(struct role_deeds *deeds, const struct role_exchange *e, bool is_source);

/* Adds what another host was seen doing, for rows that stand for several. */
void role_join(struct role_deeds *into, const struct role_deeds *from);

/* True when what was seen makes the host this. */
bool role_is(const struct role_deeds *deeds, enum role role);

/* Why, in words for people that follow "it": "sends images (DICOM) and receives none". A constant.
 */
const char *role_reason(enum role role);

/* What people call one: "an imaging modality". A constant. */
const char *role_title(enum role role);

/* Word of a role ("modality"), and back; false, `*out` untouched, for a word unknown. */
const char *role_name(enum role role);
bool role_find(const char *name, enum role *out);

#endif
