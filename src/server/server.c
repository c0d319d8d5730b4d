#include "src/server/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/server/conn.h"
#include "src/server/listen.h"

struct server {
	struct loop *loop;
	struct comm comm;
	bool once, extended;
	const struct server_target *target;
	struct listener *listener; /* NULL for standard input and output */
	int in, out;               /* those, moved away; -1 when given to a connection */
	struct loop_source *accept_source, *post_source;
	struct conn *conn;
	struct rsp_session *session;
	bool stopping;
	bool left_running;
	int exit_status;
};

static void wire_log(void *arg, char dir, const char *bytes, size_t n)
{
	enum { SHOWN = 400 };
	(void)arg;
	if (!log_enabled(LOG_WIRE))
		return;
	char text[SHOWN * 4 + 1];
	size_t at = 0;
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c >= ' ' && c < 0x7f) {
			text[at++] = (char)c;
		} else {
			static const char digits[] = "0123456789abcdef";
			text[at++] = '\\';
			text[at++] = 'x';
			text[at++] = digits[c >> 4];
			text[at++] = digits[c & 15];
		}
	}
	text[at] = '\0';
	if (n > SHOWN)
		log_debug(LOG_WIRE, "%c %s... (%zu bytes)", dir, text, n);
	else
		log_debug(LOG_WIRE, "%c %s", dir, text);
}

/* --- one client --- */

static void drop_client(struct server *s)
{
	if (s->session) {
		s->extended = s->extended || rsp_session_extended(s->session);
		s->target->set_session(s->target->t, NULL);
		rsp_session_destroy(s->session);
		s->session = NULL;
	}
	conn_destroy(s->conn);
	s->conn = NULL;
}

static void say_listening(const struct server *s)
{
	if (s->comm.kind == COMM_UNIX)
		log_notice("Listening on socket %s", s->comm.path);
	else
		log_notice("Listening on port %u", listen_port(s->listener));
}

/* The client is gone and did not say goodbye. */
static void on_closed(void *arg, const char *why)
{
	struct server *s = arg;
	log_debug(LOG_WIRE, "connection: %s", why);
	drop_client(s);
	if (s->once || !s->listener || (!s->extended && s->target->pid(s->target->t) == 0)) {
		server_stop(s, 0);
		return;
	}
	log_notice("Remote side has terminated connection.  wavestub will reopen the connection.");
	say_listening(s);
}

static void on_bytes(void *arg, const void *bytes, size_t n)
{
	struct server *s = arg;
	if (s->session && rsp_session_ending(s->session) == RSP_GOES_ON)
		rsp_session_feed(s->session, bytes, n);
}

static void on_writable(void *arg)
{
	(void)arg; /* the end of the round looks at the output anyway */
}

static const struct conn_handlers handlers = { on_bytes, on_writable, on_closed };

static int start_client(struct server *s, int in, int out, const char *peer, struct dbg_error *err)
{
	const struct rsp_session_config config = { .extended = s->extended, .log = wire_log };
	s->session = rsp_session_create(s->target->ops, s->target->t, &config);
	int rc = s->session ? conn_create(s->loop, in, out, &handlers, s, &s->conn, err) : dbg_fail(err, DBG_INTERNAL, "out of memory");
	if (rc) {
		rsp_session_destroy(s->session);
		s->session = NULL;
		close(in);
		if (out != in)
			close(out);
		return rc;
	}
	if (s->listener)
		log_notice("Remote debugging from %s", peer);
	else
		log_notice("Remote debugging using stdio");
	s->target->set_session(s->target->t, s->session);
	return 0;
}

static void on_knock(void *arg, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	struct server *s = arg;
	struct dbg_error err;
	char peer[256];
	int client;
	int rc = listen_accept(s->listener, &client, peer, sizeof peer, &err);
	if (rc == -DBG_AGAIN)
		return;
	if (!rc && s->conn) {
		log_info("a client from %s is turned away: there is one already", peer);
		close(client);
		return;
	}
	if (!rc)
		rc = start_client(s, client, client, peer, &err);
	if (rc)
		log_error("%s", err.text);
}

