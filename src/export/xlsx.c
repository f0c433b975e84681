/* A workbook (Office Open XML, ECMA-376): a sheet a table, with real numbers and times, and a sheet
 * about them all. libxlsxwriter keeps the sheets in temporary files, which have no name; the
 * workbook itself comes to be in memory and is looked over before any of it is written out. */
#include "terrier/base/mem.h"
#include "terrier/base/utf8.h"
#include "terrier/export.h"
#include "terrier/export/text.h"
#include "xlsx_book.h"
#include "xlsx_check.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS_MAX    1048575 /* of a sheet, below its header (Excel's limit) */
#define MARKING_MAX 100     /* characters of the marking on a page, whose header holds 255 */
#define PAPER_A3    8

static const char no_room[] = "no room for temporary files: set TMPDIR to a folder with room";

void xlsx_fail(struct xlsx_book *b, const char *what)
{
	if (b->error == NULL) {
		b->error = mem_strdup(what);
	}
}

void xlsx_check(struct xlsx_book *b, lxw_error result)
{
	if (result != LXW_NO_ERROR) {
		xlsx_fail(b, lxw_strerror(result));
	}
}

/* The marking for a page's header, where an ampersand begins a command; free(). */
static char *page_marking(const struct xlsx_book *b)
{
	const char *marking = b->about->marking != NULL ? b->about->marking : "";
	char *out = mem_zalloc(MARKING_MAX, UTF8_MAX), *at = out;
	uint32_t code;

	for (size_t i = 0, n; i < MARKING_MAX && (n = utf8_next(marking, &code)) > 0;
	     i++, marking += n) {
		at += utf8_put(utf8_is_control(code) ? ' ' : code, at);
		if (code == '&') {
			*at++ = '&';
		}
	}
	*at = '\0';
	return out;
}

static void set_up_page(struct xlsx_book *b, lxw_worksheet *sheet)
{
	char *marking = page_marking(b), *header = mem_printf("&C%s", marking);
	char *footer = mem_printf("&L&A&C%s&RPage &P of &N", marking);

	worksheet_set_landscape(sheet);
	worksheet_set_paper(sheet, PAPER_A3);
	worksheet_fit_to_pages(sheet, 1, 0);
	if (marking[0] != '\0') {
		xlsx_check(b, worksheet_set_header(sheet, header));
	}
	xlsx_check(b, worksheet_set_footer(sheet, footer));
	free(marking);
	free(header);
	free(footer);
}

lxw_worksheet *xlsx_add_sheet(struct xlsx_book *b, const char *name, unsigned header)
{
	lxw_worksheet *sheet = workbook_add_worksheet(b->workbook, name);

	if (sheet == NULL) {
		xlsx_fail(b, no_room);
		return NULL;
	}
	set_up_page(b, sheet);
	if (header > 0) {
		worksheet_freeze_panes(sheet, header, 0);
		xlsx_check(b, worksheet_repeat_rows(sheet, 0, header - 1));
	}
	return sheet;
}

/* Cells of texts have the format of texts, so that what a person types over them stays as typed,
 * too. */
static void add_formats(struct xlsx_book *b)
{
	static const char *const numbers[XLSX_FORMATS] = {
	        [XLSX_HEADER] = "@",  [XLSX_TITLE] = "@",  [XLSX_TEXT] = "@",
	        [XLSX_WRAPPED] = "@", [XLSX_NUMBER] = "0", [XLSX_DATE] = "yyyy-mm-dd hh:mm",
	};

	for (size_t i = 0; i < XLSX_FORMATS; i++) {
		b->formats[i] = workbook_add_format(b->workbook);
		format_set_num_format(b->formats[i], numbers[i]);
		format_set_align(b->formats[i], LXW_ALIGN_VERTICAL_TOP);
	}
	format_set_text_wrap(b->formats[XLSX_WRAPPED]);
	format_set_bold(b->formats[XLSX_TITLE]);
	format_set_bold(b->formats[XLSX_HEADER]);
	format_set_bg_color(b->formats[XLSX_HEADER], 0xe0e6ec);
	format_set_bottom(b->formats[XLSX_HEADER], LXW_BORDER_THIN);
}

static void set_properties(struct xlsx_book *b)
{
	static char author[] = "Terrier " TERRIER_VERSION;
	char *title = mem_strdup(b->about->title != NULL ? b->about->title : "");
	char *company = mem_strdup(b->about->organisation != NULL ? b->about->organisation : "");
	lxw_doc_properties properties = {
	        .title = title,
	        .company = company,
	        .author = author,
	        .created = b->about->made_us / 1000000,
	};

	xlsx_check(b, workbook_set_properties(b->workbook, &properties));
	free(title);
	free(company);
}

/* Where the library may put its temporary files; NULL: nowhere, of which it would complain in its
 * own words. free() */
