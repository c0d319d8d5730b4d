/* Loop, sockets, connections and the server's rules, with a target that is played by this file and clients in processes of their own. */
#include "src/server/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "src/server/listen.h"
#include "testsuite/unit/tap.h"

static struct dbg_error err;
static struct loop *l;

static void setup(void)
{
	ck_assert_int_eq(loop_create(&l, &err), 0);
	signal(SIGPIPE, SIG_IGN);
}

static void teardown(void)
{
	loop_destroy(l);
}

/* --- loop --- */

static char order[64];

static void note(void *arg)
{
	strcat(order, arg);
}

static void note_and_quit(void *arg)
{
	note(arg);
	loop_quit(l);
}

static void note_signal(void *arg, int signo)
{
	ck_assert_int_eq(signo, SIGUSR2);
	note(arg);
}

START_TEST(loop_sources)
{
	order[0] = '\0';
	sigset_t before, during, after;
	sigprocmask(SIG_BLOCK, NULL, &before);
	struct loop_source *timer, *sig, *post, *never;
	ck_assert_int_eq(loop_add_signal(l, SIGUSR2, note_signal, (void *)(uintptr_t)"s", &sig, &err), 0);
	sigprocmask(SIG_BLOCK, NULL, &during);
	ck_assert_int_eq(sigismember(&during, SIGUSR2), 1);
	raise(SIGUSR2);
	ck_assert_int_eq(loop_add_timer(l, 30000, note_and_quit, (void *)(uintptr_t)"t", &timer, &err), 0);
	ck_assert_int_eq(loop_add_timer(l, 3600000000, note, (void *)(uintptr_t)"n", &never, &err), 0);
	ck_assert_int_eq(loop_defer(l, note, (void *)(uintptr_t)"d", &err), 0);
	ck_assert_int_eq(loop_add_post(l, note, (void *)(uintptr_t)"p", &post, &err), 0);
	struct timespec start, end;
	clock_gettime(CLOCK_MONOTONIC, &start);
	ck_assert_int_eq(loop_run(l, &err), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ck_assert_ptr_nonnull(strchr(order, 's'));
	ck_assert_ptr_nonnull(strchr(order, 'd'));
	ck_assert_ptr_nonnull(strchr(order, 'p'));
	ck_assert_ptr_nonnull(strchr(order, 't'));
	ck_assert_ptr_null(strchr(order, 'n'));
	ck_assert_ptr_eq(strchr(order, 'd'), strrchr(order, 'd')); /* once */
	double ms = (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
	ck_assert_double_ge(ms, 20);
	ck_assert_double_lt(ms, 2000);
	loop_remove(timer);
	loop_remove(sig);
	loop_remove(post);
	loop_remove(never);
	loop_remove(NULL);
	loop_destroy(l);
	sigprocmask(SIG_BLOCK, NULL, &after);
	ck_assert_int_eq(sigismember(&after, SIGUSR2), sigismember(&before, SIGUSR2));
	ck_assert_int_eq(sigismember(&after, SIGCHLD), sigismember(&before, SIGCHLD));
	ck_assert_int_eq(loop_create(&l, &err), 0);
	ck_assert_int_eq(loop_defer(l, note, (void *)(uintptr_t)"x", &err), 0); /* never runs; freed with the loop */
}
END_TEST

static struct loop_source *self_source;

static void remove_self(void *arg, int fd, uint32_t events)
{
	(void)arg;
	(void)fd;
	(void)events;
	loop_remove(self_source);
	loop_quit(l);
}

START_TEST(a_source_may_remove_itself)
{
	int fds[2];
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	ck_assert_int_eq(loop_add_fd(l, fds[0], EPOLLIN, remove_self, NULL, &self_source, &err), 0);
	ck_assert_int_eq(loop_run(l, &err), 0);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

/* --- the target --- */

static struct {
	pid_t pid;
	unsigned sessions, goodbyes, shut_downs, kills;
	struct rsp_session *session;
} target;

static int target_last_stop(void *t, struct rsp_stop *out)
{
	(void)t;
	*out = (struct rsp_stop){ .kind = target.pid ? RSP_STOP_SIGNAL : RSP_STOP_NONE, .thread = { 1, 1 }, .value = 5 };
	return 0;
}

static int target_kill(void *t, int64_t pid, struct rsp_error *e)
{
	(void)t;
	(void)pid;
	(void)e;
	target.kills++;
	target.pid = 0;
	return 0;
}

static int target_detach(void *t, int64_t pid, struct rsp_error *e)
{
	(void)t;
	(void)pid;
	(void)e;
	target.pid = 0;
	return 0;
}

static int target_attach(void *t, int64_t pid, struct rsp_error *e)
{
	(void)t;
	return rsp_fail(e, RSP_REFUSED, "process %d is not for tests", (int)pid);
}

static int target_resolve(void *t, struct rsp_ptid *id, struct rsp_error *e)
{
	(void)t;
	(void)e;
	*id = (struct rsp_ptid){ 1, 1 };
	return 0;
}

/* The whole address space reads as 'A'. */
static int target_read(void *t, struct rsp_ptid id, uint64_t addr, uint8_t *buf, size_t len, size_t *got, struct rsp_error *e)
{
	(void)t;
	(void)id;
	(void)addr;
	(void)e;
	memset(buf, 'A', len);
	*got = len;
	return 0;
}

static void stop_later(void *arg)
{
	(void)arg;
	struct rsp_stop stop = { .kind = RSP_STOP_SIGNAL, .thread = { 1, 1 }, .value = 2 };
	if (target.session)
		rsp_session_stopped(target.session, &stop);
}

static struct loop_source *stop_timer;

static int target_resume(void *t, const struct rsp_resume *actions, size_t n, struct rsp_error *e)
{
	(void)t;
	(void)actions;
	(void)n;
	(void)e;
	loop_remove(stop_timer);
	return loop_add_timer(l, 20000, stop_later, NULL, &stop_timer, &err);
}

static void target_set_session(void *t, struct rsp_session *s)
{
	(void)t;
	target.session = s;
	if (s)
		target.sessions++;
	else
		target.goodbyes++;
}

static pid_t target_pid(void *t)
{
	(void)t;
	return target.pid;
}

static void target_shut_down(void *t)
{
	(void)t;
	target.shut_downs++;
}

static const struct rsp_target_ops ops = {
	.last_stop = target_last_stop,
	.attach = target_attach,
	.kill = target_kill,
	.detach = target_detach,
	.thread_resolve = target_resolve,
	.mem_read = target_read,
	.resume = target_resume,
};
static const struct server_target server_target = { &ops, NULL, target_set_session, target_pid, target_shut_down };

/* --- clients --- */

static void put_packet(int fd, const char *payload)
{
	unsigned sum = 0;
	char frame[8192];
	for (const char *p = payload; *p; p++)
		sum += (unsigned char)*p;
	int n = snprintf(frame, sizeof frame, "$%s#%02x", payload, sum & 255);
	if (write(fd, frame, (size_t)n) != n)
		_exit(90);
}

/* True when `text` comes within some seconds; at the end of the connection or of patience false. */
static bool expect(int fd, const char *text)
{
	static char got[1 << 20];
	size_t n = 0;
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, 5000) <= 0)
			return false;
		ssize_t r = read(fd, got + n, sizeof got - 1 - n);
		if (r <= 0)
			return false;
		n += (size_t)r;
		got[n] = '\0';
		if (strstr(got, text))
			return true;
	}
}

