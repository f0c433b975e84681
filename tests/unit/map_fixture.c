/* Rows of exchanges for the tests of the map. */
#include "map_fixture.h"

#include "terrier/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column {
	EXCHANGE_ID,
	SOURCE_NAME,
	SOURCE_ADDRESS,
	SOURCE_ZONE,
	DESTINATION_NAME,
	DESTINATION_ADDRESS,
	DESTINATION_ZONE,
	DIRECTION,
	INITIATED_BY,
	TRANSPORT,
	SERVER_PORT,
	PROTOCOL,
	KIND_ID,
	KIND,
	GROUP,
	TIER,
	CONFIDENCE,
	ENCRYPTED,
	CONNECTIONS,
	MESSAGES,
	BYTES,
	COLUMNS
};

static char *keep(struct map_fixture *f, char *text)
{
	f->texts = mem_resize(f->texts, f->n_texts + 1, sizeof *f->texts);
	f->texts[f->n_texts++] = text;
	return text;
}

static struct map_end end_of(const char *name, const char *address, const char *zone)
{
	struct map_end end = {
	        .address = address, .name = name, .zone = zone[0] != '\0' ? zone : NULL};

	end.is_inside = end.zone != NULL;
	end.is_party = !addr_parse(address, &end.addr);
	return end;
}

static struct map_row row_of(char *cell[COLUMNS])
{
	return (struct map_row){
	        .exchange_id = cell[EXCHANGE_ID],
	        .source = end_of(cell[SOURCE_NAME], cell[SOURCE_ADDRESS], cell[SOURCE_ZONE]),
	        .destination = end_of(cell[DESTINATION_NAME], cell[DESTINATION_ADDRESS],
	                              cell[DESTINATION_ZONE]),
	        .is_both = strcmp(cell[DIRECTION], "both") == 0,
	        .source_is_server = strcmp(cell[INITIATED_BY], "destination") == 0,
	        .kind_id = cell[KIND_ID],
	        .kind_title = cell[KIND],
	        .kind_group = cell[GROUP],
	        .tier = cell[TIER][0] == 'u' ? TIER_UNKNOWN : (enum tier)(cell[TIER][0] - '0'),
	        .confidence = cell[CONFIDENCE][0] == 'l' ? CONFIDENCE_LOW : CONFIDENCE_HIGH,
	        .protocol = cell[PROTOCOL],
	        .transport = cell[TRANSPORT],
	        .server_port = (uint16_t)strtoul(cell[SERVER_PORT], NULL, 10),
	        .was_clear =
	                strcmp(cell[ENCRYPTED], "no") == 0 || strcmp(cell[ENCRYPTED], "mixed") == 0,
	        .was_encrypted = strcmp(cell[ENCRYPTED], "yes") == 0 ||
	                         strcmp(cell[ENCRYPTED], "mixed") == 0,
	        .connections = strtoul(cell[CONNECTIONS], NULL, 10),
	        .messages = strtoul(cell[MESSAGES], NULL, 10),
	        .bytes = strtoul(cell[BYTES], NULL, 10),
	};
}

static void read_row(struct map_fixture *f, char *line)
{
	char *cell[COLUMNS], *rest = line;

	line[strcspn(line, "\n")] = '\0';
	for (int i = 0; i < COLUMNS; i++) {
		cell[i] = strsep(&rest, "\t");
		if (cell[i] == NULL) {
			fprintf(stderr, "map fixture: a row has too few columns\n");
			exit(1);
		}
	}
	f->rows = mem_resize(f->rows, f->n_rows + 1, sizeof *f->rows);
	f->rows[f->n_rows++] = row_of(cell);
}

struct map_fixture *map_fixture_read(const char *file)
{
	struct map_fixture *f = mem_zalloc(1, sizeof *f);
	FILE *in = fopen(file, "r");
	char line[1024];

	if (in == NULL || fgets(line, sizeof line, in) == NULL) {
		perror(file);
		exit(1);
	}
	while (fgets(line, sizeof line, in) != NULL) {
		read_row(f, keep(f, mem_strdup(line)));
	}
	fclose(in);
	return f;
}

struct map_fixture *map_fixture_make(size_t servers, size_t clients, size_t zones)
{
	static const char *const kinds[][4] = {
	        {"clin.record", "Care record access", "clinical", "3"},
	        {"inf.fileshare", "File sharing", "infrastructure", "unknown"},
	        {"inf.dns", "Name resolution", "infrastructure", "1"},
	        {"inf.web", "Web browsing", "infrastructure", "1"}};
	struct map_fixture *f = mem_zalloc(1, sizeof *f);

	for (size_t c = 0; c < clients; c++) {
		for (size_t k = 0; k < 3; k++) {
			size_t s = (c * 7 + k * 5) % servers, kind = s % 4;
			read_row(f, keep(f, mem_printf("X-%zu-%zu\tserver%zu\t10.1.%zu.%"
			                               "zu\tServers\tpc%zu\t10.%zu.%zu.%zu\t"
			                               "Zone "
			                               "%zu\tone_way\tdestination\ttcp\t%"
			                               "zu\tHTTP\t%s\t%s\t%s\t%s\thigh\t"
			                               "no\t1\t2\t%zu",
			                               c, k, s, s / 250, s % 250, c, 10 + c % zones,
			                               c / 250, c % 250, c % zones, 80 + kind,
			                               kinds[kind][0], kinds[kind][1],
			                               kinds[kind][2], kinds[kind][3], c * 10)));
		}
	}
	return f;
}

void map_fixture_free(struct map_fixture *f)
{
	for (size_t i = 0; i < f->n_texts; i++) {
		free(f->texts[i]);
	}
	free(f->texts);
	free(f->rows);
	free(f);
}

struct map_input map_fixture_input(const struct map_fixture *f)
{
	static const char *const notes[] = {
	        "Excluded before capture: networks 192.168.50.0/24; VLAN 310."};

	return (struct map_input){
	        .rows = f->rows,
	        .n_rows = f->n_rows,
	        .title = "Data flows of St Example's Hospital",
	        .period = "Seen from 2026-11-14T00:00:00Z to 2026-11-21T00:00:00Z by sensor lab "
	                  "(hours)",
	        .coverage = "1 sensor, 1 run; 0 of 48,211 packets dropped; 2.1 % of the payload "
	                    "not identified.\n"
	                    "No gaps; 0 of 1,204 connections seen one way only.",
	        .notes = notes,
	        .n_notes = 1,
	};
}
