#include "sim/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/client/wire.h"
#include "sim/driver/abi.h"
#include "sim/driver/backing.h"
#include "sim/driver/events.h"
#include "sim/driver/ioctl.h"
#include "sim/driver/memory.h"
#include "sim/driver/render.h"
#include "sim/driver/topology.h"

enum {
	MAX_READY = 64,
	GPU_SLICE_US = 100,
	EXEC_CHECK_NS = 1000000000,
	EXEC_RETRY_NS = 500000,
	LINGER_NS = 20000,       /* a program that got an answer often asks again at once: wait that long before the next slice */
	LINGER_MOST_NS = 400000, /* but leave the GPU its share */
	KFD_DEV_MAJOR = 236,
	DRM_DEV_MAJOR = 226,
};

/* Something epoll watches. */
struct source {
	void (*ready)(struct sim_server *server, struct source *source);
	int fd;
	bool dead; /* removed while events of the same round are still handled; freed after it */
	struct source *next_dead;
};

struct client;

/* One connection of one thread. */
struct conn {
	struct source source; /* first: a conn is its source */
	struct client *client;
	struct conn *next;    /* of the client */
	struct sim_call *call; /* asleep; NULL none */
	bool discard;          /* nobody wants the answer of the call */
};

/* A process that talks to us or has a record in the driver. */
struct client {
	struct source source; /* its pidfd */
	struct client *next;
	pid_t pid;
	struct conn *conns;
	uint64_t exec_until; /* a connection ended: until then (clock) it may turn out that the process did an exec; 0 it did not */
};

/* A descriptor watched for the driver. */
struct watch {
	struct source source;
	struct watch *next;
	void (*ready)(void *ctx);
	void *ctx;
};

struct sim_server {
	struct sim_driver *driver;
	struct source listener, signals;
	int epoll;
	struct client *clients;
	struct watch *watches;
	struct source *dead;
	struct wire_config config;
	pid_t command;
	int command_status;
	bool command_ended, quit;
	uint8_t in[sizeof(struct wire_request) + WIRE_MAX_ARG];
};

/* ------------------------------------------------------------------ sources */

static bool source_add(struct sim_server *server, struct source *source)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };
	return !epoll_ctl(server->epoll, EPOLL_CTL_ADD, source->fd, &event);
}

/* Takes the source out and closes its descriptor; its memory lives until the end of the round. */
static void source_remove(struct sim_server *server, struct source *source, bool close_fd)
{
	epoll_ctl(server->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	if (close_fd)
		close(source->fd);
	source->dead = true;
	source->next_dead = server->dead;
	server->dead = source;
}

static void free_dead(struct sim_server *server)
{
	while (server->dead) {
		struct source *next = server->dead->next_dead;
		free(server->dead);
		server->dead = next;
	}
}

/* ------------------------------------------------------------------ answers */

static void send_reply(const struct conn *conn, int64_t result, const void *data, size_t n, int fd, uint32_t fd_offset)
{
	struct wire_reply reply = { .result = result, .fd_offset = fd_offset };
	struct iovec iov[2] = { { &reply, sizeof(reply) }, { (void *)(uintptr_t)data, n } };
	union wire_control control;
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = n ? 2 : 1 };
	wire_attach(&msg, &control, fd);
	sendmsg(conn->source.fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT); /* fails only when the peer is gone, which is noticed elsewhere */
}

static void reply_result(const struct conn *conn, int64_t result)
{
	send_reply(conn, result, NULL, 0, -1, WIRE_NO_FD);
}

static void call_free(struct sim_call *call)
{
	if (call->fd_in >= 0)
		close(call->fd_in);
	if (call->fd_out >= 0)
		close(call->fd_out);
	free(call->arg);
	free(call);
}

static bool copies_out(const struct sim_call *call, uint32_t node)
{
	return node ? sim_render_copies_out(call->nr) : sim_ioctl_copies_out(call->nr);
}

