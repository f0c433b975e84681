/* terrier assets: the information asset register. */
#include "terrier/cli/assets_rank.h"
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

static const struct subcommand words[] = {
        {"import", "FILE", TAKES_IMPORT, import},
        {"check", "FILE", TAKES_IMPORT, check},
        {"list", NULL, TAKES_LIST, list},
        {"export", NULL, TAKES_EXPORT, export},
        {"suggest", NULL, TAKES_SUGGEST, assets_suggest},
        {"rank", NULL, TAKES_RANK, assets_rank},
};

static int run(const struct options *o)
{
	return subcommand_run(o, words, sizeof words / sizeof words[0]);
}

const struct command command_assets = {
        .name = "assets",
        .summary = "information asset register: suggest, import, check, list, rank",
        .arguments = "import FILE | check FILE | list | export | suggest | rank",
        .usage = "Keeps the register of information assets, in a file of its own. import reads a\n"
                 "CSV file from a spreadsheet (- is standard input) and enters what is new or\n"
                 "changed, all of it or nothing; check says what import would do, and all that is\n"
                 "wrong. export writes the file that import takes again.\n"
                 "suggest drafts the register from what was seen: a row for each system with its\n"
                 "reasons, for people to correct and complete. What is in the register already is\n"
                 "left out, unless --all is given. rank says which systems matter most and are most\n"
                 "exposed, and why.\n\n"
                 "Examples:\n"
                 "  terrier assets suggest --format csv --output assets.csv\n"
                 "  terrier assets check assets.csv\n"
                 "  terrier assets import assets.csv\n"
                 "  terrier assets rank --limit 10\n"
                 "  terrier assets list --zone Imaging\n"
                 "  terrier assets export --output assets.csv\n",
        .takes = TAKES_IMPORT | TAKES_LIST | TAKES_EXPORT | TAKES_SUGGEST | TAKES_RANK,
        .help = assets_rank_help,
        .run = run,
};
