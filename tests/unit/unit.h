#ifndef TERRIER_TESTS_UNIT_H
#define TERRIER_TESTS_UNIT_H

#include <check.h>
#include <stdlib.h>

/* Defines main() of a unit test: UNIT_MAIN("addr", test_a, test_b, …). */
#define UNIT_MAIN(name, ...)                                                                       \
	int main(void)                                                                             \
	{                                                                                          \
		const TTest *const tests[] = {__VA_ARGS__};                                        \
		Suite *suite = suite_create(name);                                                 \
		TCase *tcase = tcase_create(name);                                                 \
		SRunner *runner = srunner_create(suite);                                           \
                                                                                                   \
		for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {                      \
			tcase_add_test(tcase, tests[i]);                                           \
		}                                                                                  \
		tcase_set_timeout(tcase, 60);                                                      \
		suite_add_tcase(suite, tcase);                                                     \
		srunner_set_tap(runner, "-");                                                      \
		srunner_run_all(runner, CK_SILENT);                                                \
		int failed = srunner_ntests_failed(runner);                                        \
		srunner_free(runner);                                                              \
		return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;                                  \
	}

#endif