/* The argument goes back even when the call failed (kfd-debug-interface.md 1.2). */
static void reply_call(const struct conn *conn, struct sim_call *call, uint32_t node, int result)
{
	bool out = copies_out(call, node);
	uint32_t fd_offset = call->fd_out >= 0 && result >= 0 ? (uint32_t)call->fd_out_offset : WIRE_NO_FD;
	send_reply(conn, result, call->arg, out ? call->caller_size : 0, fd_offset == WIRE_NO_FD ? -1 : call->fd_out, fd_offset);
}

static void log_call(const struct sim_call *call, uint32_t node, int result, const char *note)
{
	char number[32];
	const char *name = node ? "" : sim_ioctl_name(call->nr);
	snprintf(number, sizeof(number), "%s 0x%x", node ? "render node" : "ioctl", call->nr);
	sim_log(call->driver, 2, "%d/%d %s = %d%s%s", (int)call->pid, (int)call->tid, *name ? name : number, result, result < 0 ? " " : "",
		result < 0 ? strerror(-result) : note);
}

/* driver->finish: a sleeping call has its answer. */
static void finish(struct sim_call *call, int result)
{
	struct conn *conn = call->transport;
	conn->call = NULL;
	log_call(call, 0, result, " (slept)");
	if (!conn->discard && !conn->source.dead)
		reply_call(conn, call, 0, result);
	conn->discard = false;
	call_free(call);
}

static void cancel(struct conn *conn, bool discard)
{
	if (!conn->call)
		return;
	conn->discard = discard;
	if (conn->call->cancel)
		conn->call->cancel(conn->call);
}

/* ------------------------------------------------------------------ clients */

static void conn_close(struct sim_server *server, struct conn *conn)
{
	cancel(conn, true);
	for (struct conn **link = &conn->client->conns; *link; link = &(*link)->next)
		if (*link == conn) {
			*link = conn->next;
			break;
		}
	source_remove(server, &conn->source, true);
}

static struct sim_process *find_record(struct sim_driver *driver, pid_t pid)
{
	for (struct sim_process *p = sim_process_first(driver); p; p = p->next)
		if (p->pid == pid)
			return p;
	return NULL;
}

/* Its pidfd is readable: the process has ended. */
static void client_died(struct sim_server *server, struct source *source)
{
	struct client *client = (struct client *)source;
	struct sim_process *process = find_record(server->driver, client->pid);
	if (process)
		sim_process_destroy(process);
	while (client->conns)
		conn_close(server, client->conns);
	for (struct client **link = &server->clients; *link; link = &(*link)->next)
		if (*link == client) {
			*link = client->next;
			break;
		}
	source_remove(server, source, true);
}

static struct client *client_get(struct sim_server *server, pid_t pid)
{
	for (struct client *c = server->clients; c; c = c->next)
		if (c->pid == pid)
			return c;
	struct client *client = calloc(1, sizeof(*client));
	if (!client)
		return NULL;
	client->pid = pid;
	client->source.ready = client_died;
	client->source.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (client->source.fd < 0 || !source_add(server, &client->source)) {
		if (client->source.fd >= 0)
			close(client->source.fd);
		free(client);
		return NULL;
	}
	client->next = server->clients;
	server->clients = client;
	return client;
}

static void process_added(struct sim_process *process)
{
	client_get(process->driver->transport, process->pid);
}

/* The record is about to go: nothing may sleep in it any longer. */
static void process_removed(struct sim_process *process)
{
	struct sim_server *server = process->driver->transport;
	for (struct client *c = server->clients; c; c = c->next)
		for (struct conn *conn = c->conns; conn; conn = conn->next)
			if (conn->call && conn->call->process == process)
				cancel(conn, true);
}

/* ------------------------------------------------------------------ requests */

static void on_hello(struct sim_server *server, struct conn *conn)
{
	struct sim_process *process = find_record(server->driver, conn->client->pid);
	if (process && sim_process_replaced(process) > 0)
		sim_process_destroy(process); /* the image that had it is gone */
	conn->client->exec_until = 0;
	send_reply(conn, 0, &server->config, sizeof(server->config), -1, WIRE_NO_FD);
}

