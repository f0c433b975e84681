/* Writes the seeds that are images of a struct: seeds DIR makes DIR/record/ and DIR/wire/. Made at
 * every build, so that they follow the struct. */
#include "terrier/model/packet.h"
#include "terrier/model/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TIME_US INT64_C(1795300000000000)

static FILE *open_seed(const char *dir, const char *target, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, target);
	mkdir(path, 0777);
	snprintf(path, sizeof path, "%s/%s/%s", dir, target, name);
	f = fopen(path, "wb");
	if (f == NULL) {
		perror(path);
		exit(1);
	}
	return f;
}

static void close_seed(FILE *f)
{
	if (fclose(f) != 0) {
		perror("seed");
		exit(1);
	}
}

static struct record make(enum record_type type)
{
	struct record r;

	memset(&r, 0, sizeof r);
	r.type = (uint8_t)type;
	r.first_us = TIME_US;
	r.last_us = TIME_US + 1000;
	return r;
}

static struct record exchange(enum evidence_type type, const char *evidence,
                              const char *server_name)
{
	struct record r = make(RECORD_EXCHANGE);

	r.flags = RECORD_IS_NEW | RECORD_DECIDED;
	r.exchange.connection = 7;
	r.exchange.started_us = TIME_US;
	addr_parse("10.77.1.10", &r.exchange.client);
	addr_parse("10.77.1.20", &r.exchange.server);
	r.exchange.client_port = 40000;
	r.exchange.server_port = 2575;
	r.exchange.kind = 1;
	r.exchange.protocol = 1;
	r.exchange.ip_protocol = IP_TCP;
	r.exchange.direction = INFO_C2S;
	r.exchange.confidence = CONFIDENCE_HIGH;
	r.exchange.encrypted = ENCRYPTED_NO;
	r.exchange.evidence_type = (uint8_t)type;
	r.exchange.has_messages = 1;
	r.exchange.messages = 12;
	r.exchange.bytes_to_server = 4711;
	snprintf(r.exchange.evidence, sizeof r.exchange.evidence, "%s", evidence);
	snprintf(r.exchange.server_name, sizeof r.exchange.server_name, "%s", server_name);
	return r;
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"exchange", "uid", "name", "host", "coverage", "mark"};
	struct record r[6];
	FILE *all;

	if (argc != 2) {
		fprintf(stderr, "usage: seeds DIR\n");
		return 2;
	}
	r[0] = exchange(EVIDENCE_HL7_MSH9, "ADT^A01", "");
	r[1] = exchange(EVIDENCE_DICOM_SOP, "1.2.840.10008.5.1.4.1.1.2", "pacs.trust.example");
	r[2] = make(RECORD_NAME);
	addr_parse("2001:db8::1", &r[2].name.addr);
	r[2].name.source = NAME_SNI;
	r[2].name.count = 1;
	snprintf(r[2].name.name, sizeof r[2].name.name, "pas.trust.example");
	r[3] = make(RECORD_HOST);
	addr_parse("10.77.1.10", &r[3].host.addr);
	r[3].host.empty_in = 3;
	r[4] = make(RECORD_COVERAGE);
	r[4].coverage.counter[COVERAGE_PACKETS] = 15739;
	r[5] = make(RECORD_MARK);
	r[5].flags = RECORD_LAST;
	all = open_seed(argv[1], "wire", "batch");
	fputc((int)(sizeof r / 8 >> 8), all);
	fputc((int)(sizeof r / 8 & 0xff), all);
	fwrite(r, sizeof r, 1, all);
	fwrite("\0\1half a record", 16, 1, all);
	close_seed(all);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		FILE *f = open_seed(argv[1], "record", names[i]);

		fwrite(&r[i], sizeof r[i], 1, f);
		close_seed(f);
	}
	return 0;
}
