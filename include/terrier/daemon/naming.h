#ifndef TERRIER_DAEMON_NAMING_H
#define TERRIER_DAEMON_NAMING_H

#include "terrier/daemon/party.h"
#include "terrier/daemon/settings.h"
#include "terrier/model/kind.h"
#include "terrier/model/record.h"

#include <stdbool.h>

/* Encrypted to an outside host whose name was not seen in the connection: the name that a DNS answer gave it may tell the
 * kind, with little confidence, for other services share its address. True when it does; then `*named` is the record with
 * that kind. */
bool naming_by_dns(const struct catalogue *c, const struct parties *p, const struct record *r, struct record *named);

/* A name that clients used, of a service outside that the shipped catalogue knows: at an inside address a proxy or a filter
 * answers to it. A site's own rows may well be of its own systems. */
bool naming_is_foreign(const struct catalogue *c, const struct record_name *n);

/* Every source of names once: those that are set first, the others in their usual order. */
void naming_order(const struct settings *settings, enum name_source order[NAME_SOURCES - 1]);

#endif