static bool at_end(int fd)
{
	char bytes[4096];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	while (poll(&p, 1, 5000) > 0) {
		ssize_t r = read(fd, bytes, sizeof bytes);
		if (r <= 0)
			return true;
	}
	return false;
}

static int dial(unsigned port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&at, sizeof at) < 0)
		_exit(91);
	return fd;
}

#define CLIENT(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "client, line %d: %s\n", __LINE__, #condition); \
			_exit(92); \
		} \
	} while (0)

/* Says a packet and waits for what must be in the answer. */
#define ASK(fd, payload, answer) \
	do { \
		put_packet(fd, payload); \
		CLIENT(expect(fd, answer)); \
	} while (0)

static void give_up(void *arg)
{
	server_stop(arg, 77);
}

static struct server *serving;

/* Serves while `client` runs in a process of its own; returns the server's exit status. The client must end well. */
static int serve(const char *comm_text, bool once, bool extended, void (*client)(unsigned port))
{
	struct comm comm;
	struct loop_source *patience;
	ck_assert_int_eq(comm_parse(comm_text, &comm, &err), 0);
	const struct server_config config = { &comm, once, extended };
	ck_assert_msg(server_create(l, &config, &serving, &err) == 0, "%s", err.text);
	memset(&target, 0, sizeof target);
	target.pid = 1234;
	ck_assert_int_eq(server_start(serving, &server_target, &err), 0);
	ck_assert_int_eq(loop_add_timer(l, 20000000, give_up, serving, &patience, &err), 0);
	pid_t child = fork();
	if (child == 0) {
		client(server_port(serving));
		_exit(0);
	}
	ck_assert_int_eq(loop_run(l, &err), 0);
	int status = server_exit_status(serving), client_status;
	server_destroy(serving);
	loop_remove(patience);
	loop_remove(stop_timer);
	stop_timer = NULL;
	ck_assert_int_eq(waitpid(child, &client_status, 0), child);
	ck_assert(WIFEXITED(client_status));
	ck_assert_int_eq(WEXITSTATUS(client_status), 0);
	ck_assert_uint_eq(target.sessions, target.goodbyes);
	return status;
}

