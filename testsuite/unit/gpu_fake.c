#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "testsuite/unit/gpu_fake.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim/driver/handlers.h"

enum { LEAST_RUNS = 40 }; /* on a slow machine time alone says little */

/* ------------------------------------------------------------------ what the driver's outer half would give */

const struct sim_options *sim_driver_options(const struct sim_driver *driver)
{
	return &driver->options;
}

unsigned sim_driver_n_devices(const struct sim_driver *driver)
{
	(void)driver;
	return 1;
}

struct sim_device *sim_driver_device(struct sim_driver *driver, unsigned index)
{
	return index == 0 ? &driver->device : NULL;
}

void sim_log(const struct sim_driver *driver, unsigned level, const char *format, ...)
{
	va_list ap;
	if (driver->options.verbose < level || !driver->options.log)
		return;
	va_start(ap, format);
	vfprintf(driver->options.log, format, ap);
	va_end(ap);
	fputc('\n', driver->options.log);
}

int sim_inject_error(struct sim_call *call, const char *name)
{
	(void)name;
	return call->driver->inject_error;
}

void sim_call_finish(struct sim_call *call, int result)
{
	struct fake_call *fc = call->transport;
	fc->finished = true;
	fc->result = result;
}

struct sim_process *sim_process_first(struct sim_driver *driver)
{
	return driver->processes;
}

struct sim_process *sim_process_find(struct sim_driver *driver, pid_t pid)
{
	struct sim_process *p = driver->processes;
	while (p && p->pid != pid)
		p = p->next;
	return p;
}

int sim_process_replaced(const struct sim_process *process)
{
	return process->pid == process->driver->replaced;
}

static bool vm_inside(const struct sim_driver *driver, uint64_t addr, uint64_t n)
{
	uint64_t base = (uint64_t)(uintptr_t)driver->arena;
	if (addr < base || n > FAKE_ARENA || addr - base > FAKE_ARENA - n)
		return false;
	return addr + n <= driver->unmapped_from || addr >= driver->unmapped_to;
}

static bool vm_lookup(void *ctx, uint64_t addr, struct sim_range *out)
{
	struct sim_driver *driver = ((struct sim_process *)ctx)->driver;
	if (!vm_inside(driver, addr, 1))
		return false;
	uint64_t page = addr & ~UINT64_C(4095);
	*out = (struct sim_range){ .lo = page, .hi = page + 4096, .host = (uint8_t *)(uintptr_t)page, .writable = true, .executable = true };
	return true;
}

static bool vm_read(void *ctx, uint64_t addr, void *buf, size_t n)
{
	if (!vm_inside(((struct sim_process *)ctx)->driver, addr, n))
		return false;
	memcpy(buf, (const void *)(uintptr_t)addr, n);
	return true;
}

static bool vm_write(void *ctx, uint64_t addr, const void *buf, size_t n)
{
	if (!vm_inside(((struct sim_process *)ctx)->driver, addr, n))
		return false;
	memcpy((void *)(uintptr_t)addr, buf, n);
	return true;
}

struct sim_process *sim_process_get(struct sim_driver *driver, pid_t pid)
{
	struct sim_process *p = sim_process_find(driver, pid);
	if (p)
		return p;
	if (driver->no_more_processes) {
		errno = ENOSPC;
		return NULL;
	}
	p = calloc(1, sizeof(*p));
	p->pdds = calloc(1, sizeof(*p->pdds));
	p->driver = driver;
	p->pid = pid;
	p->pidfd = -1;
	p->n_pdds = 1;
	p->pdds[0].device = &driver->device;
	p->pdds[0].process = p;
	p->pdds[0].vm_acquired = true;
	p->debug.event_fd = -1;
	p->vm = (struct sim_vm){ .ctx = p, .generation = &driver->generation, .lookup = vm_lookup, .read = vm_read, .write = vm_write };
	p->next = driver->processes;
	driver->processes = p;
	return p;
}

void sim_process_destroy(struct sim_process *process)
{
	struct sim_process **at = &process->driver->processes;
	sim_debug_process_gone(process);
	sim_queues_process_gone(process);
	while (*at != process)
		at = &(*at)->next;
	*at = process->next;
	free(process->pdds[0].doorbells);
	free(process->pdds);
	free(process);
}

struct sim_pdd *sim_process_pdd(struct sim_process *process, uint32_t gpu_id)
{
	return gpu_id == process->pdds[0].device->gpu_id ? &process->pdds[0] : NULL;
}

pid_t sim_ptrace_parent(pid_t pid)
{
	char path[64], line[128];
	int tracer = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	if (f)
		fclose(f);
	return tracer;
}

bool sim_process_read(struct sim_process *process, uint64_t addr, void *buf, size_t n)
{
	struct iovec local = { buf, n }, remote = { (void *)(uintptr_t)addr, n };
	(void)process;
	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)n;
}

bool sim_process_write(struct sim_process *process, uint64_t addr, const void *buf, size_t n)
{
	struct iovec local = { (void *)(uintptr_t)buf, n }, remote = { (void *)(uintptr_t)addr, n };
	(void)process;
	return process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)n;
}

