#include "src/server/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn {
	struct loop *loop;
	int in, out;
	int in_flags, out_flags; /* as they were */
	const struct conn_handlers *handlers;
	void *arg;
	struct loop_source *in_source, *out_source; /* the same one for a socket */
	struct loop_source *break_source;           /* tells of a failed write */
	bool reading, blocked;                      /* blocked: output is waiting */
	bool broken, told;
	bool busy, destroyed;                       /* inside a handler; destroyed there */
};

static void update(struct conn *c)
{
	uint32_t in = c->reading ? EPOLLIN : 0;
	uint32_t out = c->blocked ? EPOLLOUT : 0;
	if (c->in == c->out) {
		loop_set_events(c->in_source, in | out);
	} else {
		if (c->in_source)
			loop_set_events(c->in_source, in);
		if (c->out_source)
			loop_set_events(c->out_source, out);
	}
}

static void conn_free(struct conn *c)
{
	loop_remove(c->in_source);
	if (c->out_source != c->in_source)
		loop_remove(c->out_source);
	loop_remove(c->break_source);
	/* Standard input and output may be shared with other programs. */
	fcntl(c->in, F_SETFL, c->in_flags);
	if (c->out != c->in)
		fcntl(c->out, F_SETFL, c->out_flags);
	close(c->in);
	if (c->out != c->in)
		close(c->out);
	free(c);
}

static void broke(struct conn *c, const char *why)
{
	c->broken = true;
	if (c->told)
		return;
	c->told = true;
	c->reading = c->blocked = false;
	loop_remove(c->in_source);
	if (c->out_source != c->in_source)
		loop_remove(c->out_source);
	c->in_source = c->out_source = NULL;
	c->handlers->closed(c->arg, why);
}

static void read_some(struct conn *c)
{
	char bytes[16384];
	ssize_t n = read(c->in, bytes, sizeof bytes);
	if (n > 0)
		c->handlers->bytes(c->arg, bytes, (size_t)n);
	else if (n == 0)
		broke(c, "the client closed the connection");
	else if (errno != EAGAIN && errno != EINTR)
		broke(c, strerror(errno));
}

static void on_io(void *arg, int fd, uint32_t events)
{
	struct conn *c = arg;
	c->busy = true;
	if (!c->broken) {
		if (fd == c->out && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) && c->blocked) {
			c->blocked = false;
			update(c);
			c->handlers->writable(c->arg);
		}
		if (!c->destroyed && fd == c->in && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !c->told)
			read_some(c);
		else if (!c->destroyed && !c->told && fd == c->out && (events & (EPOLLERR | EPOLLHUP)))
			broke(c, "the client does not read any more");
	}
	c->busy = false;
	if (c->destroyed)
		conn_free(c);
}

static void on_broken(void *arg)
{
	struct conn *c = arg;
	c->busy = true;
	broke(c, "the client does not read any more");
	c->busy = false;
	if (c->destroyed)
		conn_free(c);
}

static int make_nonblocking(int fd, int *flags, struct dbg_error *err)
{
	*flags = fcntl(fd, F_GETFL);
	if (*flags < 0 || fcntl(fd, F_SETFL, *flags | O_NONBLOCK) < 0)
		return dbg_fail_errno(err, DBG_INTERNAL, errno, "a descriptor cannot be made non-blocking");
	return 0;
}

int conn_create(struct loop *l, int in, int out, const struct conn_handlers *handlers, void *arg, struct conn **result, struct dbg_error *err)
{
	struct conn *c = calloc(1, sizeof *c);
	if (!c)
		return dbg_fail(err, DBG_INTERNAL, "out of memory");
	*c = (struct conn){ .loop = l, .in = in, .out = out, .handlers = handlers, .arg = arg, .reading = true };
	int rc = make_nonblocking(in, &c->in_flags, err);
	if (!rc && in != out)
		rc = make_nonblocking(out, &c->out_flags, err);
	if (!rc)
		rc = loop_add_fd(l, in, EPOLLIN, on_io, c, &c->in_source, err);
	if (!rc && in == out)
		c->out_source = c->in_source;
	/* A file as standard output cannot be watched and needs not: it never blocks. */
	else if (!rc && loop_add_fd(l, out, 0, on_io, c, &c->out_source, NULL))
		c->out_source = NULL;
	if (rc) {
		loop_remove(c->in_source);
		free(c);
		return rc;
	}
	*result = c;
	return 0;
}

void conn_destroy(struct conn *c)
{
	if (!c)
		return;
	if (c->busy)
		c->destroyed = true;
	else
		conn_free(c);
}

size_t conn_write(struct conn *c, const void *bytes, size_t n)
{
	size_t done = 0;
	while (done < n && !c->broken) {
		const char *p = (const char *)bytes + done;
		ssize_t r = c->in == c->out ? send(c->out, p, n - done, MSG_NOSIGNAL) : write(c->out, p, n - done);
		if (r > 0) {
			done += (size_t)r;
		} else if (r < 0 && errno == EINTR) {
			continue;
		} else if (r < 0 && errno == EAGAIN) {
			c->blocked = true;
			update(c);
			return done;
		} else {
			c->broken = true;
			if (loop_add_timer(c->loop, 0, on_broken, c, &c->break_source, NULL))
				c->break_source = NULL; /* its end is seen when it is read */
		}
	}
	return n;
}

void conn_set_reading(struct conn *c, bool reading)
{
	if (c->reading == reading || c->told)
		return;
	c->reading = reading;
	update(c);
}
