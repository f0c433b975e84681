/* terrier declare: the flows that people declared. */
#include "terrier/cli/sheets.h"
#include "terrier/cli/subcommand.h"

static int import(const struct options *o)
{
	return sheets_import(o, ENTRY_DECLARATION);
}

static int check(const struct options *o)
{
	return sheets_check(o, ENTRY_DECLARATION);
}

static int list(const struct options *o)
{
	return sheets_list(o, ENTRY_DECLARATION);
}

static int export(const struct options *o)
{
	return sheets_export(o, ENTRY_DECLARATION);
}

static const struct subcommand words[] = {
        {"import", "FILE", TAKES_IMPORT, import},
        {"check", "FILE", TAKES_IMPORT, check},
        {"list", NULL, TAKES_LIST, list},
        {"export", NULL, TAKES_EXPORT, export},
};

static int run(const struct options *o)
{
	return subcommand_run(o, words, sizeof words / sizeof words[0]);
}

const struct command command_declare = {
        .name = "declare",
        .summary = "the declared flows: import, check, list, export",
        .arguments = "import FILE | check FILE | list | export",
        .usage =
                "Keeps the flows that were declared: from which asset to which, which kind of "
                "data,\n"
                "for what purpose and by what right. import reads a CSV file from a spreadsheet "
                "(-\n"
                "is standard input), or a flows.csv of terrier export in which somebody filled in\n"
                "purposes, and enters what is new or changed, all of it or nothing; check says "
                "what\n"
                "import would do, and all that is wrong. export writes the file that import takes\n"
                "again.\n\n"
                "Examples:\n"
                "  terrier declare check declared.csv\n"
                "  terrier declare import declared.csv\n"
                "  terrier declare list --with pacs\n"
                "  terrier declare export --output declared.csv\n",
        .takes = TAKES_IMPORT | TAKES_LIST | TAKES_EXPORT,
        .run = run,
};