void *sim_process_pointer(struct sim_process *process, uint64_t addr, size_t n)
{
	struct sim_driver *driver = process->driver;
	if (driver->indirect || !vm_inside(driver, addr, n))
		return NULL;
	return (void *)(uintptr_t)addr;
}

bool sim_memory_mapped(struct sim_process *process, struct sim_device *device, uint64_t addr, uint64_t n)
{
	(void)device;
	return vm_inside(process->driver, addr, n);
}

uint64_t *sim_process_doorbells(struct sim_pdd *pdd)
{
	if (!pdd->doorbells) {
		pdd->doorbells = malloc(SIM_DOORBELL_BYTES);
		memset(pdd->doorbells, 0xff, SIM_DOORBELL_BYTES);
	}
	return pdd->doorbells;
}

void sim_event_signal(struct sim_process *process, uint32_t id)
{
	if (id < FAKE_EVENTS)
		process->driver->event_count[id]++;
}

void sim_event_signal_memory(struct sim_process *process, const uint8_t record[32])
{
	process->driver->memory_events++;
	memcpy(process->driver->memory_record, record, 32);
}

void sim_event_signal_hw_exception(struct sim_process *process, const uint8_t record[16])
{
	(void)process;
	(void)record;
}

void sim_smi_emit(struct sim_device *device, unsigned event, pid_t pid, const char *text)
{
	struct sim_driver *driver = (struct sim_driver *)((char *)device - offsetof(struct sim_driver, device));
	(void)event;
	(void)pid;
	(void)text;
	driver->smi_events++;
}

/* ------------------------------------------------------------------ the tests' side */

