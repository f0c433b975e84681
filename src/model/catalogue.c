/* The catalogue of kinds: its files become one immutable object, and the plain questions to it. */
#include "terrier/model/kind.h"

#include "catalogue.h"
#include "terrier/base/mem.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (4 << 20) /* octets of a site's file: twenty times the shipped ones */

static const char *const type_names[EVIDENCE_TYPES] = {
        [EVIDENCE_NONE] = "none",
        [EVIDENCE_HL7_MSH9] = "hl7v2.msh9",
        [EVIDENCE_DICOM_SOP] = "dicom.sop_class",
        [EVIDENCE_DICOM_COMMAND] = "dicom.command",
        [EVIDENCE_FHIR_TYPE] = "fhir.type",
        [EVIDENCE_FHIR_OPERATION] = "fhir.operation",
        [EVIDENCE_SOAP_ACTION] = "soap.action",
        [EVIDENCE_SPINE_SERVICE] = "spine.service",
        [EVIDENCE_HTTP_ROUTE] = "http.route",
        [EVIDENCE_HTTP_CONTENT_TYPE] = "http.content_type",
        [EVIDENCE_POCT1A_ROOT] = "poct1a.root",
        [EVIDENCE_SYSLOG_MSGID] = "syslog.msgid",
        [EVIDENCE_LDAP_BASE] = "ldap.base",
        [EVIDENCE_XML_NS] = "xml.ns",
        [EVIDENCE_ASTM_RECORD] = "astm.record",
        [EVIDENCE_SHARE] = "file.share",
        [EVIDENCE_DATABASE] = "db.name",
        [EVIDENCE_TOPIC] = "bus.topic",
        [EVIDENCE_MAIL_DOMAIN] = "mail.domain",
        [EVIDENCE_PRINT_QUEUE] = "print.queue",
        [EVIDENCE_TLS_SNI] = "tls.sni",
        [EVIDENCE_DNS_LABEL] = "dns.label",
        [EVIDENCE_PROTOCOL] = "protocol",
        [EVIDENCE_NDPI] = "ndpi.protocol",
        [EVIDENCE_PORT] = "port",
        [EVIDENCE_OTHER] = "other",
};

const char *evidence_type_name(enum evidence_type type)
{
	return (unsigned)type < EVIDENCE_TYPES ? type_names[type] : "other";
}

enum evidence_type evidence_type_find(const char *name)
{
	for (int i = EVIDENCE_NONE + 1; i < EVIDENCE_OTHER; i++) {
		if (strcmp(type_names[i], name) == 0) {
			return (enum evidence_type)i;
		}
	}
	return EVIDENCE_OTHER;
}

int tier_weight(enum tier tier)
{
	static const int weights[] = {
	        [TIER_0] = 0, [TIER_1] = 1, [TIER_UNKNOWN] = 2, [TIER_2] = 3, [TIER_3] = 4};

	return weights[tier];
}

const char *tier_name(enum tier tier)
{
	static const char *const names[] = {"0", "1", "2", "3", "unknown"};

	return (unsigned)tier <= TIER_UNKNOWN ? names[tier] : "unknown";
}

const char *confidence_name(enum confidence confidence)
{
	static const char *const names[] = {"low", "medium", "high"};

	return (unsigned)confidence <= CONFIDENCE_HIGH ? names[confidence] : "low";
}

char *kind_keep(struct catalogue *c, const char *text, size_t len)
{
	char *copy = mem_zalloc(len + 1, 1);

	memcpy(copy, text, len);
	if ((c->n_texts & (c->n_texts - 1)) == 0) {
		c->texts =
		        mem_resize(c->texts, c->n_texts > 0 ? c->n_texts * 2 : 1, sizeof *c->texts);
	}
	c->texts[c->n_texts++] = copy;
	return copy;
}

static void read_builtin(struct catalogue *c, struct faults *f)
{
	c->n_builtin = UINT_MAX;
	kind_read(c, f, "kinds.csv", data_kinds_csv, data_kinds_csv_size);
	kind_read(c, f, "evidence.csv", data_evidence_csv, data_evidence_csv_size);
	kind_read(c, f, "protocols.csv", data_protocols_csv, data_protocols_csv_size);
	kind_read(c, f, "findings.csv", data_findings_csv, data_findings_csv_size);
	c->n_builtin = c->n_files;
}

