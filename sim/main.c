/* gpusim: a simulated GPU and its kernel driver for the programs it starts.
 *
 *   main, options      command line, start and end
 *   launch             run directory, environment, the command
 *   control            commands from outside: injected faults
 *   server             the event loop: connections of the preloaded client (sim/client), dead processes, timers
 *   driver/            the kernel driver as a function: processes, memory, events, queues, debugging, the files of /sys
 *   gpu/, isa/         the device: packets, dispatch, waves; the instruction interpreter
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "sim/control.h"
#include "sim/driver/inject.h"
#include "sim/driver/state.h"
#include "sim/driver/topology.h"
#include "sim/launch.h"
#include "sim/options.h"
#include "sim/server.h"

enum { STATUS_TROUBLE = 125 }; /* ours, not the command's */

static int trouble(const char *what)
{
	fprintf(stderr, "gpusim: %s: %s\n", what, strerror(errno));
	return STATUS_TROUBLE;
}

static int status_of(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

static bool inject_all(struct sim_driver *driver, const struct sim_command_line *line)
{
	for (unsigned i = 0; i < line->n_inject; i++) {
		if (!sim_inject(driver, line->inject[i], stderr)) {
			fprintf(stderr, "gpusim: --inject=%s was refused\n", line->inject[i]);
			return false;
		}
	}
	return true;
}

/* Starts the command and serves it to its end. */
static int serve(struct sim_server *server, const struct sim_command_line *line, const char *client, const char *socket, const sigset_t *mask)
{
	pid_t command = sim_launch(line->command, client, socket, mask);
	return command < 0 ? trouble(line->command[0]) : status_of(sim_server_run(server, command));
}

/* With the run directory and the driver there: serves the command. */
static int run(struct sim_driver *driver, const struct sim_rundir *dir, const struct sim_command_line *line, const sigset_t *mask)
{
	char client[PATH_MAX];
	if (!sim_find_client(client))
		return trouble("gpusim-client.so");
	if (!sim_topology_build(driver, dir->tree))
		return trouble(dir->tree);
	struct sim_server *server = sim_server_create(driver, dir->socket, dir->tree);
	if (!server)
		return trouble(dir->socket);
	struct sim_control *control = line->control ? sim_control_create(driver, line->control) : NULL;
	int status = STATUS_TROUBLE;
	if (line->control && !control)
		trouble(line->control);
	else if (inject_all(driver, line))
		status = serve(server, line, client, dir->socket, mask);
	sim_control_destroy(control);
	sim_server_destroy(server);
	return status;
}

int main(int argc, char **argv)
{
	struct sim_command_line line;
	struct sim_rundir dir;
	sigset_t mask;
	sim_command_line_parse(&line, argc, argv);
	if (line.tell)
		return sim_control_tell(line.tell, line.command);
	signal(SIGPIPE, SIG_IGN); /* a debugger may close its event pipe, a reader our log */
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* orphans stay our descendants: their memory stays within reach */
	sim_server_block_signals(&mask); /* from here on there is something to clean up */
	if (!sim_rundir_create(&dir))
		return trouble("run directory");
	struct sim_driver *driver = sim_driver_create(&line.options);
	int status = driver ? run(driver, &dir, &line, &mask) : trouble("simulated GPU");
	sim_driver_destroy(driver);
	sim_rundir_remove(&dir);
	if (line.options.log && line.options.log != stderr)
		fclose(line.options.log);
	return status;
}
