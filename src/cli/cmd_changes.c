/* terrier changes: what appeared, disappeared or changed between two dates. */
#include "terrier/cli/change_table.h"
#include "terrier/cli/command.h"

static int list(struct session *s, struct filter *filter)
{
	struct register_state state;
	struct table *t;
	int status = register_load(&state, s->options, REGISTER_READ);

	status = status != EXIT_DONE ? status : register_learn(&state, s);
	status = status != EXIT_DONE ? status : change_table(&state, filter, &t);
	status = status != EXIT_DONE ? status : session_answer(s, t);
	register_unload(&state);
	return status;
}

static int run(const struct options *o)
{
	struct filter *filter;
	struct session s;
	int status = session_open(&s, o, VIEW_IG, "table", false);

	if (status == EXIT_DONE) {
		filter = filter_new(&s, &status);
		status = filter != NULL ? list(&s, filter) : status;
		filter_free(filter);
	}
	session_close(&s);
	return status;
}

const struct command command_changes = {
        .name = "changes",
        .summary = "what appeared, disappeared or changed between two dates",
        .arguments = "",
        .usage = "Holds what was seen in the 30 days before --since (default: 30 days before the\n"
                 "newest packet) to what was seen from then until --until. Appeared: not seen in\n"
                 "the 30 days before, and seen since. Disappeared: not seen in the last 30 days\n"
                 "before --until (since --since, where that is shorter), although the sensors\n"
                 "that had seen it watched for as long as it used to take until it was seen\n"
                 "again; what was not watched is counted below the answer instead. Both times\n"
                 "are told with the register as it is now, so that a new name is no new flow;\n"
                 "edits of the register in that time stand beside, cause register_edit. Whether\n"
                 "an exchange is encrypted is kept for all time: a link that changes on the same\n"
                 "port shows as mixed, or as one kind of data that ends and one that begins.\n\n"
                 "Examples:\n"
                 "  terrier changes\n"
                 "  terrier changes --since 2026-10-01 --until 2026-11-01 --format csv\n"
                 "  terrier changes --with PAS --view network\n",
        .takes = TAKES_OUTPUT | TAKES_FILTER | TAKES(OPTION_VIEW) | TAKES(OPTION_LIMIT) |
                 TAKES(OPTION_REGISTER) | TAKES(OPTION_PSEUDONYMS) | TAKES(OPTION_COUNTRIES),
        .run = run,
};
