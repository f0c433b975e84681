#ifndef TERRIER_CLI_REGISTER_H
#define TERRIER_CLI_REGISTER_H

#include "terrier/cli/filter.h"
#include "terrier/register/country.h"
#include "terrier/register/reconcile.h"
#include "terrier/store/register_file.h"

/* The register of a command: what is entered, and, step by step, what of it was seen. All return an exit status after
 * having said what is wrong; register_unload() in any case. */
struct register_state {
	struct session *session; /* NULL: only what was entered is asked for */
	char *path;
	struct register_file *file;
	struct entries *assets, *declarations, *decisions;
	struct register_head head;
	struct directory *directory;
	struct reconciliation *flows;
	char today[12]; /* 2026-11-21, by the wall clock */
	uint64_t days_watched, hours_watched;
	struct countries *countries; /* NULL: none given */
	char country[COUNTRY_MAX];   /* the last that a finding asked for */
	bool asks_asset[3]; /* --from, --to, --with name an asset of the register */
	uint8_t key[64]; /* of the pseudonyms */
	size_t key_len;
};

/* Opens the register of the options and reads what is in force. A register that does not exist is an empty one. */
int register_load(struct register_state *state, const struct options *o, enum register_mode mode);
void register_unload(struct register_state *state);

/* Says why the last call of the register failed; returns the exit status. */
int register_complain(const struct register_state *state);

/* Learns who is who from all that the session's database has. */
int register_learn(struct register_state *state, struct session *s);

/* Tells the filter which hosts are the assets that --from, --to and --with name. After register_learn(). */
void register_know(struct register_state *state, struct filter *filter);

/* Holds what was seen in the session's window to the register; register_passes() then says which flows `filter` (NULL:
 * everything) selects. A flow is told whole, however little of it was asked for. After register_learn(). */
int register_reconcile(struct register_state *state, struct filter *filter);

/* Country of an end: what is declared ("GB" however the United Kingdom is spelt), else what the site's own database of
 * countries has of its addresses, else "unknown". Belongs to the asset or is `out`. */
const char *register_country(const struct register_state *state, const struct flow_end *end, char out[COUNTRY_MAX]);

/* True when the flow is what --from, --to, --with, --kind and --zone ask for. */
bool register_passes(const struct register_state *state, const struct register_flow *f);

/* True when an asset has this id or name, or a declaration has such an end; case does not matter. */
bool register_is_about(const struct register_state *state, const struct entry *e, const char *text);

#endif