static struct sim_backing *node_backing(struct sim_server *server, uint32_t node)
{
	return node ? &server->driver->render[node - 1] : &server->driver->kfd;
}

static void on_open(struct sim_server *server, struct conn *conn, const struct wire_request *req)
{
	if (req->node == 0) {
		struct sim_process *process = sim_process_get(server->driver, conn->client->pid);
		if (!process) {
			reply_result(conn, -errno);
			return;
		}
		process->opened = true;
	}
	int fd = sim_backing_open(node_backing(server, req->node));
	if (fd < 0) {
		reply_result(conn, -errno);
		return;
	}
	send_reply(conn, 0, NULL, 0, fd, 0);
	close(fd);
}

/* Offset in the file behind /dev/kfd for an offset that the driver handed out (kfd-debug-interface.md 6.9). */
static int64_t kfd_mmap(struct sim_process *process, uint64_t offset, uint64_t length)
{
	struct sim_pdd *pdd = sim_process_pdd(process, offset >> SIM_MMAP_GPU_ID_SHIFT & 0xffff);
	switch (offset >> SIM_MMAP_TYPE_SHIFT) {
	case SIM_MMAP_DOORBELL:
		if (!pdd || length != SIM_DOORBELL_BYTES)
			return -EINVAL;
		return sim_process_doorbells(pdd) ? (int64_t)pdd->doorbell_offset : -ENOMEM;
	case SIM_MMAP_EVENTS:
		return sim_events_page_offset(process) && length <= 0x8000 ? (int64_t)sim_events_page_offset(process) : -EINVAL;
	case SIM_MMAP_MMIO:
		return pdd && pdd->mmio_offset && length <= 4096 ? (int64_t)pdd->mmio_offset : -EINVAL;
	}
	return -EINVAL;
}

static void on_mmap(struct sim_server *server, struct conn *conn, const struct wire_request *req)
{
	struct sim_process *process = sim_process_find(server->driver, conn->client->pid);
	if (!process || (!req->node && !process->opened)) {
		reply_result(conn, req->node ? -EACCES : -EBADF);
		return;
	}
	if (!req->node) {
		reply_result(conn, kfd_mmap(process, req->offset, req->length));
		return;
	}
	struct sim_device *device = &server->driver->devices[req->node - 1];
	uint64_t length = (req->length + 4095) & ~4095ull;
	reply_result(conn, sim_memory_by_offset(process->memory, device, req->offset, length) ? (int64_t)req->offset : -EACCES);
}

static struct sim_call *call_create(struct sim_server *server, struct conn *conn, const struct wire_request *req, const uint8_t *arg,
				    size_t n, int fd)
{
	struct sim_call *call = calloc(1, sizeof(*call));
	unsigned nr = _IOC_NR(req->cmd);
	size_t kernel = req->node ? sim_render_ioctl_size(nr) : sim_ioctl_size(nr);
	size_t size = n > kernel ? n : kernel;
	uint8_t *bytes = calloc(1, size ? size : 1);
	if (!call || !bytes) {
		free(call);
		free(bytes);
		return NULL;
	}
	memcpy(bytes, arg, n);
	*call = (struct sim_call){ .driver = server->driver, .process = sim_process_find(server->driver, conn->client->pid),
		.pid = conn->client->pid, .tid = req->tid, .nr = nr, .arg = bytes, .arg_size = size, .caller_size = n, .fd_in = fd,
		.fd_out = -1, .transport = conn };
	return call;
}

