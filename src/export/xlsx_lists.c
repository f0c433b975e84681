/* The controlled words of a workbook's columns on a sheet of their own, and drop-down lists that
 * offer them. */
#include "terrier/base/mem.h"
#include "xlsx_book.h"

#include <stdlib.h>
#include <string.h>

#define ROW_LAST 1048575 /* of a sheet: a person may add rows */
#define WIDTH    28

/* A column with words. */
struct list {
	const struct xlsx_sheet *sheet;
	size_t column; /* of the table */
	const char *name;
	struct table_help help;
};

static struct list *find_lists(const struct xlsx_book *b, size_t *n_found)
{
	struct list *lists = NULL;

	*n_found = 0;
	for (size_t i = 0; i < b->n_sheets; i++) {
		const struct table_column *columns;
		size_t n = table_columns(b->sheets[i].table, &columns);

		for (size_t c = 0; c < n; c++) {
			struct table_help help = table_help(b->sheets[i].table, c);

			if (columns[c].name != NULL && help.words != NULL) {
				lists = mem_resize(lists, *n_found + 1, sizeof *lists);
				lists[(*n_found)++] =
				        (struct list){&b->sheets[i], c, columns[c].name, help};
			}
		}
	}
	return lists;
}

/* The next of words with spaces between: `*words` moves on; NULL at their end. */
static const char *next_word(const char **words, size_t *len)
{
	const char *word = *words + strspn(*words, " ");

	*len = strcspn(word, " ");
	*words = word + *len;
	return *len > 0 ? word : NULL;
}

static size_t count_words(const char *words)
{
	size_t n = 0, len;

	while (next_word(&words, &len) != NULL) {
		n++;
	}
	return n;
}

/* One row of the sheet: of each list its next word, as long as there is one. */
static void put_words(struct xlsx_row *row, struct list *lists, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len;
		const char *word = next_word(&lists[i].help.words, &len);
		char *text = mem_printf("%.*s", (int)len, word != NULL ? word : "");

		xlsx_put_text(row, text, XLSX_TEXT);
		free(text);
	}
	xlsx_end_row(row);
}

/* Offers the words in the list's `column` of the Lists sheet. Where several may stand in a cell,
 * others are let by. */
static void offer(struct xlsx_book *b, const struct list *l, size_t column, size_t n_words)
{
	static char title[] = "Not one of the words",
	            message[] =
	                    "Choose one of the list, or leave the cell empty. The sheet " XLSX_LISTS
	                    " has them all.";
	lxw_col_t at = (lxw_col_t)xlsx_column(l->sheet->table, l->column);
	char from[LXW_MAX_CELL_NAME_LENGTH], to[LXW_MAX_CELL_NAME_LENGTH], *range;
	lxw_data_validation validation = {
	        .validate = LXW_VALIDATION_TYPE_LIST_FORMULA,
	        .show_error = l->help.is_list ? LXW_VALIDATION_OFF : LXW_VALIDATION_ON,
	        .error_title = title,
	        .error_message = message,
	};

	lxw_rowcol_to_cell_abs(from, 1, (lxw_col_t)column, 1, 1);
	lxw_rowcol_to_cell_abs(to, (lxw_row_t)n_words, (lxw_col_t)column, 1, 1);
	range = mem_printf("=" XLSX_LISTS "!%s:%s", from, to);
	validation.value_formula = range;
	xlsx_check(b, worksheet_data_validation_range(l->sheet->sheet, 1, at, ROW_LAST, at,
	                                              &validation));
	free(range);
}

void xlsx_write_lists(struct xlsx_book *b)
{
	size_t n, most = 0;
	struct list *lists = find_lists(b, &n);
	struct xlsx_row row = {.book = b, .sheet = n > 0 ? xlsx_add_sheet(b, XLSX_LISTS, 1) : NULL};

	for (size_t i = 0; i < n && row.sheet != NULL; i++) {
		char *title =
		        mem_printf("%s: %s", table_title(lists[i].sheet->table), lists[i].name);
		size_t n_words = count_words(lists[i].help.words);

		xlsx_put_text(&row, title, XLSX_HEADER);
		if (lists[i].help.is_declared) {
			offer(b, &lists[i], i, n_words);
		}
		most = n_words > most ? n_words : most;
		free(title);
	}
	if (row.sheet != NULL) {
		xlsx_end_row(&row);
		xlsx_check(b, worksheet_set_column(row.sheet, 0, (lxw_col_t)(n - 1), WIDTH,
		                                   b->formats[XLSX_TEXT]));
	}
	while (row.sheet != NULL && row.number <= most) {
		put_words(&row, lists, n);
	}
	free(lists);
}
