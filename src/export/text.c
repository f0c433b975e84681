/* What the text formats share. */
#include "terrier/export/text.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/base/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

const char *export_cell_text(const struct table_cell *cell, char out[EXPORT_CELL_MAX])
{
	switch (cell->type) {
	case TABLE_INTEGER:
	case TABLE_BYTES:
		snprintf(out, EXPORT_CELL_MAX, "%" PRId64, cell->integer);
		return out;
	case TABLE_TIME:
		return clock_format(cell->integer, out);
	case TABLE_TEXT:
		break;
	}
	return cell->text;
}

void export_put_character(uint32_t code, FILE *out)
{
	char octets[UTF8_MAX];

	utf8_put(code, octets);
	fputs(octets, out);
}

int export_finish(FILE *out, char **error)
{
	errno = 0;
	if (fflush(out) == 0 && !ferror(out)) {
		return 0;
	}
	*error = mem_strdup(errno != 0 ? strerror(errno) : "could not be written");
	return -1;
}
