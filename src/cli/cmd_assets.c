/* terrier assets: the information asset register. */
#include "terrier/base/nearest.h"
#include "terrier/cli/assets_suggest.h"
#include "terrier/cli/command.h"

#include <string.h>

static const struct {
	const char *word;
	int (*run)(const struct options *o);
} words[] = {
        {"suggest", assets_suggest},
};

static int run(const struct options *o)
{
	for (size_t i = 0; o->n_arguments == 1 && i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(o->arguments[0], words[i].word) == 0) {
			return words[i].run(o);
		}
	}
	return complain(EXIT_CALLER, "terrier assets: write what is to be done: terrier assets --help lists it");
}

const struct command command_assets = {
        .name = "assets",
        .summary = "the information asset register: suggest",
        .arguments = "suggest",
        .usage = "suggest  drafts the register from what was seen: one row a system, with its\n"
                 "         reasons, and all that only people know left empty\n\n"
                 "Examples:\n"
                 "  terrier assets suggest\n"
                 "  terrier assets suggest --format csv --output assets.csv\n",
        .takes = TAKES_OUTPUT | TAKES(OPTION_SINCE) | TAKES(OPTION_UNTIL) | TAKES(OPTION_WITH) | TAKES(OPTION_ZONE) |
                 TAKES(OPTION_VIEW) | TAKES(OPTION_LIMIT) | TAKES(OPTION_ALL) | TAKES(OPTION_REGISTER),
        .run = run,
};