struct sim_driver *fake_driver(unsigned cus, unsigned xccs)
{
	struct sim_driver *driver = calloc(1, sizeof(*driver));
	driver->options.log = getenv("FAKE_LOG") ? stderr : NULL;
	driver->options.verbose = 2;
	driver->arena = mmap(NULL, FAKE_ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	driver->arena_used = 4096;
	driver->device = (struct sim_device){ .model = sim_model_by_name("gfx942"), .cus = cus, .xccs = xccs, .node = 1 };
	driver->device.gpu_id = sim_device_make_gpu_id(&driver->device);
	driver->device.gpu = sim_gpu_create(&driver->device, driver);
	return driver;
}

void fake_driver_free(struct sim_driver *driver)
{
	while (driver->processes)
		sim_process_destroy(driver->processes);
	sim_gpu_destroy(driver->device.gpu);
	munmap(driver->arena, FAKE_ARENA);
	free(driver);
}

int fake_ioctl(struct fake_call *fc, struct sim_process *process, pid_t tid, int (*handler)(struct sim_call *), void *arg, size_t size,
	int fd)
{
	struct fake_call own;
	if (!fc)
		fc = &own;
	*fc = (struct fake_call){ .call = { .driver = process->driver, .process = process, .pid = process->pid, .tid = tid, .arg = arg,
		.arg_size = size, .fd_in = fd, .fd_out = -1, .transport = fc } };
	return handler(&fc->call);
}

void *fake_alloc(struct sim_driver *driver, size_t bytes)
{
	uint8_t *p = driver->arena + driver->arena_used;
	driver->arena_used += (bytes + 8191) & ~(size_t)4095; /* a page between allocations */
	if (driver->arena_used > FAKE_ARENA) {
		fprintf(stderr, "the fake arena is too small\n");
		abort();
	}
	return p;
}

static void put(uint8_t *p, size_t offset, uint64_t value, size_t n)
{
	memcpy(p + offset, &value, n);
}

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

uint64_t fake_kernel(struct sim_driver *driver, const struct fake_kernel *shape, const uint32_t *code, unsigned words)
{
	uint8_t *kd = fake_alloc(driver, 256 + words * 4 + 64);
	put(kd, 16, 256, 8);
	put(kd, 44, shape->accum / 4 - 1, 4);
	put(kd, 48, (shape->vgprs / 8 - 1) | 0x00af0000, 4);
	put(kd, 52, FAKE_KERNARG_SGPRS << 1 | 1 << 7 | (shape->scratch ? 1 : 0) | shape->rsrc2_more, 4);
	put(kd, 56, 1 << 3, 2);
	memcpy(kd + 256, code, words * 4);
	return address(kd);
}

void fake_queue_args(struct sim_driver *driver, struct fake_queue *fq, uint8_t args[96])
{
	uint32_t cwsr, stack, debug;
	sim_device_save_sizes(&driver->device, &cwsr, &stack, &debug);
	if (!fq->ring) {
		uint64_t debug_offset;
		fq->ring_bytes = 4096;
		fq->ring = fake_alloc(driver, fq->ring_bytes);
		for (uint32_t at = 0; at < fq->ring_bytes; at += 64)
			fq->ring[at] = 1;
		fq->amd_queue = fake_alloc(driver, 256);
		fq->save_bytes = cwsr;
		fq->stack_bytes = stack;
		fq->save = fake_alloc(driver, ((size_t)cwsr + debug) * driver->device.xccs);
		fq->payload = fake_alloc(driver, 8);
		for (unsigned x = 0; x < driver->device.xccs; x++) {
			uint8_t *header = fq->save + (size_t)x * cwsr;
			debug_offset = (uint64_t)(driver->device.xccs - x) * cwsr;
			put(header, 16, debug_offset, 4);
			put(header, 20, debug * driver->device.xccs, 4);
			put(header, 24, address(fq->payload), 8);
			put(header, 32, FAKE_ERROR_EVENT, 4);
		}
	}
	memset(args, 0, 96);
	put(args, 0, address(fq->ring), 8);
	put(args, 8, address(fq->amd_queue) + 56, 8);
	put(args, 16, address(fq->amd_queue) + 128, 8);
	put(args, 32, fq->ring_bytes, 4);
	put(args, 36, driver->device.gpu_id, 4);
	put(args, 40, 2, 4);
	put(args, 44, 100, 4);
	put(args, 48, 7, 4);
	put(args, 72, address(fq->save), 8);
	put(args, 80, fq->save_bytes, 4);
	put(args, 84, fq->stack_bytes, 4);
}

struct fake_queue fake_queue_create(struct sim_driver *driver, struct sim_process *process)
{
	struct fake_queue fq = { .process = process };
	uint8_t args[96];
	uint64_t doorbell_offset;
	fake_queue_args(driver, &fq, args);
	int r = fake_ioctl(NULL, process, process->pid, sim_ioctl_create_queue, args, sizeof(args), -1);
	if (r) {
		fprintf(stderr, "create queue: %d\n", r);
		abort();
	}
	memcpy(&doorbell_offset, args + 24, 8);
	memcpy(&fq.id, args + 52, 4);
	fq.doorbell = sim_process_doorbells(&process->pdds[0]) + (doorbell_offset & 8191) / 8;
	return fq;
}

void fake_queue_scratch(struct sim_driver *driver, struct fake_queue *fq, unsigned waves, unsigned wave_bytes)
{
	size_t per_xcc = (size_t)waves * wave_bytes;
	uint8_t *read = fq->amd_queue + 128;
	fq->scratch = fake_alloc(driver, per_xcc * driver->device.xccs);
	put(read, 12, waves | wave_bytes / 1024 << 12, 4);
	put(read, 32, address(fq->scratch), 8);
	put(read, 40, per_xcc, 8);
	put(read, 48, wave_bytes / 64, 4);
}

void *fake_signal(struct sim_driver *driver)
{
	uint8_t *signal = fake_alloc(driver, 64);
	uint64_t *mailbox = fake_alloc(driver, 8);
	put(signal, 0, 1, 8);
	put(signal, 8, 1, 8);
	put(signal, 16, address(mailbox), 8);
	put(signal, 24, FAKE_SIGNAL_EVENT, 4);
	return signal;
}

void fake_packet(struct fake_queue *fq, const uint8_t packet[64])
{
	uint8_t *slot = fq->ring + fq->next * 64 % fq->ring_bytes;
	uint64_t written = fq->next + 1;
	memcpy(slot, packet, 64);
	memcpy(fq->amd_queue + 56, &written, 8);
	*fq->doorbell = fq->next++;
}

int64_t *fake_dispatch(struct sim_driver *driver, struct fake_queue *fq, const struct fake_dispatch *d)
{
	uint8_t packet[64] = { 0 };
	uint8_t *signal = fake_signal(driver);
	unsigned dims = d->grid[2] ? 3 : d->grid[1] ? 2 : 1;
	put(packet, 0, 2 | (d->barrier ? 1 << 8 : 0), 2);
	put(packet, 2, dims, 2);
	for (unsigned i = 0; i < 3; i++) {
		put(packet, 4 + 2 * i, i < dims ? d->group[i] : 1, 2);
		put(packet, 12 + 4 * i, i < dims ? d->grid[i] : 1, 4);
	}
	put(packet, 24, d->private_bytes, 4);
	put(packet, 28, d->lds, 4);
	put(packet, 32, d->kernel, 8);
	put(packet, 40, address(d->kernarg), 8);
	put(packet, 56, address(signal), 8);
	fake_packet(fq, packet);
	return (int64_t *)(signal + 8);
}

void fake_run_us(struct sim_driver *driver, unsigned us)
{
	uint64_t end = sim_gpu_clock() + us * 100ull;
	for (unsigned n = 0; n < LEAST_RUNS || sim_gpu_clock() < end; n++)
		sim_gpu_run(driver->device.gpu, us < 50 ? us : 50);
}

bool fake_run_until_zero(struct sim_driver *driver, const int64_t *value, unsigned ms)
{
	uint64_t end = sim_gpu_clock() + ms * 100000ull;
	for (;;) {
		int next = sim_gpu_run(driver->device.gpu, 1000);
		if (value ? __atomic_load_n(value, __ATOMIC_ACQUIRE) == 0 : next >= 200)
			return true;
		if (sim_gpu_clock() >= end)
			return false;
	}
}
