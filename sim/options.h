/* Command line of gpusim. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "sim/driver/driver.h"

struct sim_command_line {
	struct sim_options options;
	char **command; /* NULL-terminated, borrowed from argv */
};

/* Parses; prints help, version or a complaint and exits as programs do when there is nothing to run. */
void sim_command_line_parse(struct sim_command_line *line, int argc, char **argv);

#endif