static void on_ioctl(struct sim_server *server, struct conn *conn, const struct wire_request *req, const uint8_t *arg, size_t n, int fd)
{
	struct sim_call *call = call_create(server, conn, req, arg, n, fd);
	if (!call) {
		if (fd >= 0)
			close(fd);
		reply_result(conn, -ENOMEM);
		return;
	}
	int result = req->node ? sim_render_ioctl(call, &server->driver->devices[req->node - 1]) : sim_driver_ioctl(call);
	if (result == SIM_LATER) {
		sim_log(server->driver, 2, "%d/%d %s sleeps", (int)call->pid, (int)call->tid, sim_ioctl_name(call->nr));
		conn->call = call;
		return;
	}
	log_call(call, req->node, result, "");
	reply_call(conn, call, req->node, result);
	call_free(call);
}

static void on_opened(struct sim_server *server, struct conn *conn, const uint8_t *path, size_t n)
{
	char text[WIRE_MAX_PATH];
	if (n < sizeof(text)) {
		memcpy(text, path, n);
		text[n] = 0;
		sim_topology_opened(server->driver, text);
	}
	reply_result(conn, 0);
}

static void dispatch(struct sim_server *server, struct conn *conn, size_t n, int fd)
{
	struct wire_request req;
	memcpy(&req, server->in, sizeof(req));
	const uint8_t *rest = server->in + sizeof(req);
	size_t n_rest = n - sizeof(req);
	if (req.op == WIRE_CANCEL) {
		cancel(conn, false);
	} else if (conn->call || req.node >= server->config.n_nodes) {
		conn_close(server, conn); /* not our client */
	} else if (req.op == WIRE_IOCTL) {
		on_ioctl(server, conn, &req, rest, n_rest, fd);
		return;
	} else if (req.op == WIRE_HELLO) {
		on_hello(server, conn);
	} else if (req.op == WIRE_OPEN) {
		on_open(server, conn, &req);
	} else if (req.op == WIRE_MMAP) {
		on_mmap(server, conn, &req);
	} else if (req.op == WIRE_OPENED) {
		on_opened(server, conn, rest, n_rest);
	} else {
		conn_close(server, conn);
	}
	if (fd >= 0)
		close(fd);
}

static void conn_ready(struct sim_server *server, struct source *source)
{
	struct conn *conn = (struct conn *)source;
	struct iovec iov = { server->in, sizeof(server->in) };
	union wire_control control;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(source->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	int fd = n > 0 ? wire_attached(&msg) : -1;
	if (n < (ssize_t)sizeof(struct wire_request) || msg.msg_flags & MSG_TRUNC) {
		if (fd >= 0)
			close(fd);
		conn->client->exec_until = sim_clock_ns() + EXEC_CHECK_NS;
		conn_close(server, conn);
		return;
	}
	dispatch(server, conn, (size_t)n, fd);
}

static void listener_ready(struct sim_server *server, struct source *source)
{
	int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct conn *conn = calloc(1, sizeof(*conn));
	struct client *client = conn && !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) ? client_get(server, peer.pid) : NULL;
	if (client) {
		conn->source.ready = conn_ready;
		conn->source.fd = fd;
		conn->client = client;
		if (source_add(server, &conn->source)) {
			conn->next = client->conns;
			client->conns = conn;
			return;
		}
	}
	free(conn);
	close(fd);
}

/* ------------------------------------------------------------------ descriptors of the driver */

static void watch_ready(struct sim_server *server, struct source *source)
{
	struct watch *watch = (struct watch *)source;
	(void)server;
	watch->ready(watch->ctx);
}

static void watch_fd(struct sim_driver *driver, int fd, void (*ready)(void *ctx), void *ctx)
{
	struct sim_server *server = driver->transport;
	struct watch *watch = calloc(1, sizeof(*watch));
	if (!watch)
		return;
	*watch = (struct watch){ .source = { .ready = watch_ready, .fd = fd }, .next = server->watches, .ready = ready, .ctx = ctx };
	if (!source_add(server, &watch->source)) {
		free(watch);
		return;
	}
	server->watches = watch;
}

static void unwatch_fd(struct sim_driver *driver, int fd)
{
	struct sim_server *server = driver->transport;
	for (struct watch **link = &server->watches; *link; link = &(*link)->next)
		if ((*link)->source.fd == fd) {
			struct watch *watch = *link;
			*link = watch->next;
			source_remove(server, &watch->source, false);
			return;
		}
}

