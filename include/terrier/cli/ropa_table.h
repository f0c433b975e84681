#ifndef TERRIER_CLI_ROPA_TABLE_H
#define TERRIER_CLI_ROPA_TABLE_H

#include "terrier/cli/register.h"

/* ropa.csv of registers.md 4.3, support for the record of processing activities (UK GDPR Art. 30): one row for each
 * processing that declarations name, by their processing_ref, else by their purpose. What people have to say is taken
 * from declarations alone; what was observed stands apart at the right. table_free() it. */
struct table *ropa_table(const struct register_state *state);

#endif
