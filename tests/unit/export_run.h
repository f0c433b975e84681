#ifndef TERRIER_TESTS_EXPORT_RUN_H
#define TERRIER_TESTS_EXPORT_RUN_H

#include "terrier/export.h"

#include <check.h>
#include <stdlib.h>

/* What the format of this name makes of the table; free(). */
static inline char *export_run(const char *format, const struct table *t, int width)
{
	const struct export_options options = {.width = width};
	const struct exporter *e = export_find(format);
	char *text = NULL, *error = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->write_table(t, &options, out, &error), 0);
	fclose(out);
	return text;
}

/* Asserts that a full disk is noticed. */
static inline void export_must_fail_when_full(const char *format, const struct table *t)
{
	const struct export_options options = {0};
	FILE *out = fopen("/dev/full", "w");
	char *error = NULL;

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(export_find(format)->write_table(t, &options, out, &error), -1);
	ck_assert_ptr_nonnull(error);
	free(error);
	fclose(out);
}

#endif