/* ------------------------------------------------------------------ signals and children */

static void reap(struct sim_server *server)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == server->command) {
			server->command_status = status;
			server->command_ended = true;
		}
}

static void signals_ready(struct sim_server *server, struct source *source)
{
	struct signalfd_siginfo info;
	while (read(source->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD) {
			reap(server);
			continue;
		}
		/* A signal of the terminal has reached the command already. */
		if (!server->command_ended && info.ssi_code != SI_KERNEL)
			kill(server->command, (int)info.ssi_signo);
		if (server->command_ended)
			server->quit = true;
	}
}

/* ------------------------------------------------------------------ the loop */

/* Lets the devices work; answers the nanoseconds that may pass until they want it again, -1 for ever. */
static int64_t run_devices(struct sim_driver *driver)
{
	int64_t next = -1;
	for (unsigned i = 0; i < driver->n_devices; i++) {
		int us = sim_gpu_run(driver->devices[i].gpu, GPU_SLICE_US);
		if (us >= 0 && (next < 0 || us * 1000ll < next))
			next = us * 1000ll;
	}
	return next;
}

static int wait_ready(const struct sim_server *server, struct epoll_event *ready, int64_t ns)
{
	struct timespec ts = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
	int n = epoll_pwait2(server->epoll, ready, MAX_READY, ns < 0 ? NULL : &ts, NULL);
	if (n < 0 && errno == ENOSYS)
		n = epoll_wait(server->epoll, ready, MAX_READY, ns < 0 ? -1 : (int)((ns + 999999) / 1000000));
	return n;
}

static bool in_use(const struct sim_server *server)
{
	return sim_process_first(server->driver) != NULL;
}

/* Waits up to `ns` (-1: for ever) and serves what has come. False: nothing came. */
static bool serve(struct sim_server *server, int64_t ns)
{
	struct epoll_event ready[MAX_READY];
	int n = wait_ready(server, ready, ns);
	for (int i = 0; i < n; i++) {
		struct source *source = ready[i].data.ptr;
		if (!source->dead)
			source->ready(server, source);
	}
	free_dead(server);
	return n > 0;
}

/* An exec closes the connections of the old image, a little before the new one can be told from it. Its record must go then, not when the new
 * image comes to the device, which it may never do: a debugger that becomes another program lets its targets go. Answers the nanoseconds after
 * which to look again, -1 for ever. */
