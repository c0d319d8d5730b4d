#include "sim/driver/smi.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/driver/abi.h"
#include "sim/driver/handlers.h"

#define ALL_PROCESSES (1ull << 63)
enum { MAX_LINE = 96 };

struct sim_smi_listener {
	struct sim_smi_listener *next;
	struct sim_driver *driver;
	struct sim_device *device;
	pid_t pid;
	bool privileged; /* may listen to all processes */
	int fd;
	uint64_t mask;
};

static void close_listener(struct sim_smi_listener *listener)
{
	struct sim_driver *driver = listener->driver;
	for (struct sim_smi_listener **link = &listener->device->smi; *link; link = &(*link)->next)
		if (*link == listener) {
			*link = listener->next;
			break;
		}
	if (driver->unwatch_fd)
		driver->unwatch_fd(driver, listener->fd);
	close(listener->fd);
	free(listener);
}

/* The listener wrote masks, or is gone. */
static void on_readable(void *ctx)
{
	struct sim_smi_listener *listener = ctx;
	uint64_t mask;
	ssize_t n;
	while ((n = recv(listener->fd, &mask, sizeof(mask), MSG_DONTWAIT)) == (ssize_t)sizeof(mask))
		listener->mask = mask;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_listener(listener);
}

/* CAP_SYS_ADMIN (21) among the effective capabilities of the process. */
static bool is_admin(pid_t pid)
{
	char path[64], line[128];
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "re");
	unsigned long long caps = 0;
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "CapEff:", 7))
			caps = strtoull(line + 7, NULL, 16);
	if (f)
		fclose(f);
	return caps >> 21 & 1;
}

int sim_ioctl_smi_events(struct sim_call *call)
{
	struct sim_arg_smi arg;
	memcpy(&arg, call->arg, sizeof(arg));
	struct sim_pdd *pdd = sim_process_pdd(call->process, arg.gpu_id);
	if (!pdd)
		return -EINVAL;
	int pair[2];
	struct sim_smi_listener *listener = calloc(1, sizeof(*listener));
	if (!listener)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair)) {
		int err = -errno;
		free(listener);
		return err;
	}
	*listener = (struct sim_smi_listener){ .next = pdd->device->smi, .driver = call->driver, .device = pdd->device,
		.pid = call->pid, .privileged = is_admin(call->pid), .fd = pair[0] };
	pdd->device->smi = listener;
	if (call->driver->watch_fd)
		call->driver->watch_fd(call->driver, listener->fd, on_readable, listener);
	call->fd_out = pair[1];
	call->fd_out_offset = 4;
	return 0;
}

void sim_smi_emit(struct sim_device *device, unsigned event, pid_t pid, const char *text)
{
	char line[MAX_LINE];
	int n = snprintf(line, sizeof(line), "%x %s\n", event, text);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	for (struct sim_smi_listener *l = device->smi; l; l = l->next) {
		bool concerned = !pid || pid == l->pid || (l->privileged && l->mask & ALL_PROCESSES);
		if (concerned && event >= 1 && event < 64 && l->mask >> (event - 1) & 1)
			send(l->fd, line, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL); /* a full listener loses the line, as with the real one */
	}
}

void sim_smi_close_all(struct sim_driver *driver)
{
	for (unsigned i = 0; i < driver->n_devices; i++)
		while (driver->devices[i].smi)
			close_listener(driver->devices[i].smi);
}
