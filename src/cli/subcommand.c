/* Words behind a command's name. */
#include "terrier/cli/subcommand.h"

#include "terrier/base/mem.h"
#include "terrier/base/nearest.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 16

static int complain_word(const struct options *o, const struct subcommand *all, size_t n)
{
	const char *command = o->command->name, *words[WORDS_MAX], *near = NULL;
	char *list = mem_strdup("");

	for (size_t i = 0; i < n && i < WORDS_MAX; i++) {
		char *longer = mem_printf("%s%s%s", list,
		                          i == 0       ? ""
		                          : i + 1 == n ? " or "
		                                       : ", ",
		                          all[i].word);

		free(list);
		list = longer;
		words[i] = all[i].word;
	}
	if (o->n_arguments > 0) {
		near = nearest_find(o->arguments[0], words, n < WORDS_MAX ? n : WORDS_MAX);
	}
	if (near != NULL) {
		complain(EXIT_CALLER, "terrier %s %s: there is none: did you mean terrier %s %s?",
		         command, o->arguments[0], command, near);
	} else if (o->n_arguments > 0) {
		complain(EXIT_CALLER, "terrier %s %s: there is none: write one of %s behind it",
		         command, o->arguments[0], list);
	} else {
		complain(EXIT_CALLER, "terrier %s: to do what: write %s behind it", command, list);
	}
	free(list);
	return EXIT_CALLER;
}

static int check(const struct options *o, const struct subcommand *s)
{
	const char *command = o->command->name;
	size_t n = s->argument != NULL ? 2 : 1;

	if (o->n_arguments < n) {
		return complain(EXIT_CALLER,
		                "terrier %s %s: its %s is missing: write terrier %s %s %s", command,
		                s->word, s->argument, command, s->word, s->argument);
	}
	if (o->n_arguments > n && (s->argument == NULL || strstr(s->argument, "...") == NULL)) {
		return complain(
		        EXIT_CALLER, "argument %s: terrier %s %s takes %s: see terrier %s --help",
		        o->arguments[n], command, s->word, n == 1 ? "none" : "only one", command);
	}
	for (int i = 0; i < OPTIONS; i++) {
		if (o->text[i] != NULL && i != OPTION_HELP && i != OPTION_VERSION &&
		    (s->takes & TAKES(i)) == 0) {
			return complain(EXIT_CALLER,
			                "option --%s: terrier %s %s does not take it: see terrier "
			                "%s --help",
			                option_name((enum option)i), command, s->word, command);
		}
	}
	return EXIT_DONE;
}

int subcommand_run(const struct options *o, const struct subcommand *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (o->n_arguments > 0 && strcmp(o->arguments[0], all[i].word) == 0) {
			int status = check(o, &all[i]);

			return status == EXIT_DONE ? all[i].run(o) : status;
		}
	}
	return complain_word(o, all, n);
}
