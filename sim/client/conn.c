#include "sim/client/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* Everything here uses bare system calls: wrappers of other preloaded objects and cancellation points of libc stay out of it, as an ioctl
 * is neither. */

enum { FAR_AWAY = 900, KEEP_FREE = 16 };

/* The thread's connection. */
struct connection {
	int fd;          /* valid when pid is not 0 */
	pid_t pid;       /* who made it: a child of fork must make its own */
	uint64_t ino;    /* of the socket: tells whether the program closed it or put something else in its place */
	bool busy;       /* an exchange is under way: we are in a signal handler, or one was left by longjmp */
};
static __thread struct connection mine __attribute__((tls_model("initial-exec")));
static pthread_key_t at_thread_exit;

static uint64_t socket_ino(int fd)
{
	struct stat st;
	return !syscall(SYS_fstat, fd, &st) && S_ISSOCK(st.st_mode) ? st.st_ino : 0;
}

/* Moves the descriptor to a high number, out of the way of programs that count on low ones. */
static int move_away(int fd)
{
	struct rlimit limit;
	int lowest = FAR_AWAY;
	if (!syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit) && limit.rlim_cur < (rlim_t)(FAR_AWAY + KEEP_FREE))
		lowest = limit.rlim_cur > 2 * KEEP_FREE ? (int)limit.rlim_cur - KEEP_FREE : 3;
	int moved = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, lowest);
	if (moved < 0)
		return fd;
	syscall(SYS_close, fd);
	return moved;
}

static int connect_now(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = getenv(WIRE_SOCKET_VARIABLE);
	static char remembered[sizeof(addr.sun_path)]; /* programs may clear their environment */
	if (!remembered[0] && path && strlen(path) < sizeof(remembered))
		strcpy(remembered, path);
	if (!remembered[0])
		return -ENODEV;
	strcpy(addr.sun_path, remembered);
	int fd = (int)syscall(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	long done;
	do
		done = syscall(SYS_connect, fd, &addr, sizeof(addr));
	while (done < 0 && errno == EINTR);
	if (done < 0) {
		syscall(SYS_close, fd);
		return -ENODEV;
	}
	return move_away(fd);
}

/* ------------------------------------------------------------------ one exchange on a connection */

static int send_request(int fd, const struct client_exchange *x)
{
	struct iovec iov[2] = { { (void *)(uintptr_t)&x->request, sizeof(x->request) }, { (void *)(uintptr_t)x->data, x->data_bytes } };
	union wire_control control;
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = x->data_bytes ? 2 : 1 };
	wire_attach(&msg, &control, x->fd_in);
	long n;
	do
		n = syscall(SYS_sendmsg, fd, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* Asks for the answer now. The request may have been answered meanwhile: then this is ignored. */
static void send_cancel(int fd)
{
	struct wire_request cancel = { .op = WIRE_CANCEL };
	syscall(SYS_sendto, fd, &cancel, sizeof(cancel), MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0);
}

/* Sleeps until the answer is there. poll is interrupted by every handler, while the receive call of receive_reply goes on after handlers
 * that restart system calls: between them they behave as the ioctls do. */
static void await(int fd, const struct client_exchange *x)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	if (x->sleep == CLIENT_INTERRUPTIBLE && syscall(SYS_ppoll, &p, 1ul, NULL, NULL, 0ul) < 0 && errno == EINTR)
		send_cancel(fd);
}

static int64_t receive_reply(int fd, struct client_exchange *x)
{
	struct wire_reply reply;
	struct iovec iov[2] = { { &reply, sizeof(reply) }, { x->answer, x->answer_bytes } };
	union wire_control control;
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = x->answer_bytes ? 2 : 1 };
	long n;
	await(fd, x);
	for (;;) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		n = syscall(SYS_recvmsg, fd, &msg, x->fd_cloexec ? MSG_CMSG_CLOEXEC : 0);
		if (n >= 0 || errno != EINTR)
			break;
		if (x->sleep == CLIENT_RESTARTABLE)
			send_cancel(fd);
	}
	if (n < 0)
		return errno == EFAULT ? -EFAULT : -ENODEV;
	if (n < (long)sizeof(reply))
		return -ENODEV;
	x->fd_out = wire_attached(&msg);
	x->fd_offset = reply.fd_offset;
	return reply.result;
}

static int64_t exchange_on(int fd, struct client_exchange *x)
{
	int err = send_request(fd, x);
	return err ? err : receive_reply(fd, x);
}

/* ------------------------------------------------------------------ whose connection */

/* The thread's connection, made when there is none or it is not usable any more. -errno. */
static int my_connection(pid_t pid)
{
	if (mine.pid == pid && mine.ino && socket_ino(mine.fd) == mine.ino)
		return mine.fd;
	int fd = connect_now();
	if (fd < 0)
		return fd;
	mine.fd = fd;
	mine.pid = pid;
	mine.ino = socket_ino(fd);
	pthread_setspecific(at_thread_exit, &mine);
	return fd;
}

int64_t client_exchange(struct client_exchange *x)
{
	int saved = errno;
	pid_t pid = (pid_t)syscall(SYS_getpid);
	x->fd_out = -1;
	x->fd_offset = WIRE_NO_FD;
	x->request.tid = (int32_t)syscall(SYS_gettid);
	/* A process that shares our memory without being us (vfork) must not touch the connection; nor may a signal handler. */
	bool own = mine.busy || (mine.pid && mine.pid != pid);
	int fd = own ? connect_now() : my_connection(pid);
	int64_t result = fd;
	if (fd >= 0 && own) {
		result = exchange_on(fd, x);
		syscall(SYS_close, fd);
	} else if (fd >= 0) {
		mine.busy = true;
		result = exchange_on(fd, x);
		mine.busy = false;
		if (result == -EPIPE || result == -ECONNRESET) /* the simulator hung up on us */
			result = -ENODEV;
	}
	errno = saved;
	return result;
}

static void thread_exits(void *arg)
{
	struct connection *c = arg;
	if (c->pid == (pid_t)syscall(SYS_getpid) && socket_ino(c->fd) == c->ino)
		syscall(SYS_close, c->fd);
	c->pid = 0;
}

/* The child of fork has a copy of the parent's connection: away with it. */
static void in_child(void)
{
	if (mine.pid && socket_ino(mine.fd) == mine.ino)
		syscall(SYS_close, mine.fd);
	mine.pid = 0;
	mine.busy = false;
}

void client_conn_init(void)
{
	pthread_key_create(&at_thread_exit, thread_exits);
	pthread_atfork(NULL, NULL, in_child);
}
