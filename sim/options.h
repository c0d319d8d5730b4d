/* Command line of gpusim. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "sim/driver/driver.h"

enum { SIM_MAX_INJECTED = 32 };

struct sim_command_line {
	struct sim_options options;
	char **command;      /* NULL-terminated, borrowed from argv; with `tell` the words of a command to a simulator that runs */
	const char *control; /* socket for commands to this simulator, NULL none */
	const char *tell;    /* socket of another simulator: send it the command, run nothing */
	const char *inject[SIM_MAX_INJECTED]; /* commands carried out before the program starts */
	unsigned n_inject;
};

/* Parses; prints help, version or a complaint and exits as programs do when there is nothing to run. */
void sim_command_line_parse(struct sim_command_line *line, int argc, char **argv);

#endif