static void client_detaches(unsigned port)
{
	int fd = dial(port);
	ASK(fd, "?", "T05");
	ASK(fd, "D", "OK");
	CLIENT(at_end(fd));
}

START_TEST(detach_ends_the_program)
{
	ck_assert_int_eq(serve(":0", false, false, client_detaches), 0);
	ck_assert_uint_eq(target.sessions, 1);
}
END_TEST

static void client_kills(unsigned port)
{
	int fd = dial(port);
	put_packet(fd, "k");
	CLIENT(at_end(fd));
}

START_TEST(kill_ends_the_program)
{
	ck_assert_int_eq(serve(":0", false, false, client_kills), 0);
	ck_assert_uint_eq(target.kills, 1);
}
END_TEST

static void client_vanishes(unsigned port)
{
	int fd = dial(port);
	ASK(fd, "?", "T05");
	close(fd);
}

START_TEST(once_ends_when_the_client_vanishes)
{
	ck_assert_int_eq(serve(":0", true, false, client_vanishes), 0);
	ck_assert_uint_eq(target.kills, 0); /* that is for shut_down() */
}
END_TEST

static void clients_come_and_go(unsigned port)
{
	for (int i = 0; i < 10; i++)
		close(dial(port));
	int fd = dial(port);
	CLIENT(write(fd, "$m1234", 6) == 6); /* in the middle of a packet */
	close(fd);
	fd = dial(port);
	put_packet(fd, "mffff,1000"); /* without waiting for the reply */
	close(fd);
	fd = dial(port);
	put_packet(fd, "vCont;c"); /* while running */
	close(fd);
	for (int i = 0; i < 5; i++)
		client_vanishes(port);
	client_detaches(port);
}

START_TEST(the_next_client_is_served)
{
	ck_assert_int_eq(serve(":0", false, false, clients_come_and_go), 0);
	ck_assert_uint_eq(target.sessions, 19);
}
END_TEST

static void two_clients(unsigned port)
{
	int fd = dial(port);
	ASK(fd, "?", "T05");
	for (int i = 0; i < 3; i++) {
		int second = dial(port);
		CLIENT(at_end(second));
		close(second);
		ASK(fd, "m10,4", "41414141");
	}
	put_packet(fd, "D");
	CLIENT(at_end(fd));
}

START_TEST(a_second_client_is_turned_away)
{
	ck_assert_int_eq(serve(":0", false, false, two_clients), 0);
	ck_assert_uint_eq(target.sessions, 1);
}
END_TEST

static void client_runs(unsigned port)
{
	int fd = dial(port);
	ASK(fd, "vCont;c", "T02"); /* comes from a timer */
	put_packet(fd, "D");
	CLIENT(at_end(fd));
}

START_TEST(stops_are_sent_when_they_come)
{
	ck_assert_int_eq(serve(":0", false, false, client_runs), 0);
}
END_TEST

/* Asks for some 8 MiB without reading, then reads it all. */
static void client_does_not_read(unsigned port)
{
	enum { REQUESTS = 1024, BYTES = 0x1000 };
	int fd = dial(port);
	ASK(fd, "QStartNoAckMode", "OK");
	CLIENT(write(fd, "+", 1) == 1);
	pid_t writer = fork();
	if (writer == 0) {
		for (int i = 0; i < REQUESTS; i++)
			put_packet(fd, "m10,1000");
		_exit(0);
	}
	nanosleep(&(struct timespec){ 0, 300000000 }, NULL);
	size_t packets = 0;
	char bytes[65536];
	while (packets < REQUESTS) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		CLIENT(poll(&p, 1, 5000) > 0);
		ssize_t n = read(fd, bytes, sizeof bytes);
		CLIENT(n > 0);
		for (ssize_t i = 0; i < n; i++)
			packets += bytes[i] == '#';
	}
	CLIENT(waitpid(writer, NULL, 0) == writer);
	put_packet(fd, "D");
	CLIENT(at_end(fd));
}

