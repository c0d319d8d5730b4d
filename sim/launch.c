#include "sim/launch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim/client/wire.h"
#include "sim/driver/tree.h"

enum { STATUS_NOT_FOUND = 127, STATUS_NOT_EXECUTABLE = 126 };
#define CLIENT_NAME "gpusim-client.so"

static bool try_rundir(struct sim_rundir *dir, const char *parent)
{
	struct sockaddr_un addr;
	if (!parent || !*parent)
		return false;
	int n = snprintf(dir->path, sizeof(dir->path), "%s/gpusim.XXXXXX", parent);
	if (n < 0 || (size_t)n + strlen("/socket") >= sizeof(addr.sun_path) || (size_t)n + strlen("/tree") >= WIRE_MAX_PATH)
		return false; /* a socket's path is short */
	return mkdtemp(dir->path);
}

bool sim_rundir_create(struct sim_rundir *dir)
{
	errno = ENAMETOOLONG;
	if (!try_rundir(dir, getenv("XDG_RUNTIME_DIR")) && !try_rundir(dir, getenv("TMPDIR")) && !try_rundir(dir, "/tmp"))
		return false;
	snprintf(dir->tree, sizeof(dir->tree), "%.200s/tree", dir->path);
	snprintf(dir->socket, sizeof(dir->socket), "%.200s/socket", dir->path);
	return !mkdir(dir->tree, 0755);
}

void sim_rundir_remove(const struct sim_rundir *dir)
{
	sim_tree_remove(dir->path, "");
}

bool sim_find_client(char path[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n > 0) {
		static const char *const places[] = { "/" CLIENT_NAME, "/../libexec/" PACKAGE "/" CLIENT_NAME };
		self[n] = 0;
		*strrchr(self, '/') = 0;
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
			char name[2 * PATH_MAX];
			snprintf(name, sizeof(name), "%s%s", self, places[i]);
			if (realpath(name, path))
				return true;
		}
	}
	return realpath(PKGLIBEXECDIR "/" CLIENT_NAME, path);
}

/* Puts `value` in front of a list variable; once is enough. */
static bool prepend(const char *name, const char *value, char separator)
{
	const char *old = getenv(name);
	char *joined = NULL;
	if (!old || !*old)
		return !setenv(name, value, 1);
	if (strstr(old, value))
		return true;
	bool ok = asprintf(&joined, "%s%c%s", value, separator, old) > 0 && !setenv(name, joined, 1);
	free(joined);
	return ok;
}

/* What the command and its children see of the simulator. The sanitizer's check is lifted because its shared runtime wants to be the first
 * preloaded object; it works behind the client as well. */
static bool set_environment(const char *client, const char *socket)
{
	const char *asan = getenv("ASAN_OPTIONS");
	char *options = NULL;
	bool ok = asan && *asan ? asprintf(&options, "%s:verify_asan_link_order=0", asan) > 0 && !setenv("ASAN_OPTIONS", options, 1)
		: !setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
	free(options);
	return ok && prepend("LD_PRELOAD", client, ':') && !setenv(WIRE_SOCKET_VARIABLE, socket, 1);
}

pid_t sim_launch(char **command, const char *client, const char *socket, const sigset_t *mask)
{
	pid_t pid = fork();
	if (pid)
		return pid;
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (!set_environment(client, socket)) {
		perror("gpusim: environment");
		_exit(STATUS_NOT_EXECUTABLE);
	}
	execvp(command[0], command);
	fprintf(stderr, "gpusim: cannot run %s: %s\n", command[0], strerror(errno));
	_exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE);
}
