/* What of a sign-in to a database may be kept. Shared by the dissectors of database protocols. */
#include "login.h"

#include "host.h"
#include "terrier/base/utf8.h"

#include <string.h>

void login_put(struct login_text *t, uint8_t octet)
{
	if (t->len < TEXT_MAX) {
		t->text[t->len++] = (char)octet;
		t->text[t->len] = '\0';
	} else {
		t->is_cut = true;
	}
}

void login_put_utf16(struct login_text *t, uint16_t unit)
{
	char octets[UTF8_MAX];

	if (unit >= 0xd800 && unit < 0xe000) {
		t->is_cut = true;
		return;
	}
	login_put_all(t, octets, utf8_put(unit, octets));
}

void login_put_all(struct login_text *t, const void *octets, size_t len)
{
	const uint8_t *p = octets;

	for (size_t i = 0; i < len && !t->is_cut; i++) {
		login_put(t, p[i]);
	}
}

void login_clear(struct login_text *t)
{
	memset(t, 0, sizeof *t);
}

static bool is_fit(const struct login_text *t)
{
	return !t->is_cut && text_check(t->text, t->len, TEXT_MAX) == TEXT_OK &&
	       strlen(t->text) == t->len;
}

/* One or two letters are in every text by chance: they count only as a word of their own. */
static bool is_word_at(const char *text, size_t at, size_t len)
{
	const char *separators = " .,;:-_()[]{}/\\=\"'";

	return (at == 0 || strchr(separators, text[at - 1]) != NULL) &&
	       (text[at + len] == '\0' || strchr(separators, text[at + len]) != NULL);
}

static bool has_inside(const char *text, const struct login_text *person)
{
	char small[TEXT_MAX + 1], sought[TEXT_MAX + 1];
	size_t len = strlen(person->text); /* a NUL within ends it */

	text_copy(small, sizeof small, text, strlen(text));
	text_copy(sought, sizeof sought, person->text, len);
	text_lower(small);
	text_lower(sought);
	for (const char *at = small; len > 0 && (at = strstr(at, sought)) != NULL; at++) {
		if (len > 2 || is_word_at(small, (size_t)(at - small), len)) {
			return true;
		}
	}
	return false;
}

/* `C:\app\bin\sqlplus.exe`, `oracle@ward7 (TNS V1-V3)`: neither the folder nor the host are the
 * application's name. */
static void book_application(const struct login *l, struct sink *sink)
{
	char name[TEXT_MAX + 1];
	const char *from = l->application.text;

	if (l->application.is_cut) {
		return;
	}
	for (const char *p = from; *p != '\0'; p++) {
		from = *p == '\\' || *p == '/' ? p + 1 : from;
	}
	text_copy(name, sizeof name, from, strcspn(from, "@"));
	from = text_trim(name);
	if (from[0] != '\0' && !has_inside(from, &l->host) && !has_inside(from, &l->user)) {
		sink_fact(sink, "application", from, strlen(from));
	}
}

/* `tcp:sql01.trust.example\EPR,1433`, as clients of SQL Server write it. */
static void book_server(const struct login *l, enum side server, struct sink *sink)
{
	const char *name = l->server.text, *backslash = strchr(name, '\\');
	char host[HOST_MAX], instance[TEXT_MAX + 1];

	if (l->server.is_cut) {
		return;
	}
	if (backslash != NULL && backslash[1] != '\0') {
		text_copy(instance, sizeof instance, backslash + 1, strcspn(backslash + 1, ","));
		if (text_casecmp(instance, l->user.text) != 0) {
			sink_fact(sink, "database instance", instance, strlen(instance));
		}
	}
	name += strncmp(name, "tcp:", 4) == 0 ? 4 : 0;
	if (host_keep(host, name, strcspn(name, "\\,")) > 0 && strcmp(host, "localhost") != 0 &&
	    text_casecmp(name, l->user.text) != 0 && strlen(host) <= TEXT_MAX) {
		sink_name(sink, server, NAME_BANNER, host, strlen(host));
	}
}

int login_book(const struct login *l, const char *protocol, enum side client,
               enum info_direction direction, struct sink *sink)
{
	bool has_database =
	        is_fit(&l->database) && text_casecmp(l->database.text, l->user.text) != 0;

	sink_client(sink, client);
	book_application(l, sink);
	book_server(l, (enum side) !client, sink);
	return has_database
	               ? sink_evidence(sink, EVIDENCE_DATABASE, l->database.text, client, direction,
	                               0)
	               : sink_evidence(sink, EVIDENCE_PROTOCOL, protocol, client, direction, 0);
}