/* The whole file, to be freed; NULL and a fault when that cannot be. */
static char *read_whole(struct place at, size_t *len, struct faults *f)
{
	struct stat status;
	char *bytes = NULL;
	ssize_t got = 0;
	int fd = open(at.file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &status) != 0) {
		faults_add(f, at, NULL, "cannot be read: %s", strerror(errno));
		goto end;
	}
	if (!S_ISREG(status.st_mode) || status.st_size > FILE_MAX) {
		faults_add(f, at, NULL, "no catalogue, allowed: a plain file of at most 4 MiB");
		goto end;
	}
	bytes = mem_zalloc((size_t)status.st_size + 1, 1);
	for (*len = 0; *len < (size_t)status.st_size; *len += (size_t)got) {
		got = read(fd, bytes + *len, (size_t)status.st_size - *len);
		if (got <= 0) {
			break;
		}
	}
	if (got < 0) {
		faults_add(f, at, NULL, "cannot be read: %s", strerror(errno));
		free(bytes);
		bytes = NULL;
	}
end:
	if (fd >= 0) {
		close(fd);
	}
	return bytes;
}

static int is_site_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 4 && strcmp(entry->d_name + len - 4, ".csv") == 0;
}

/* Name order, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_site(struct catalogue *c, struct faults *f, const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_site_file, by_name);

	if (n < 0) {
		if (errno != ENOENT) {
			faults_add(f, (struct place){.file = dir}, NULL, "cannot be read: %s",
			           strerror(errno));
		}
		return;
	}
	for (int i = 0; i < n; i++) {
		char *path = mem_printf("%s/%s", dir, names[i]->d_name);
		struct place at = {.file = kind_keep(c, path, strlen(path))};
		size_t len;
		char *bytes = read_whole(at, &len, f);

		if (bytes != NULL) {
			kind_read(c, f, at.file, bytes, len);
		}
		free(bytes);
		free(path);
		free(names[i]);
	}
	free(names);
}

struct catalogue *catalogue_load(const char *site_dir, char **error)
{
	struct catalogue *c = mem_zalloc(1, sizeof *c);
	struct faults faults = {0};

	read_builtin(c, &faults);
	if (site_dir != NULL) {
		read_site(c, &faults, site_dir);
	}
	kind_link(c, &faults);
	rule_link(c, &faults);
	*error = faults_take(&faults);
	if (*error != NULL) {
		catalogue_free(c);
		return NULL;
	}
	kind_compile(c);
	return c;
}

void catalogue_free(struct catalogue *c)
{
	if (c == NULL) {
		return;
	}
	for (size_t i = 0; i < c->n_texts; i++) {
		free(c->texts[i]);
	}
	for (size_t i = 0; i < EVIDENCE_TYPES; i++) {
		free(c->patterns[i].globs);
	}
	kind_index_fini(&c->index);
	free(c->texts);
	free(c->kinds);
	free(c->evidence);
	free(c->protocols);
	free(c->rules);
	free(c);
}

uint16_t catalogue_count(const struct catalogue *c)
{
	return (uint16_t)c->n_kinds;
}

const struct kind *catalogue_kind(const struct catalogue *c, uint16_t index)
{
	assert(index < c->n_kinds);
	return &c->kinds[index].kind;
}

uint16_t catalogue_find(const struct catalogue *c, const char *id)
{
	uint32_t value = kind_index_get(&c->index, INDEX_KIND, id, strlen(id));

	return value != INDEX_NOTHING ? (uint16_t)value : KIND_NONE;
}

const char *catalogue_protocol_name(const struct catalogue *c, uint16_t index)
{
	return index < c->n_protocols ? c->protocols[index].name : "unknown";
}

uint16_t catalogue_protocol_count(const struct catalogue *c)
{
	return (uint16_t)c->n_protocols;
}

bool catalogue_protocol_encrypts(const struct catalogue *c, uint16_t index)
{
	return index < c->n_protocols && c->protocols[index].encrypts;
}