START_TEST(a_client_that_does_not_read)
{
	ck_assert_int_eq(serve(":0", false, false, client_does_not_read), 0);
}
END_TEST

/* The replies it does not read are lost with it. */
static void client_does_not_read_and_vanishes(unsigned port)
{
	int fd = dial(port);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < 4000; i++)
		if (write(fd, "$m10,1000#ab$m10,1000#ab", 24) < 0)
			break;
	nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
	close(fd);
	client_detaches(port);
}

START_TEST(a_client_that_does_not_read_and_vanishes)
{
	ck_assert_int_eq(serve(":0", false, false, client_does_not_read_and_vanishes), 0);
	ck_assert_uint_eq(target.sessions, 2);
}
END_TEST

static void client_ends_process_and_leaves(unsigned port)
{
	int fd = dial(port);
	ASK(fd, "!", "OK");
	ASK(fd, "D;1", "OK");
	close(fd);
	fd = dial(port); /* extended: there may be another process */
	ASK(fd, "!", "OK");
	kill(getppid(), SIGTERM);
	CLIENT(at_end(fd));
}

static void on_term(void *arg, int signo)
{
	(void)arg;
	server_stop(serving, 128 + signo);
}

START_TEST(extended_mode_goes_on_without_a_process)
{
	struct loop_source *term;
	ck_assert_int_eq(loop_add_signal(l, SIGTERM, on_term, NULL, &term, &err), 0);
	ck_assert_int_eq(serve(":0", false, true, client_ends_process_and_leaves), 128 + SIGTERM);
	ck_assert_uint_eq(target.sessions, 2);
	loop_remove(term);
}
END_TEST

/* --- sockets --- */

static char directory[] = "/tmp/wavestub-test-XXXXXX";
static char socket_path[128], socket_comm[140];

