#include "src/server/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct listener {
	int fd;
	enum comm_kind kind;
	unsigned port;
	char path[108];
	dev_t dev; /* of the socket file we made */
	ino_t ino;
};

enum { BACKLOG = 8 };

/* --- TCP --- */

static int bind_one(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, ai->ai_protocol);
	if (fd < 0)
		return -1;
	int on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int e = errno;
	close(fd);
	errno = e;
	return -1;
}

static unsigned bound_port(int fd)
{
	struct sockaddr_storage at;
	socklen_t n = sizeof at;
	char port[16];
	if (getsockname(fd, (struct sockaddr *)&at, &n) < 0 ||
	    getnameinfo((struct sockaddr *)&at, n, NULL, 0, port, sizeof port, NI_NUMERICSERV))
		return 0;
	return (unsigned)strtoul(port, NULL, 10);
}

static int open_tcp(const struct comm *comm, struct listener *l, struct dbg_error *err)
{
	const char *host = comm->host[0] ? comm->host : "127.0.0.1";
	char port[16];
	snprintf(port, sizeof port, "%u", comm->port);
	struct addrinfo hints, *list;
	memset(&hints, 0, sizeof hints);
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
	int rc = getaddrinfo(host, port, &hints, &list);
	if (rc)
		return dbg_fail(err, DBG_BAD_REQUEST, "the host \"%s\" is not known: %s", host, gai_strerror(rc));
	int e = 0;
	for (const struct addrinfo *ai = list; ai && l->fd < 0; ai = ai->ai_next) {
		l->fd = bind_one(ai);
		if (l->fd < 0 && !e)
			e = errno;
	}
	freeaddrinfo(list);
	if (l->fd < 0)
		return dbg_fail_errno(err, DBG_REFUSED, e, "cannot listen on %s port %u", host, comm->port);
	l->port = bound_port(l->fd);
	return 0;
}

/* --- UNIX --- */

/* Removes the file if it is a socket without a listener. */
static int remove_stale(const struct sockaddr_un *at, struct dbg_error *err)
{
	struct stat st;
	if (lstat(at->sun_path, &st) < 0)
		return dbg_fail_errno(err, DBG_REFUSED, errno, "cannot listen on %s", at->sun_path);
	if (!S_ISSOCK(st.st_mode))
		return dbg_fail(err, DBG_BAD_REQUEST, "cannot listen on %s: a file of this name exists and is no socket", at->sun_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool stale = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) < 0 && errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	if (!stale)
		return dbg_fail(err, DBG_REFUSED, "cannot listen on %s: another program does", at->sun_path);
	if (unlink(at->sun_path) < 0)
		return dbg_fail_errno(err, DBG_REFUSED, errno, "the old socket %s cannot be removed", at->sun_path);
	return 0;
}

static int open_unix(const struct comm *comm, struct listener *l, struct dbg_error *err)
{
	struct sockaddr_un at;
	memset(&at, 0, sizeof at);
	at.sun_family = AF_UNIX;
	snprintf(at.sun_path, sizeof at.sun_path, "%s", comm->path);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return dbg_fail_errno(err, DBG_INTERNAL, errno, "no socket");
	int rc = bind(l->fd, (struct sockaddr *)&at, sizeof at);
	if (rc < 0 && errno == EADDRINUSE) {
		int stale = remove_stale(&at, err);
		if (stale)
			return stale;
		rc = bind(l->fd, (struct sockaddr *)&at, sizeof at);
	}
	if (rc < 0)
		return dbg_fail_errno(err, DBG_REFUSED, errno, "cannot listen on %s", comm->path);
	struct stat st;
	if (stat(comm->path, &st) == 0) {
		snprintf(l->path, sizeof l->path, "%s", comm->path);
		l->dev = st.st_dev;
		l->ino = st.st_ino;
	}
	return listen(l->fd, BACKLOG) < 0 ? dbg_fail_errno(err, DBG_REFUSED, errno, "cannot listen on %s", comm->path) : 0;
}

/* --- both --- */

int listen_open(const struct comm *comm, struct listener **out, struct dbg_error *err)
{
	struct listener *l = calloc(1, sizeof *l);
	if (!l)
		return dbg_fail(err, DBG_INTERNAL, "out of memory");
	l->fd = -1;
	l->kind = comm->kind;
	int rc = comm->kind == COMM_UNIX ? open_unix(comm, l, err) : open_tcp(comm, l, err);
	if (rc) {
		listen_close(l);
		return rc;
	}
	*out = l;
	return 0;
}

void listen_close(struct listener *l)
{
	struct stat st;
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	if (l->path[0] && lstat(l->path, &st) == 0 && st.st_dev == l->dev && st.st_ino == l->ino)
		unlink(l->path);
	free(l);
}

int listen_fd(const struct listener *l)
{
	return l->fd;
}

unsigned listen_port(const struct listener *l)
{
	return l->port;
}

int listen_accept(struct listener *l, int *fd, char *peer, size_t peer_size, struct dbg_error *err)
{
	struct sockaddr_storage from;
	socklen_t n = sizeof from;
	int got = accept4(l->fd, (struct sockaddr *)&from, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (got < 0) {
		/* A client that is gone again is nobody. */
		bool nobody = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED || errno == EPROTO;
		return dbg_fail_errno(err, nobody ? DBG_AGAIN : DBG_INTERNAL, errno, "a client cannot be accepted");
	}
	if (l->kind == COMM_UNIX) {
		snprintf(peer, peer_size, "a UNIX socket");
	} else {
		char host[128] = "?", port[16] = "?";
		int on = 1;
		setsockopt(got, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* replies are small and waited for */
		setsockopt(got, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
		getnameinfo((struct sockaddr *)&from, n, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
		snprintf(peer, peer_size, "host %s, port %s", host, port);
	}
	*fd = got;
	return 0;
}
