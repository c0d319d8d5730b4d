#include "testsuite/unit/tap.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_S = 120 };

/* A message may hold line breaks; TAP wants one line. */
static void print_message(const char *text)
{
	for (; *text; text++)
		putchar(*text == '\n' ? ' ' : *text);
}

int tap_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_SILENT);
	int total = srunner_ntests_run(runner);
	int failed = srunner_ntests_failed(runner);
	TestResult **results = srunner_results(runner);
	printf("1..%d\n", total);
	for (int i = 0; i < total; i++) {
		bool ok = tr_rtype(results[i]) == CK_PASS;
		printf("%sok %d - %s", ok ? "" : "not ", i + 1, tr_tcname(results[i]));
		if (!ok) {
			printf(" (%s:%d: ", tr_lfile(results[i]), tr_lno(results[i]));
			print_message(tr_msg(results[i]));
			putchar(')');
		}
		putchar('\n');
	}
	free(results);
	srunner_free(runner);
	return failed == 0 && total > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int tap_run_tests(const char *suite, const struct tap_test *tests, int n, SFun setup, SFun teardown)
{
	Suite *s = suite_create(suite);
	for (int i = 0; i < n; i++) {
		TCase *t = tcase_create(tests[i].name);
		tcase_set_timeout(t, TIMEOUT_S);
		tcase_add_checked_fixture(t, setup, teardown);
		tcase_add_loop_test(t, tests[i].test, 0, tests[i].n);
		suite_add_tcase(s, t);
	}
	return tap_run(s);
}