static void make_directory(void)
{
	strcpy(strrchr(directory, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(socket_path, sizeof socket_path, "%s/socket", directory);
	snprintf(socket_comm, sizeof socket_comm, "unix:%s", socket_path);
}

static void unix_client(unsigned port)
{
	(void)port;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	memcpy(at.sun_path, socket_path, strlen(socket_path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CLIENT(connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
	ASK(fd, "?", "T05");
	put_packet(fd, "D");
	CLIENT(at_end(fd));
}

START_TEST(unix_socket)
{
	make_directory();
	ck_assert_int_eq(serve(socket_comm, false, false, unix_client), 0);
	ck_assert_int_eq(access(socket_path, F_OK), -1); /* removed */
	rmdir(directory);
}
END_TEST

START_TEST(unix_socket_that_is_there)
{
	make_directory();
	struct comm comm;
	struct listener *a, *b;
	ck_assert_int_eq(comm_parse(socket_comm, &comm, &err), 0);
	ck_assert_int_eq(listen_open(&comm, &a, &err), 0);
	ck_assert_int_eq(listen_open(&comm, &b, &err), -DBG_REFUSED); /* in use */
	ck_assert_ptr_nonnull(strstr(err.text, socket_path));
	/* Left behind by a program that died: */
	close(listen_fd(a));
	ck_assert_int_eq(listen_open(&comm, &b, &err), 0);
	listen_close(b);
	ck_assert_int_eq(access(socket_path, F_OK), -1);
	/* A file that is no socket is not touched. */
	close(open(socket_path, O_CREAT | O_WRONLY, 0600));
	ck_assert_int_eq(listen_open(&comm, &b, &err), -DBG_BAD_REQUEST);
	ck_assert_int_eq(access(socket_path, F_OK), 0);
	unlink(socket_path);
	rmdir(directory);
	comm.path[0] = '\0';
	snprintf(comm.path, sizeof comm.path, "/no/such/directory/socket");
	ck_assert_int_eq(listen_open(&comm, &b, &err), -DBG_REFUSED);
	int fd = dup(STDERR_FILENO); /* the descriptor that was closed above is closed again with its listener */
	(void)fd;
	listen_close(a);
}
END_TEST

START_TEST(tcp_socket)
{
	struct comm comm;
	struct listener *a, *b;
	ck_assert_int_eq(comm_parse(":0", &comm, &err), 0);
	ck_assert_int_eq(listen_open(&comm, &a, &err), 0);
	ck_assert_uint_ne(listen_port(a), 0);
	struct sockaddr_in at;
	socklen_t n = sizeof at;
	ck_assert_int_eq(getsockname(listen_fd(a), (struct sockaddr *)&at, &n), 0);
	ck_assert_uint_eq(ntohl(at.sin_addr.s_addr), INADDR_LOOPBACK); /* nobody else's business */
	comm.port = (unsigned short)listen_port(a);
	ck_assert_int_eq(listen_open(&comm, &b, &err), -DBG_REFUSED);
	ck_assert_int_eq(err.sys_errno, EADDRINUSE);
	char peer[100];
	int fd;
	ck_assert_int_eq(listen_accept(a, &fd, peer, sizeof peer, &err), -DBG_AGAIN);
	int client = dial(listen_port(a));
	ck_assert_int_eq(listen_accept(a, &fd, peer, sizeof peer, &err), 0);
	ck_assert_ptr_nonnull(strstr(peer, "host 127.0.0.1, port "));
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	close(fd);
	close(client);
	listen_close(a);
	ck_assert_int_eq(comm_parse("no-such-host.invalid:1", &comm, &err), 0);
	ck_assert_int_eq(listen_open(&comm, &a, &err), -DBG_BAD_REQUEST);
	ck_assert_ptr_nonnull(strstr(err.text, "no-such-host.invalid"));
}
END_TEST

static int stdio_in[2], stdio_out[2];

static void stdio_client(unsigned port)
{
	(void)port;
	close(stdio_in[0]);
	close(stdio_out[1]);
	put_packet(stdio_in[1], "?");
	CLIENT(expect(stdio_out[0], "T05"));
	put_packet(stdio_in[1], "m10,2");
	CLIENT(expect(stdio_out[0], "4141"));
	close(stdio_in[1]); /* the end of the input is the end of the program */
	CLIENT(at_end(stdio_out[0]));
}

START_TEST(standard_input_and_output)
{
	/* In a process of its own: standard output is given away. */
	pid_t child = fork();
	if (child == 0) {
		if (pipe2(stdio_in, O_CLOEXEC) < 0 || pipe2(stdio_out, O_CLOEXEC) < 0)
			_exit(2);
		pid_t client = fork();
		if (client == 0) {
			stdio_client(0);
			_exit(0);
		}
		dup2(stdio_in[0], STDIN_FILENO);
		dup2(stdio_out[1], STDOUT_FILENO);
		struct comm comm;
		struct server *s;
		if (loop_create(&l, &err)) /* a loop does not work in a forked process */
			_exit(6);
		comm_parse("stdio", &comm, &err);
		const struct server_config config = { &comm, false, false };
		target.pid = 5;
		if (server_create(l, &config, &s, &err) || server_start(s, &server_target, &err))
			_exit(3);
		/* Programs that are started now get neither. */
		struct stat in, out, e;
		fstat(STDIN_FILENO, &in);
		fstat(STDOUT_FILENO, &out);
		fstat(STDERR_FILENO, &e);
		if (S_ISFIFO(in.st_mode) || out.st_ino != e.st_ino)
			_exit(4);
		close(stdio_in[0]);
		close(stdio_in[1]);
		close(stdio_out[0]);
		close(stdio_out[1]);
		int rc = loop_run(l, &err), status = server_exit_status(s);
		server_destroy(s);
		int client_status = 1;
		waitpid(client, &client_status, 0);
		_exit(rc || status || client_status ? 5 : 0);
	}
	int status;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(loop_sources), TAP_ONE(a_source_may_remove_itself), TAP_ONE(detach_ends_the_program),
		TAP_ONE(kill_ends_the_program), TAP_ONE(once_ends_when_the_client_vanishes), TAP_ONE(the_next_client_is_served),
		TAP_ONE(a_second_client_is_turned_away), TAP_ONE(stops_are_sent_when_they_come),
		TAP_ONE(a_client_that_does_not_read), TAP_ONE(a_client_that_does_not_read_and_vanishes),
		TAP_ONE(extended_mode_goes_on_without_a_process), TAP_ONE(unix_socket), TAP_ONE(unix_socket_that_is_there),
		TAP_ONE(tcp_socket), TAP_ONE(standard_input_and_output),
	};
	return TAP_RUN("server", tests, setup, teardown);
}
