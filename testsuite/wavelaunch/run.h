/* One run of the program: everything between the command line and the exit status. */
#ifndef TESTSUITE_WAVELAUNCH_RUN_H
#define TESTSUITE_WAVELAUNCH_RUN_H

#include "testsuite/wavelaunch/options.h"

/* Starts up as a run time does, loads, launches, checks, unloads. 0, or -1 with the error. Everything is released either way. */
int wl_run(const struct wl_options *options, struct wl_err *err);

#endif
