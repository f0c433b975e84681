#ifndef TERRIER_SRC_EXPORT_XLSX_TEXT_H
#define TERRIER_SRC_EXPORT_XLSX_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Texts as a cell of a workbook can hold them. */
struct xlsx_text {
	char *buffer; /* of the last text; free() */
	size_t room;
};

/* What a cell holds at most, in UTF-16 code units (Excel's limit), and what stands at the end of a
 * text that was cut. */
#define XLSX_TEXT_MAX 32767
#define XLSX_TEXT_CUT "… (cut: the CSV export has all of it)"

/* `text` fit for a cell: line ends are LF; a control character that XML 1.0 (2.2) forbids becomes
 * its picture (U+2400 on), what is no UTF-8 or no character U+FFFD; what a reader would take for an
 * escape (_x0041_, ECMA-376 22.9.2.19) is escaped; a text too long is cut, and `*is_cut` set. Lives
 * in `text` or until the next call. */
const char *xlsx_text_clean(struct xlsx_text *t, const char *text, bool *is_cut);

/* Columns that `text` takes up, `most` or fewer; `*lines`: how many lines when it is wrapped there,
 * 1 or more. */
size_t xlsx_text_size(const char *text, size_t most, size_t *lines);

#endif
