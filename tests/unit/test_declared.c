#include "declared.h"

#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct dissector_field fields[] = {
	{FIELD_GUARD, "title", .standard = "PS3.8 9.3.2", .guard = "short", .names = {NAME_AE_TITLE}},
	{FIELD_KEEP, "class", .standard = "PS3.7 E.1", .evidence = {EVIDENCE_DICOM_SOP, EVIDENCE_DICOM_COMMAND}},
	FIELD_SIGN_IN,
	{FIELD_NEVER, "patient", .standard = "PS3.5"},
	{0},
};
static const struct dissector dissector = {.name = "some", .fields = fields};

static void undeclared_name(void)
{
	declared_name(&dissector, NAME_DNS);
}

static void no_name(void)
{
	declared_name(&dissector, NAME_NONE); /* what stands in the places of a table that are not used */
}

static void undeclared_evidence(void)
{
	declared_evidence(&dissector, EVIDENCE_SHARE);
}

static void no_evidence(void)
{
	declared_evidence(&dissector, EVIDENCE_NONE);
}

static void undeclared_fact(void)
{
	declared_fact(&dissector, "DICOM patient");
}

static bool dies(void (*act)(void))
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL) {
			_exit(1);
		}
		act();
		_exit(0);
	}
	return waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

START_TEST(what_the_table_names_may_be_said)
{
	declared_name(&dissector, NAME_AE_TITLE);
	declared_evidence(&dissector, EVIDENCE_DICOM_SOP);
	declared_evidence(&dissector, EVIDENCE_DICOM_COMMAND);
	declared_evidence(&dissector, EVIDENCE_PROTOCOL);
	declared_fact(&dissector, FACT_SIGN_IN);
}
END_TEST

START_TEST(what_the_table_does_not_name_ends_the_program)
{
	ck_assert(dies(undeclared_name));
	ck_assert(dies(no_name));
	ck_assert(dies(undeclared_evidence));
	ck_assert(dies(no_evidence));
	ck_assert(dies(undeclared_fact));
}
END_TEST

static bool leaves(const struct dissector_field *f)
{
	return f->names[0] != NAME_NONE || f->evidence[0] != EVIDENCE_NONE || f->facts[0] != NULL;
}

START_TEST(every_dissector_says_what_it_keeps_and_what_it_does_not)
{
	for (size_t i = 0; dissectors[i] != NULL; i++) {
		const struct dissector *d = dissectors[i];
		unsigned never = 0;

		ck_assert_msg(d->fields != NULL, "%s: no table", d->name);
		for (const struct dissector_field *f = d->fields; f->class != FIELD_END; f++) {
			ck_assert_msg(f->what != NULL && f->what[0] != '\0', "%s: a row says nothing", d->name);
			ck_assert_msg(leaves(f) == (f->class != FIELD_NEVER), "%s: %s: kept by no way, or never kept",
			              d->name, f->what);
			ck_assert_msg(f->class != FIELD_GUARD || (f->guard != NULL && f->standard != NULL),
			              "%s: %s: no guard, or no standard", d->name, f->what);
			ck_assert_msg(f->class == FIELD_NEVER || never == 0, "%s: %s: what is kept comes first", d->name,
			              f->what);
			never += f->class == FIELD_NEVER;
		}
		ck_assert_msg(never > 0, "%s: what is it that is never kept?", d->name);
	}
}
END_TEST

UNIT_MAIN("declared", what_the_table_names_may_be_said, what_the_table_does_not_name_ends_the_program,
          every_dissector_says_what_it_keeps_and_what_it_does_not)
