#ifndef TERRIER_CLI_ASSETS_SUGGEST_H
#define TERRIER_CLI_ASSETS_SUGGEST_H

#include "terrier/cli/options.h"

#define TAKES_SUGGEST                                                                                                  \
	(TAKES_OUTPUT | TAKES(OPTION_SINCE) | TAKES(OPTION_UNTIL) | TAKES(OPTION_WITH) | TAKES(OPTION_ZONE) |          \
	 TAKES(OPTION_VIEW) | TAKES(OPTION_LIMIT) | TAKES(OPTION_ALL) | TAKES(OPTION_REGISTER))

/* terrier assets suggest: a draft of the register from what was seen. Returns an exit status. */
int assets_suggest(const struct options *o);

#endif
