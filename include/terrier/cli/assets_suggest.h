#ifndef TERRIER_CLI_ASSETS_SUGGEST_H
#define TERRIER_CLI_ASSETS_SUGGEST_H

#include "terrier/cli/options.h"

/* terrier assets suggest: a draft of the register from what was seen. Returns an exit status. */
int assets_suggest(const struct options *o);

#endif
