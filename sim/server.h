/* The event loop of gpusim: the client's connections, processes that end, timers and the GPUs, all on one thread. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "sim/driver/state.h"

struct sim_server;

/* Blocks the signals that the server takes: children that end, and what is passed on to the command. *before: the mask that was, for the command. */
void sim_server_block_signals(sigset_t *before);
/* Serves `driver` on a new socket at `socket_path`, the signals blocked; root: the generated tree. NULL with errno set. */
struct sim_server *sim_server_create(struct sim_driver *driver, const char *socket_path, const char *root);
void sim_server_destroy(struct sim_server *server);
/* Serves until the child `command` has ended and no process uses the driver. Answers the
 * wait status of the command. */
int sim_server_run(struct sim_server *server, pid_t command);

#endif
