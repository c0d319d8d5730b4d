/* The command line. */
#ifndef SRC_OPTIONS_H
#define SRC_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "src/server/comm.h"

enum options_action { OPTIONS_SERVE, OPTIONS_EVENTS, OPTIONS_HELP, OPTIONS_USAGE, OPTIONS_VERSION, OPTIONS_GDB_SCRIPT };
enum options_view { OPTIONS_VIEW_CARRIER /* threads of another architecture with extra registers: any gdb */ };

struct view_carrier;

struct options {
	enum options_action action;
	struct comm comm;
	bool multi;       /* --multi: serve without a program, extended protocol */
	bool attach;      /* --attach: `pid` is the process to attach to */
	bool once;        /* --once: end with the first client */
	pid_t pid;
	char **argv;      /* program and its arguments, NULL ended, borrowed from main's argv; NULL when none was named */
	const char *events; /* --events, as written (events.h); NULL none. Borrowed from main's argv */
	unsigned debug;   /* mask of enum log_category */
	enum options_view view;
	const struct view_carrier *carrier; /* --carrier; NULL: as the client understands */
};

/* OPTIONS_EVENTS: watch `pid` without a client. */

/* Parses main's arguments. 0, or the exit status of a usage error, which was described on standard error. */
int options_parse(int argc, char **argv, struct options *out);
/* Text of --help, --usage and --version. */
void options_print(enum options_action action, FILE *to);

#endif
