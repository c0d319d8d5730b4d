#include "src/events/events.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "src/base/log.h"

enum {
	ROOM = 1 << 20,          /* bytes that wait for a slow reader */
	RETRY_US = 250000,       /* a full disk, a listener that is not there: how often they are tried */
	LAST_MS = 500,           /* what a close waits for a slow reader at most */
	ROOM_FOR_DROPPED = 256,  /* kept free, so that the count of the lost is never lost */
};

struct events {
	struct loop *loop;
	struct loop_source *writable; /* of the descriptor, where it can be watched */
	struct loop_source *retry;    /* a timer is running */
	int fd;                       /* -1: the reader is gone */
	bool socket;
	char *path;       /* of the socket to connect to, NULL otherwise */
	char *data;       /* ROOM bytes; [0, filled) wait */
	size_t filled;
	uint64_t serial;
	uint64_t dropped; /* since the last line that was taken */
	bool complained;  /* about the present trouble */
};

static void pump(struct events *s);
static void reader_gone(struct events *s, int e);
static void reconnect(struct events *s);

/* ------------------------------------------------------------------ opening */

static int open_file(const char *path, struct events *s, struct dbg_error *err)
{
	struct stat st;
	/* A FIFO without a reader: opened for both, so that the stub neither waits nor fails. */
	bool fifo = stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
	s->fd = open(path, (fifo ? O_RDWR : O_WRONLY | O_CREAT | O_APPEND) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
	return s->fd >= 0 ? 0 : dbg_fail_errno(err, DBG_BAD_REQUEST, errno, "events: %s cannot be written", path);
}

/* Not to wait must be a property of our own open file, not of one that others share. */
static int own_description(int fd)
{
	char path[32];
	struct stat st;
	if (fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		int own = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
		if (own >= 0)
			return own;
	}
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static int open_fd(const char *text, struct events *s, struct dbg_error *err)
{
	char *end;
	struct stat st;
	errno = 0;
	long n = strtol(text, &end, 10);
	if (errno || end == text || *end || text[0] < '0' || text[0] > '9' || n > INT32_MAX)
		return dbg_fail(err, DBG_BAD_REQUEST, "events: \"%s\" is no number of a descriptor", text);
	int flags = fcntl((int)n, F_GETFL);
	if (flags < 0)
		return dbg_fail_errno(err, DBG_BAD_REQUEST, errno, "events: descriptor %ld", n);
	if ((flags & O_ACCMODE) == O_RDONLY)
		return dbg_fail(err, DBG_BAD_REQUEST, "events: descriptor %ld is not open for writing", n);
	s->fd = own_description((int)n);
	if (s->fd < 0)
		return dbg_fail_errno(err, DBG_INTERNAL, errno, "events: descriptor %ld", n);
	s->socket = fstat(s->fd, &st) == 0 && S_ISSOCK(st.st_mode);
	if (n > STDERR_FILENO)
		fcntl((int)n, F_SETFD, FD_CLOEXEC);
	return 0;
}

static int connect_to(struct events *s, struct dbg_error *err)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	if (strlen(s->path) >= sizeof to.sun_path)
		return dbg_fail(err, DBG_BAD_REQUEST, "events: the path of a socket has at most %zu characters", sizeof to.sun_path - 1);
	strcpy(to.sun_path, s->path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return dbg_fail_errno(err, DBG_INTERNAL, errno, "events: no socket");
	if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
		int e = errno;
		close(fd);
		return dbg_fail_errno(err, DBG_BAD_REQUEST, e, "events: nobody listens at %s", s->path);
	}
	s->fd = fd;
	return 0;
}

static int open_socket(const char *path, struct events *s, struct dbg_error *err)
{
	s->socket = true;
	s->path = strdup(path);
	return s->path ? connect_to(s, err) : dbg_fail(err, DBG_INTERNAL, "out of memory");
}

static void on_writable(void *arg, int fd, uint32_t events)
{
	struct events *s = arg;
	(void)fd;
	pump(s);
	if (s->fd >= 0 && !s->filled && events & (EPOLLERR | EPOLLHUP))
		reader_gone(s, EPIPE);
}

/* Regular files cannot be watched, and need not. */
static void watch(struct events *s)
{
	struct dbg_error err;
	if (loop_add_fd(s->loop, s->fd, 0, on_writable, s, &s->writable, &err) < 0)
		s->writable = NULL;
}

/* ------------------------------------------------------------------ trouble */

static uint64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void on_retry(void *arg)
{
	struct events *s = arg;
	loop_remove(s->retry);
	s->retry = NULL;
	if (s->fd < 0)
		reconnect(s);
	pump(s);
}

static void retry_later(struct events *s)
{
	struct dbg_error err;
	if (!s->retry && loop_add_timer(s->loop, RETRY_US, on_retry, s, &s->retry, &err) < 0)
		s->retry = NULL; /* then the next event tries */
}

static size_t lines_of(const char *data, size_t n)
{
	size_t lines = 0;
	for (size_t i = 0; i < n; i++)
		lines += data[i] == '\n';
	return lines;
}

static void reader_gone(struct events *s, int e)
{
	log_warning("the event stream has lost its reader: %s", strerror(e));
	loop_remove(s->writable);
	s->writable = NULL;
	close(s->fd);
	s->fd = -1;
	/* What the reader had of a line is lost with it, and so is what waited for it. */
	s->dropped += lines_of(s->data, s->filled);
	s->filled = 0;
	if (s->path)
		retry_later(s);
}

static void put_line(struct events *s, char *line)
{
	size_t n = line ? strlen(line) : 0;
	if (!line) {
		s->dropped++;
		return;
	}
	memcpy(s->data + s->filled, line, n);
	s->data[s->filled + n] = '\n';
	s->filled += n + 1;
	free(line);
}

static void reconnect(struct events *s)
{
	struct dbg_error err;
	if (!s->path || s->retry)
		return;
	if (connect_to(s, &err) < 0) {
		retry_later(s);
		return;
	}
	log_info("the event stream has a reader again");
	watch(s);
	put_line(s, events_json_start(++s->serial));
}

/* ------------------------------------------------------------------ writing */

/* Writes until nothing waits or nothing goes. */
static void pump(struct events *s)
{
	size_t done = 0;
	int e = 0;
	while (s->fd >= 0 && done < s->filled && !e) {
		ssize_t n = s->socket ? send(s->fd, s->data + done, s->filled - done, MSG_DONTWAIT | MSG_NOSIGNAL)
				      : write(s->fd, s->data + done, s->filled - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			e = n == 0 ? ENOSPC : errno;
	}
	memmove(s->data, s->data + done, s->filled - done);
	s->filled -= done;
	if (done)
		s->complained = false;
	switch (e) {
	case 0:
	case EAGAIN:
		if (s->writable)
			loop_set_events(s->writable, e ? EPOLLOUT : 0);
		else if (e)
			retry_later(s);
		break;
	case ENOSPC:
	case EDQUOT:
	case EIO:
	case EFBIG:
	case ENOBUFS:
		if (!s->complained)
			log_warning("the event stream cannot be written: %s; events wait, and are dropped when too many do", strerror(e));
		s->complained = true;
		retry_later(s);
		break;
	default:
		reader_gone(s, e);
		break;
	}
}

void events_put(struct events *s, const struct dbg_process *p, const struct dbg_event *e)
{
	if (!s)
		return;
	if (s->fd < 0)
		reconnect(s);
	char *line = s->fd >= 0 ? events_json(p, e, s->serial + 1 + (s->dropped ? 1 : 0)) : NULL;
	size_t n = line ? strlen(line) + 1 : 0;
	if (!line || s->filled + n + ROOM_FOR_DROPPED > ROOM) {
		s->dropped++;
		free(line);
	} else {
		if (s->dropped) {
			put_line(s, events_json_dropped(++s->serial, s->dropped));
			s->dropped = 0;
		}
		s->serial++;
		put_line(s, line);
	}
	if (s->fd >= 0)
		pump(s);
}

/* ------------------------------------------------------------------ life */

int events_open(const char *where, struct loop *l, struct events **out, struct dbg_error *err)
{
	struct events *s = calloc(1, sizeof *s);
	int status = 0;
	if (s)
		s->data = malloc(ROOM);
	if (!s || !s->data) {
		free(s);
		return dbg_fail(err, DBG_INTERNAL, "out of memory for the event stream");
	}
	s->loop = l;
	s->fd = -1;
	if (strncmp(where, "fd:", 3) == 0)
		status = open_fd(where + 3, s, err);
	else if (strncmp(where, "unix:", 5) == 0)
		status = open_socket(where + 5, s, err);
	else
		status = open_file(where, s, err);
	if (status < 0) {
		events_close(s);
		return status;
	}
	watch(s);
	put_line(s, events_json_start(++s->serial));
	pump(s);
	*out = s;
	return 0;
}

void events_close(struct events *s)
{
	if (!s)
		return;
	uint64_t until = now_us() + LAST_MS * 1000;
	while (s->fd >= 0 && s->filled && !s->complained && now_us() < until) {
		struct pollfd f = { .fd = s->fd, .events = POLLOUT };
		if (poll(&f, 1, (int)((until - now_us()) / 1000) + 1) <= 0)
			break;
		pump(s);
	}
	loop_remove(s->writable);
	loop_remove(s->retry);
	if (s->fd >= 0)
		close(s->fd);
	free(s->path);
	free(s->data);
	free(s);
}
