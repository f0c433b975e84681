/* Holds what dissectors say to the tables that say what they may: the list of kept fields that reviewers read is made of
 * these, and is true only as long as nothing leaves by another door. */
#include "declared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(bool is_declared, const struct dissector *d, const char *way, const char *word)
{
	const char *path = getenv("TERRIER_SAID");
	FILE *out = path != NULL ? fopen(path, "a") : NULL;

	if (out != NULL) {
		fprintf(out, "%s\t%s %s\n", d->name, way, word);
		fclose(out);
	}
	if (!is_declared) {
		fprintf(stderr, "dissector %s: keeps %s '%s', which its table of fields does not name\n", d->name, way, word);
		abort();
	}
}

void declared_name(const struct dissector *d, enum name_source source)
{
	bool found = false;

	for (const struct dissector_field *f = d->fields; f->class != FIELD_END; f++) {
		for (size_t i = 0; i < FIELD_NAMES; i++) {
			found = found || f->names[i] == source;
		}
	}
	check(found && source != NAME_NONE, d, "name", name_source_name(source));
}

void declared_evidence(const struct dissector *d, enum evidence_type type)
{
	bool found = type == EVIDENCE_PROTOCOL;

	for (const struct dissector_field *f = d->fields; f->class != FIELD_END; f++) {
		for (size_t i = 0; i < FIELD_EVIDENCE; i++) {
			found = found || f->evidence[i] == type;
		}
	}
	check(found && type != EVIDENCE_NONE, d, "evidence", evidence_type_name(type));
}

void declared_fact(const struct dissector *d, const char *word)
{
	bool found = false;

	for (const struct dissector_field *f = d->fields; f->class != FIELD_END; f++) {
		for (size_t i = 0; i < FIELD_FACTS; i++) {
			found = found || (f->facts[i] != NULL && strcmp(f->facts[i], word) == 0);
		}
	}
	check(found, d, "fact", word);
}
