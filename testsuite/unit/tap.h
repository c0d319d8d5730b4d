/* Runs a Check suite and prints the outcome as TAP for Automake. */
#ifndef TESTSUITE_UNIT_TAP_H
#define TESTSUITE_UNIT_TAP_H

#include <stddef.h>

#include <check.h>

/* A row of a suite. Each is a test case of its own, so that the report names it. */
struct tap_test {
	const char *name; /* static */
	const TTest *test;
	int n;            /* how often it runs, with _i from 0; 1 for a plain one */
};
#define TAP_COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define TAP_ONE(test) { #test, test, 1 }
#define TAP_TIMES(test, n) { #test, test, n }
#define TAP_EACH(test, array) TAP_TIMES(test, TAP_COUNT(array))

/* Runs the rows, each between setup and teardown (NULL: none) in a process of its own; the answer is the exit status for main. The time
 * limit of a test is for a busy machine and the sanitizers. */
int tap_run_tests(const char *suite, const struct tap_test *tests, int n, SFun setup, SFun teardown);
#define TAP_RUN(suite, tests, setup, teardown) tap_run_tests(suite, tests, TAP_COUNT(tests), setup, teardown)

/* Returns the exit status for main. The suite is freed. */
int tap_run(Suite *suite);

#endif
