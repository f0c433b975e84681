/* terrier assets: the information asset register. */
#include "terrier/cli/assets_suggest.h"
#include "terrier/cli/sheets.h"
#include "terrier/cli/subcommand.h"

static int import(const struct options *o)
{
	return sheets_import(o, ENTRY_ASSET);
}

static int check(const struct options *o)
{
	return sheets_check(o, ENTRY_ASSET);
}

static int list(const struct options *o)
{
	return sheets_list(o, ENTRY_ASSET);
}

static int export(const struct options *o)
{
	return sheets_export(o, ENTRY_ASSET);
}

#define TAKES_SUGGEST                                                                              \
	(TAKES_OUTPUT | TAKES(OPTION_SINCE) | TAKES(OPTION_UNTIL) | TAKES(OPTION_WITH) |           \
	 TAKES(OPTION_ZONE) | TAKES(OPTION_VIEW) | TAKES(OPTION_LIMIT) | TAKES(OPTION_ALL) |       \
	 TAKES(OPTION_REGISTER))

static const struct subcommand words[] = {
        {"suggest", NULL, TAKES_SUGGEST, assets_suggest},
        {"import", "FILE", TAKES_IMPORT, import},
        {"check", "FILE", TAKES_IMPORT, check},
        {"list", NULL, TAKES_LIST, list},
        {"export", NULL, TAKES_EXPORT, export},
};

static int run(const struct options *o)
{
	return subcommand_run(o, words, sizeof words / sizeof words[0]);
}

const struct command command_assets = {
        .name = "assets",
        .summary = "the information asset register: import, check, suggest, list",
        .arguments = "suggest | import FILE | check FILE | list | export",
        .usage = "Keeps the register of information assets, in a file of its own. suggest drafts it\n"
                 "from what was seen: one row a system, with its reasons, and all that only people\n"
                 "know left empty. import reads a\n"
                 "CSV file from a spreadsheet (- is standard input) and enters what is new or\n"
                 "changed, all of it or nothing; check says what import would do, and all that is\n"
                 "wrong. export writes the file that import takes again.\n\n"
                 "Examples:\n"
                 "  terrier assets suggest --output assets.csv\n"
                 "  terrier assets check assets.csv\n"
                 "  terrier assets import assets.csv\n"
                 "  terrier assets list --zone Imaging\n"
                 "  terrier assets export --output assets.csv\n",
        .takes = TAKES_SUGGEST | TAKES_IMPORT | TAKES_LIST | TAKES_EXPORT,
        .run = run,
};