static char *temporary_folder(void)
{
	const char *set = getenv("TMPDIR"), *folders[] = {set != NULL ? set : P_tmpdir, P_tmpdir};

	for (size_t i = 0; i < 2; i++) {
		char *probe = mem_printf("%s/terrier.XXXXXX", folders[i]);
		int fd = mkostemp(probe, O_CLOEXEC);

		if (fd >= 0) {
			close(fd);
			unlink(probe);
		}
		free(probe);
		if (fd >= 0) {
			return mem_strdup(folders[i]);
		}
	}
	return NULL;
}

/* Opens a workbook that comes to be in the file of this descriptor. */
static void open_book(struct xlsx_book *b, int fd)
{
	char *folder = temporary_folder(), *path = mem_printf("/proc/self/fd/%d", fd);
	lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = folder};

	if (folder == NULL) {
		xlsx_fail(b,
		          "no folder for temporary files: set TMPDIR to one where you may write");
	} else {
		b->workbook = workbook_new_opt(path, &options);
	}
	if (b->workbook == NULL) {
		xlsx_fail(b, "out of memory");
	}
	free(folder);
	free(path);
}

static void write_sheets(struct xlsx_book *b)
{
	lxw_worksheet *about = xlsx_add_sheet(b, XLSX_ABOUT, 0);

	for (size_t i = 0; i < b->n_sheets && b->error == NULL; i++) {
		b->sheets[i].sheet = xlsx_add_sheet(b, table_title(b->sheets[i].table), 1);
		if (b->error == NULL) {
			xlsx_write_sheet(b, &b->sheets[i]);
		}
	}
	if (b->error == NULL) {
		xlsx_write_lists(b);
		xlsx_write_about(b, about);
	}
}

/* Writes out the workbook that is in the file. */
static void copy_book(struct xlsx_book *b, int fd, FILE *out)
{
	struct stat st;
	void *zip = fstat(fd, &st) == 0 && st.st_size > 0
	                    ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)
	                    : MAP_FAILED;

	if (zip == MAP_FAILED) {
		xlsx_fail(b, strerror(errno));
		return;
	}
	if (xlsx_is_whole(zip, (size_t)st.st_size)) {
		fwrite(zip, 1, (size_t)st.st_size, out);
	} else {
		xlsx_fail(b, no_room);
	}
	munmap(zip, (size_t)st.st_size);
}

/* What the library put aside, the row it still holds included, must be there before it is put
 * together: it does not look itself. */
static void check_rows(struct xlsx_book *b)
{
	lxw_worksheet *sheet;

	LXW_FOREACH_WORKSHEET(sheet, b->workbook)
	{
		lxw_worksheet_write_single_row(sheet);
		if (fflush(sheet->optimize_tmpfile) != 0 || ferror(sheet->optimize_tmpfile)) {
			xlsx_fail(b, no_room);
		}
	}
}

static void close_book(struct xlsx_book *b)
{
	check_rows(b);
	if (b->error == NULL) {
		xlsx_check(b, workbook_close(b->workbook));
	} else {
		lxw_workbook_free(b->workbook);
	}
}

static void make_book(struct xlsx_book *b, FILE *out)
{
	int fd = memfd_create("terrier.xlsx", MFD_CLOEXEC);

	if (fd < 0) {
		xlsx_fail(b, strerror(errno));
		return;
	}
	open_book(b, fd);
	if (b->workbook != NULL) {
		add_formats(b);
		set_properties(b);
		write_sheets(b);
		close_book(b);
	}
	if (b->error == NULL) {
		copy_book(b, fd, out);
	}
	close(fd);
}

static char *too_many_rows(const struct table *t)
{
	return mem_printf("%s has %zu rows and a sheet holds %d: use --format csv, or ask for less",
	                  table_name(t), table_rows(t), ROWS_MAX);
}

static int write_book(const struct table *const *tables, size_t n,
                      const struct export_options *options, FILE *out, char **error)
{
	static const struct export_about nothing = {0};
	struct xlsx_book book = {
	        .about = options->about != NULL ? options->about : &nothing,
	        .sheets = mem_zalloc(n, sizeof *book.sheets),
	        .n_sheets = n,
	};

	for (size_t i = 0; i < n; i++) {
		book.sheets[i].table = tables[i];
		if (table_rows(tables[i]) > ROWS_MAX && book.error == NULL) {
			book.error = too_many_rows(tables[i]);
		}
	}
	if (book.error == NULL) {
		make_book(&book, out);
	}
	free(book.text.buffer);
	free(book.sheets);
	*error = book.error;
	return book.error != NULL ? -1 : export_finish(out, error);
}

static int write_table(const struct table *t, const struct export_options *options, FILE *out,
                       char **error)
{
	return write_book(&t, 1, options, out, error);
}

const struct exporter exporter_xlsx = {
        .name = "xlsx",
        .suffix = ".xlsx",
        .summary = "a workbook for spreadsheets, with what it cannot tell",
        .is_binary = true,
        .write_table = write_table,
        .write_book = write_book,
};