static int64_t check_execs(struct sim_server *server)
{
	int64_t next = -1;
	for (struct client *c = server->clients; c; c = c->next) {
		if (!c->exec_until)
			continue;
		struct sim_process *process = find_record(server->driver, c->pid);
		int replaced = process ? sim_process_replaced(process) : 0;
		if (replaced > 0)
			sim_process_destroy(process);
		if (replaced >= 0 || sim_clock_ns() > c->exec_until)
			c->exec_until = 0;
		else
			next = EXEC_RETRY_NS;
	}
	return next;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void round_of_events(struct sim_server *server)
{
	int64_t timer = sooner(sim_driver_run_timers(server->driver), check_execs(server));
	int64_t gpu = run_devices(server->driver);
	int64_t ns = sooner(gpu, timer);
	if (!serve(server, ns) || gpu < 0)
		return;
	uint64_t start = sim_clock_ns();
	while (serve(server, LINGER_NS) && sim_clock_ns() - start < LINGER_MOST_NS)
		;
}

int sim_server_run(struct sim_server *server, pid_t command)
{
	server->command = command;
	reap(server);
	while (!server->quit && (!server->command_ended || in_use(server)))
		round_of_events(server);
	return server->command_status;
}

/* ------------------------------------------------------------------ setting up */

static bool fill_node(struct wire_node *node, const char *root, const char *path, const struct sim_backing *backing, uint32_t major,
		      uint32_t minor)
{
	char full[WIRE_MAX_PATH + 64];
	struct stat st;
	snprintf(full, sizeof(full), "%s%s", root, path);
	snprintf(node->path, sizeof(node->path), "%s", path);
	if (stat(full, &st))
		return false;
	node->dev = backing->dev;
	node->ino = backing->ino;
	node->place_dev = st.st_dev;
	node->place_ino = st.st_ino;
	node->major = major;
	node->minor = minor;
	return true;
}

static bool fill_config(struct sim_server *server, const char *root)
{
	struct wire_config *config = &server->config;
	struct sim_driver *driver = server->driver;
	config->version = WIRE_VERSION;
	config->simulator = getpid();
	if (strlen(root) >= sizeof(config->root) || !sim_topology_prefixes(driver, config->prefixes, sizeof(config->prefixes))) {
		errno = ENAMETOOLONG;
		return false;
	}
	strcpy(config->root, root);
	if (!fill_node(&config->nodes[0], root, "/dev/kfd", &driver->kfd, KFD_DEV_MAJOR, 0))
		return false;
	for (unsigned i = 0; i < driver->n_devices; i++) {
		char path[64];
		uint32_t minor = driver->devices[i].drm_render_minor;
		snprintf(path, sizeof(path), "/dev/dri/renderD%u", minor);
		if (!fill_node(&config->nodes[i + 1], root, path, &driver->render[i], DRM_DEV_MAJOR, minor))
			return false;
	}
	config->n_nodes = driver->n_devices + 1;
	return true;
}

static bool listen_at(struct source *source, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	strcpy(addr.sun_path, path);
	source->ready = listener_ready;
	source->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return source->fd >= 0 && !bind(source->fd, (struct sockaddr *)&addr, sizeof(addr)) && !listen(source->fd, SOMAXCONN);
}

static sigset_t served_signals(void)
{
	static const int signals[] = { SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	return set;
}

void sim_server_block_signals(sigset_t *before)
{
	sigset_t set = served_signals();
	sigprocmask(SIG_BLOCK, &set, before);
}

static bool take_signals(struct source *source)
{
	sigset_t set = served_signals();
	source->ready = signals_ready;
	source->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return source->fd >= 0;
}

struct sim_server *sim_server_create(struct sim_driver *driver, const char *socket_path, const char *root)
{
	struct sim_server *server = calloc(1, sizeof(*server));
	if (!server)
		return NULL;
	server->driver = driver;
	server->listener.fd = server->signals.fd = -1;
	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	driver->transport = server;
	driver->finish = finish;
	driver->process_added = process_added;
	driver->process_removed = process_removed;
	driver->watch_fd = watch_fd;
	driver->unwatch_fd = unwatch_fd;
	if (server->epoll >= 0 && fill_config(server, root) && listen_at(&server->listener, socket_path) && take_signals(&server->signals) &&
	    source_add(server, &server->listener) && source_add(server, &server->signals))
		return server;
	int saved = errno;
	sim_server_destroy(server);
	errno = saved;
	return NULL;
}

void sim_server_destroy(struct sim_server *server)
{
	if (!server)
		return;
	struct sim_driver *driver = server->driver;
	while (sim_process_first(driver))
		sim_process_destroy(sim_process_first(driver));
	while (server->clients) {
		struct client *client = server->clients;
		while (client->conns)
			conn_close(server, client->conns);
		server->clients = client->next;
		source_remove(server, &client->source, true);
	}
	free_dead(server);
	while (server->watches) {
		struct watch *next = server->watches->next;
		free(server->watches);
		server->watches = next;
	}
	if (server->listener.fd >= 0)
		close(server->listener.fd);
	if (server->signals.fd >= 0)
		close(server->signals.fd);
	if (server->epoll >= 0)
		close(server->epoll);
	driver->transport = NULL;
	driver->process_added = driver->process_removed = NULL;
	driver->watch_fd = NULL;
	driver->unwatch_fd = NULL;
	free(server);
}
