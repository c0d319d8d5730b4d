/* Commands to a running simulator: lines over a UNIX socket. Each is answered by lines of text and a last one, "ok" or "error". */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "sim/driver/state.h"

struct sim_control;

/* Listens at `path`, which must not exist; commands are served by the driver's transport (its watch_fd). NULL with errno set. */
struct sim_control *sim_control_create(struct sim_driver *driver, const char *path);
void sim_control_destroy(struct sim_control *control); /* takes NULL; removes the socket */

/* The other end: sends the words (NULL-terminated) as one command to the simulator at `path` and prints what it answers. 0 when that was "ok", 1
 * when it was an error, 125 when nobody was there. */
int sim_control_tell(const char *path, char *const words[]);

#endif
