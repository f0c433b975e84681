#ifndef TERRIER_CLI_ASSETS_RANK_H
#define TERRIER_CLI_ASSETS_RANK_H

#include "terrier/cli/options.h"

#define TAKES_RANK                                                                                                     \
	(TAKES_OUTPUT | TAKES(OPTION_SINCE) | TAKES(OPTION_UNTIL) | TAKES(OPTION_KIND) | TAKES(OPTION_ZONE) |          \
	 TAKES(OPTION_VIEW) | TAKES(OPTION_LIMIT) | TAKES(OPTION_REGISTER))

/* terrier assets rank: which systems matter most and are most exposed. Returns an exit status. */
int assets_rank(const struct options *o);

/* Prints how the points are made, for the help. */
void assets_rank_help(void);

#endif
