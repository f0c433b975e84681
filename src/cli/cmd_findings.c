/* terrier findings: what deserves attention, worst first. */
#include "terrier/cli/command.h"
#include "terrier/cli/finding_table.h"

static int list(struct session *s, struct filter *filter)
{
	struct register_state state;
	struct table *t;
	int status = register_load(&state, s->options, REGISTER_READ);

	if (status == EXIT_DONE) {
		status = finding_table(&state, s, filter, s->options->text[OPTION_STATUS], &t);
	}
	status = status != EXIT_DONE ? status : session_answer(s, t);
	register_unload(&state);
	return status;
}

static int run(const struct options *o)
{
	return filter_answer(o, list);
}

const struct command command_findings = {
        .name = "findings",
        .summary = "what deserves attention, worst first",
        .arguments = "",
        .usage = "Lists what the rules of the catalogue find in the exchanges, worst first: clear\n"
                 "text, weak protocols, data that leaves, missing backups; with a register what is\n"
                 "not in it, not as it says, incomplete or past its date. Nothing is stored: it\n"
                 "is computed now. An empty answer does not show that all is well: see below it\n"
                 "what could not be judged. explain tells of a finding what was observed, why it\n"
                 "matters, what to do, and what the rule cannot see.\n\n"
                 "Examples:\n"
                 "  terrier findings\n"
                 "  terrier findings --zone Imaging --since 7d --view ig\n"
                 "  terrier findings --status open --format csv --output findings.csv\n"
                 "  terrier explain N-p4hst2\n",
        .takes = TAKES_OUTPUT | TAKES_FILTER | TAKES(OPTION_VIEW) | TAKES(OPTION_LIMIT) |
                 TAKES(OPTION_STATUS) | TAKES(OPTION_REGISTER) | TAKES(OPTION_COUNTRIES) |
                 TAKES(OPTION_PSEUDONYMS),
        .run = run,
};
