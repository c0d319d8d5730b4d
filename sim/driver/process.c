#include "sim/driver/process.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim/driver/backing.h"
#include "sim/driver/events.h"
#include "sim/driver/memory.h"
#include "sim/driver/state.h"
#include "sim/driver/topology.h"

/* The number after "NAME:" in /proc/PID/status; -1 when it cannot be read. */
static long status_field(pid_t pid, const char *name)
{
	char path[64], line[256];
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "re");
	if (!f)
		return -1;
	long value = -1;
	size_t n = strlen(name);
	while (value < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, n) && line[n] == ':')
			value = strtol(line + n + 1, NULL, 10);
	fclose(f);
	return value;
}

pid_t sim_ptrace_parent(pid_t pid)
{
	long leader = status_field(pid, "Tgid");
	long tracer = leader > 0 ? status_field((pid_t)leader, "TracerPid") : -1;
	return tracer > 0 ? (pid_t)tracer : 0;
}

/* The 16 random bytes that the kernel gave the image at its exec. */
static bool image_of(pid_t pid, uint8_t image[16])
{
	char path[64];
	uint64_t auxv[2 * 64];
	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t got = read(fd, auxv, sizeof(auxv));
	close(fd);
	for (ssize_t i = 0; i + 1 < got / (ssize_t)sizeof(auxv[0]) && auxv[i] != AT_NULL; i += 2)
		if (auxv[i] == AT_RANDOM) {
			struct iovec here = { image, 16 }, there = { (void *)(uintptr_t)auxv[i + 1], 16 };
			return process_vm_readv(pid, &here, 1, &there, 1, 0) == 16;
		}
	return false;
}

int sim_process_replaced(const struct sim_process *process)
{
	uint8_t now[16];
	if (!image_of(process->pid, now))
		return -1;
	return memcmp(now, process->image, sizeof(now)) != 0;
}

static bool has_died(const struct sim_process *process)
{
	struct pollfd p = { .fd = process->pidfd, .events = POLLIN };
	return poll(&p, 1, 0) == 1;
}

struct sim_process *sim_process_first(struct sim_driver *driver)
{
	return driver->processes;
}

struct sim_process *sim_process_find(struct sim_driver *driver, pid_t pid)
{
	for (int pass = 0; pass < 2 && pid > 0; pass++) {
		for (struct sim_process *p = driver->processes; p; p = p->next)
			if (p->pid == pid)
				return has_died(p) ? NULL : p;
		if (pass == 0)
			pid = (pid_t)status_field(pid, "Tgid");
	}
	return NULL;
}

static struct sim_process *create(struct sim_driver *driver, pid_t pid)
{
	struct sim_process *process = calloc(1, sizeof(*process));
	if (!process)
		return NULL;
	process->driver = driver;
	process->pid = pid;
	process->debug.event_fd = -1;
	process->pasid = ++driver->next_pasid;
	process->pdds = calloc(driver->n_devices, sizeof(*process->pdds));
	process->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	process->events = sim_events_create();
	process->memory = sim_memory_create(process);
	if (!process->pdds || process->pidfd < 0 || !process->events || !process->memory || !image_of(pid, process->image)) {
		int saved = errno;
		if (process->pidfd >= 0)
			close(process->pidfd);
		sim_memory_destroy(process->memory);
		sim_events_destroy(process->events);
		free(process->pdds);
		free(process);
		errno = saved;
		return NULL;
	}
	process->n_pdds = driver->n_devices;
	for (unsigned i = 0; i < process->n_pdds; i++) {
		process->pdds[i].device = &driver->devices[i];
		process->pdds[i].process = process;
		process->pdds[i].drm_fd = -1;
	}
	return process;
}

struct sim_process *sim_process_get(struct sim_driver *driver, pid_t pid)
{
	struct sim_process *process = sim_process_find(driver, pid);
	if (process)
		return process;
	for (unsigned i = 0; i < driver->n_devices; i++)
		if (driver->devices[i].resetting) {
			errno = EINVAL; /* KFD is locked */
			return NULL;
		}
	long leader = status_field(pid, "Tgid");
	if (leader <= 0) {
		errno = ESRCH;
		return NULL;
	}
	process = create(driver, (pid_t)leader);
	if (!process)
		return NULL;
	process->next = driver->processes;
	driver->processes = process;
	sim_topology_process_added(process);
	if (driver->process_added)
		driver->process_added(process);
	sim_log(driver, 1, "process %d has a record", (int)leader);
	return process;
}

static void release_pdd(struct sim_driver *driver, struct sim_pdd *pdd)
{
	if (pdd->doorbells) {
		munmap(pdd->doorbells, SIM_DOORBELL_BYTES);
		sim_backing_give(&driver->kfd, pdd->doorbell_offset, SIM_DOORBELL_BYTES);
	}
	if (pdd->mmio_offset)
		sim_backing_give(&driver->kfd, pdd->mmio_offset, 4096);
	if (pdd->drm_fd >= 0)
		close(pdd->drm_fd);
}

void sim_process_destroy(struct sim_process *process)
{
	struct sim_driver *driver = process->driver;
	if (driver->process_removed)
		driver->process_removed(process); /* ends its sleeping calls */
	sim_debug_process_gone(process);
	sim_queues_process_gone(process);
	for (struct sim_process **link = &driver->processes; *link; link = &(*link)->next)
		if (*link == process) {
			*link = process->next;
			break;
		}
	sim_topology_process_removed(process);
	sim_events_destroy(process->events);
	sim_memory_destroy(process->memory);
	for (unsigned i = 0; i < process->n_pdds; i++)
		release_pdd(driver, &process->pdds[i]);
	close(process->pidfd);
	sim_log(driver, 1, "process %d is gone", (int)process->pid);
	free(process->pdds);
	free(process);
}

struct sim_pdd *sim_process_pdd(struct sim_process *process, uint32_t gpu_id)
{
	for (unsigned i = 0; i < process->n_pdds; i++)
		if (process->pdds[i].device->gpu_id == gpu_id)
			return &process->pdds[i];
	return NULL;
}

uint64_t *sim_process_doorbells(struct sim_pdd *pdd)
{
	if (pdd->doorbells)
		return pdd->doorbells;
	struct sim_backing *kfd = &pdd->process->driver->kfd;
	uint64_t offset = sim_backing_take(kfd, SIM_DOORBELL_BYTES);
	if (!offset)
		return NULL;
	uint64_t *page = sim_backing_map(kfd, offset, SIM_DOORBELL_BYTES);
	if (!page) {
		sim_backing_give(kfd, offset, SIM_DOORBELL_BYTES);
		return NULL;
	}
	memset(page, 0xff, SIM_DOORBELL_BYTES);
	pdd->doorbells = page;
	pdd->doorbell_offset = offset;
	return page;
}
