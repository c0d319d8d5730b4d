/* Run directory, and starting the command with the client preloaded. */
#ifndef SIM_LAUNCH_H
#define SIM_LAUNCH_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct sim_rundir {
	char path[PATH_MAX];   /* private to the user; removed at the end */
	char tree[PATH_MAX];   /* the generated tree within it */
	char socket[PATH_MAX];
};

/* Makes the directory in $XDG_RUNTIME_DIR, else $TMPDIR, else /tmp. False with errno set. */
bool sim_rundir_create(struct sim_rundir *dir);
void sim_rundir_remove(const struct sim_rundir *dir);

/* Path of the client's shared object: beside this program (build tree) or where it was installed. False: found nowhere. */
bool sim_find_client(char path[PATH_MAX]);

/* Starts the command with `mask` as its signal mask and SIGPIPE as it was. Answers its pid, -1 with errno set. When the program cannot be
 * executed, a message is printed and the child ends with status 127 or 126, as shells do it. */
pid_t sim_launch(char **command, const char *client, const char *socket, const sigset_t *mask);

#endif