/* The client has detached, killed the process or asked the program to end, and has been told that it is so. */
static void finish(struct server *s, enum rsp_ending how)
{
	s->left_running = how == RSP_ENDED_DETACHED;
	drop_client(s);
	server_stop(s, 0);
}

/* After each round of callbacks: sends what the session has to say. */
static void on_round(void *arg)
{
	struct server *s = arg;
	size_t left = 0;
	if (!s->conn)
		return;
	for (;;) {
		size_t n;
		const void *bytes = rsp_session_output(s->session, &n);
		size_t done = n ? conn_write(s->conn, bytes, n) : 0;
		if (done)
			rsp_session_sent(s->session, done);
		left = n - done;
		if (n == 0 || left)
			break;
	}
	enum rsp_ending ending = rsp_session_ending(s->session);
	if (ending == RSP_ENDED_BROKEN)
		on_closed(s, "out of memory");
	else if (ending != RSP_GOES_ON && !left)
		finish(s, ending);
	else
		conn_set_reading(s->conn, rsp_session_wants_input(s->session));
}

/* --- the whole --- */

/* Moves standard input and output out of the way of programs that are started later. */
static int take_stdio(struct server *s, struct dbg_error *err)
{
	enum { FIRST = 10 };
	s->in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, FIRST);
	s->out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, FIRST);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (s->in < 0 || s->out < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
		int e = errno;
		if (null > STDERR_FILENO)
			close(null);
		return dbg_fail_errno(err, DBG_INTERNAL, e, "standard input and output cannot be used");
	}
	if (null > STDERR_FILENO)
		close(null);
	return 0;
}

int server_create(struct loop *l, const struct server_config *config, struct server **out, struct dbg_error *err)
{
	struct server *s = calloc(1, sizeof *s);
	if (!s)
		return dbg_fail(err, DBG_INTERNAL, "out of memory");
	s->loop = l;
	s->comm = *config->comm;
	s->once = config->once;
	s->extended = config->extended;
	s->in = s->out = -1;
	int rc = s->comm.kind == COMM_STDIO ? take_stdio(s, err) : listen_open(&s->comm, &s->listener, err);
	if (rc) {
		server_destroy(s);
		return rc;
	}
	*out = s;
	return 0;
}

int server_start(struct server *s, const struct server_target *target, struct dbg_error *err)
{
	s->target = target;
	int rc = loop_add_post(s->loop, on_round, s, &s->post_source, err);
	if (rc)
		return rc;
	if (!s->listener) {
		int in = s->in, out = s->out;
		s->in = s->out = -1;
		return start_client(s, in, out, "", err);
	}
	rc = loop_add_fd(s->loop, listen_fd(s->listener), EPOLLIN, on_knock, s, &s->accept_source, err);
	if (rc)
		return rc;
	/* What an earlier client has sent, its end above all, is seen before the next one is let in or turned away. */
	loop_set_last(s->accept_source);
	say_listening(s);
	return 0;
}

void server_stop(struct server *s, int exit_status)
{
	if (s->stopping)
		return;
	s->stopping = true;
	s->exit_status = exit_status;
	loop_quit(s->loop);
}

int server_exit_status(const struct server *s)
{
	return s->exit_status;
}

bool server_left_running(const struct server *s)
{
	return s->left_running;
}

unsigned server_port(const struct server *s)
{
	return s->listener ? listen_port(s->listener) : 0;
}

void server_end_client(struct server *s)
{
	drop_client(s);
}

void server_destroy(struct server *s)
{
	if (!s)
		return;
	drop_client(s);
	loop_remove(s->accept_source);
	loop_remove(s->post_source);
	listen_close(s->listener);
	if (s->in >= 0)
		close(s->in);
	if (s->out >= 0)
		close(s->out);
	free(s);
}
