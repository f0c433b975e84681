/* A sheet of people, of both types: what is taken is in the kept spelling, so that it is taken
 * again as it is. */
#include "terrier/register/sheet.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_cell(FILE *out, const char *text)
{
	putc('"', out);
	if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL) {
		putc('\'', out);
	}
	for (; *text != '\0'; text++) {
		if (*text == '"') {
			putc('"', out);
		}
		putc(*text, out);
	}
	putc('"', out);
}

/* The sheet as terrier writes it (free()). */
static char *write_sheet(const struct entries *all, size_t *len)
{
	size_t n;
	const struct entry_column *columns = entry_columns(all->type, &n);
	char *text;
	FILE *out = open_memstream(&text, len);

	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%s%s", i > 0 ? "," : "", columns[i].name);
	}
	for (const struct entry *e = all->first; e != NULL; e = e->hh.next) {
		fputs("\r\n", out);
		for (size_t i = 0; i < n; i++) {
			fputs(i > 0 ? "," : "", out);
			put_cell(out, entry_text(e, i));
		}
	}
	fclose(out);
	return text;
}

static void read_again(const struct sheet_rules *rules, const struct entries *all)
{
	size_t len;
	char *text = write_sheet(all, &len), *faults, *notes;
	struct entries *again = sheet_read(rules, "again", text, len, &faults, &notes);

	if (again == NULL || entries_count(again) != entries_count(all)) {
		fprintf(stderr, "%s\n", faults);
		abort();
	}
	for (const struct entry *e = all->first; e != NULL; e = e->hh.next) {
		const struct entry *same = entries_find(again, e->id);

		if (same == NULL || !entry_equals(e, same)) {
			abort();
		}
	}
	entries_free(again);
	free(notes);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct catalogue *catalogue;
	static struct entries *assets;
	char *faults, *notes;

	if (catalogue == NULL) {
		catalogue = catalogue_load(NULL, &faults);
		static const char text[] =
		        "asset_id,asset_name,asset_type\nA,Ay,system\nB,Bee,system\n";
		assets = sheet_read(
		        &(struct sheet_rules){.type = ENTRY_ASSET, .catalogue = catalogue},
		        "assets", text, sizeof text - 1, &faults, &notes);
	}
	for (int type = ENTRY_ASSET; type <= ENTRY_DECLARATION; type++) {
		const struct sheet_rules rules = {
		        .type = (enum entry_type)type, .catalogue = catalogue, .assets = assets};
		struct entries *all =
		        sheet_read(&rules, "fuzz", (const char *)data, size, &faults, &notes);

		if ((all == NULL) != (faults != NULL)) {
			abort();
		}
		if (all != NULL) {
			read_again(&rules, all);
		}
		entries_free(all);
		free(faults);
		free(notes);
	}
	return 0;
}
