/* terrier review import: decisions that a person entered in the list, in a spreadsheet. */
#include "terrier/cli/review.h"

#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/sheets.h"
#include "terrier/register/review.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int record(struct review_work *w, const char *name, const char *path,
                  const struct entries *decisions, size_t left_out, bool is_check)
{
	size_t n = entries_count(decisions);
	char *source = mem_printf("review import %s", path);
	int status = EXIT_DONE;

	if (left_out > 0 && n > 0) {
		complain(EXIT_DONE, "%s: %zu %s without a decision left out", name, left_out,
		         left_out == 1 ? "row" : "rows");
	}
	if (n == 0) {
		complain(EXIT_DONE, "%s: no row has a decision: nothing was recorded", name);
	} else if (is_check) {
		printf("%s: %zu %s would be recorded: nothing was changed\n", name, n,
		       n == 1 ? "decision" : "decisions");
	} else {
		status = review_record(w, decisions, "review import", source);
	}
	free(source);
	return status;
}

static int work(struct review_work *w, const char *path, bool is_check)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	const struct review_sheet_rules rules = {w->state.today, review_describe, w};
	char *bytes, *faults = NULL;
	size_t len, left_out;
	struct entries *decisions = NULL;
	int status = sheets_read_file(name, path, &bytes, &len);

	if (status == EXIT_DONE) {
		decisions = review_sheet_read(&rules, name, bytes, len, &faults, &left_out);
		status = decisions != NULL ? record(w, name, path, decisions, left_out, is_check)
		                           : EXIT_CALLER;
		sheets_say(faults);
	}
	entries_free(decisions);
	free(bytes);
	return status;
}

static int run(const struct options *o, bool is_check)
{
	struct review_work w;
	int status = review_open(&w, o, false);

	status = status == EXIT_DONE ? work(&w, o->arguments[1], is_check) : status;
	review_close(&w);
	return status;
}

int review_import(const struct options *o)
{
	return run(o, false);
}

int review_check(const struct options *o)
{
	return run(o, true);
}
