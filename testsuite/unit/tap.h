/* Runs a Check suite and prints the outcome as TAP for Automake. */
#ifndef TESTSUITE_UNIT_TAP_H
#define TESTSUITE_UNIT_TAP_H

#include <check.h>

/* Returns the exit status for main. The suite is freed. */
int tap_run(Suite *suite);

#endif
