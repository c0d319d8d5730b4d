#include "sim/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim/driver/inject.h"

enum { MAX_LINE = 512, NOBODY = 125 };

struct peer {
	struct peer *next;
	struct sim_control *control;
	int fd;
	size_t n;
	char line[MAX_LINE];
};

struct sim_control {
	struct sim_driver *driver;
	int listener;
	struct peer *peers;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static bool address_of(const char *path, struct sockaddr_un *addr)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(addr->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	strcpy(addr->sun_path, path);
	return true;
}

static void peer_close(struct peer *peer)
{
	struct sim_control *control = peer->control;
	for (struct peer **link = &control->peers; *link; link = &(*link)->next)
		if (*link == peer) {
			*link = peer->next;
			break;
		}
	control->driver->unwatch_fd(control->driver, peer->fd);
	close(peer->fd);
	free(peer);
}

/* False: the answer could not be given. */
static bool answer(const struct peer *peer, const char *command)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (!out)
		return false;
	bool ok = sim_inject(peer->control->driver, command, out);
	fputs(ok ? "ok\n" : "error\n", out);
	bool sent = !fclose(out) && send(peer->fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)n;
	free(text);
	return sent;
}

static void peer_ready(void *ctx)
{
	struct peer *peer = ctx;
	ssize_t n = recv(peer->fd, peer->line + peer->n, sizeof(peer->line) - peer->n, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		peer_close(peer);
		return;
	}
	peer->n += (size_t)n;
	char *end;
	while ((end = memchr(peer->line, '\n', peer->n))) {
		*end = '\0';
		if (!answer(peer, peer->line)) {
			peer_close(peer);
			return;
		}
		size_t used = (size_t)(end + 1 - peer->line);
		memmove(peer->line, end + 1, peer->n - used);
		peer->n -= used;
	}
	if (peer->n == sizeof(peer->line))
		peer_close(peer); /* no command is that long */
}

static void listener_ready(void *ctx)
{
	struct sim_control *control = ctx;
	int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct peer *peer = fd < 0 ? NULL : calloc(1, sizeof(*peer));
	if (!peer) {
		if (fd >= 0)
			close(fd);
		return;
	}
	*peer = (struct peer){ .next = control->peers, .control = control, .fd = fd };
	control->peers = peer;
	control->driver->watch_fd(control->driver, fd, peer_ready, peer);
}

struct sim_control *sim_control_create(struct sim_driver *driver, const char *path)
{
	struct sockaddr_un addr;
	struct sim_control *control = calloc(1, sizeof(*control));
	if (!control)
		return NULL;
	control->driver = driver;
	control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->listener >= 0 && address_of(path, &addr) && !bind(control->listener, (struct sockaddr *)&addr, sizeof(addr))) {
		strcpy(control->path, path);
		if (!chmod(path, 0600) && !listen(control->listener, SOMAXCONN)) {
			driver->watch_fd(driver, control->listener, listener_ready, control);
			return control;
		}
	}
	int saved = errno;
	sim_control_destroy(control);
	errno = saved;
	return NULL;
}

void sim_control_destroy(struct sim_control *control)
{
	if (!control)
		return;
	while (control->peers)
		peer_close(control->peers);
	if (control->listener >= 0) {
		control->driver->unwatch_fd(control->driver, control->listener);
		close(control->listener);
	}
	if (*control->path)
		unlink(control->path);
	free(control);
}

/* ------------------------------------------------------------------ the other end */

static bool send_words(int fd, char *const words[])
{
	char line[MAX_LINE];
	size_t n = 0;
	for (size_t i = 0; words[i]; i++) {
		int more = snprintf(line + n, sizeof(line) - n, "%s%s", i ? " " : "", words[i]);
		if (more < 0 || (n += (size_t)more) >= sizeof(line) - 1) {
			errno = EMSGSIZE;
			return false;
		}
	}
	line[n++] = '\n';
	return send(fd, line, n, MSG_NOSIGNAL) == (ssize_t)n;
}

int sim_control_tell(const char *path, char *const words[])
{
	struct sockaddr_un addr;
	char *line = NULL;
	size_t room = 0;
	int status = NOBODY, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || !address_of(path, &addr) || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) || !send_words(fd, words)) {
		fprintf(stderr, "gpusim: %s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NOBODY;
	}
	FILE *in = fdopen(fd, "r");
	while (in && status == NOBODY && getline(&line, &room, in) > 0) {
		if (!strcmp(line, "ok\n"))
			status = 0;
		else if (!strcmp(line, "error\n"))
			status = 1;
		else
			fputs(line, stdout);
	}
	if (status == NOBODY)
		fprintf(stderr, "gpusim: %s: the simulator gave no answer\n", path);
	free(line);
	if (in)
		fclose(in);
	else
		close(fd);
	return status;
}
