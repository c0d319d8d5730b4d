#include "testsuite/wavelaunch/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "testsuite/wavelaunch/codeobj.h"
#include "testsuite/wavelaunch/contents.h"
#include "testsuite/wavelaunch/debuglist.h"
#include "testsuite/wavelaunch/kernarg.h"
#include "testsuite/wavelaunch/queue.h"
#include "testsuite/wavelaunch/traphandler.h"

static const uint64_t SCRATCH_RESERVATION = 2ull << 30;

struct run {
	const struct wl_options *o;
	struct wl_codeobj co;
	struct wl_kernel kernel;
	struct wl_device dev;
	struct wl_buffer mmio, trap_handler, code, kernarg;
	struct wl_buffer buffers[WL_MAX_ARGS];
	void *contents[WL_MAX_ARGS];  /* per argument: address of the buffer, or owned bytes of a structure */
	struct wl_events events;
	struct wl_queue queue;
	struct wl_launch launch;
	void *scratch_reservation;
	struct link_map entry;
	char *uri;
	bool listed;
	sigset_t signals;
	int signal_fd;
};

/* ------------------------------------------------------------------ start-up */

/* The start of a run time after its device is open: the order is the real one's, so that a debugger meets the same sequence. */
static int start_up(struct run *r, struct wl_err *err)
{
	struct wl_device *dev = &r->dev;
	/* Refused on some machines; a run time lives without it. */
	struct wl_err refused = { 0 };
	wl_buffer_alloc(dev, WL_MMIO, 4096, 0, &r->mmio, &refused);
	wl_device_query(dev);
	wl_debuglist_init(r->o->r_version);
	if (wl_device_runtime_enable(dev, &_amdgpu_r_debug, err) || wl_events_create(dev, &r->events, err))
		return -1;
	r->scratch_reservation = mmap(NULL, SCRATCH_RESERVATION, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (r->scratch_reservation == MAP_FAILED) {
		r->scratch_reservation = NULL;
		return wl_fail(err, WL_SYSTEM, "no address space for scratch: %s", strerror(errno));
	}
	struct kfd_scratch_va va = { .va = (uintptr_t)r->scratch_reservation, .gpu_id = dev->gpu.gpu_id };
	if (wl_ioctl(dev, KFD_SET_SCRATCH_BACKING_VA, &va))
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: SET_SCRATCH_BACKING_VA: %s", strerror(errno));
	size_t words;
	const uint32_t *handler = wl_trap_handler(dev->gpu.gfx_target_version, &words);
	if (!handler)
		return 0;
	if (wl_buffer_alloc(dev, WL_HOST, 4096, 0, &r->trap_handler, err))
		return -1;
	memcpy(r->trap_handler.addr, handler, words * sizeof *handler);
	struct kfd_trap_handler args = { .tba = (uintptr_t)r->trap_handler.addr, .gpu_id = dev->gpu.gpu_id };
	if (wl_ioctl(dev, KFD_SET_TRAP_HANDLER, &args))
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: SET_TRAP_HANDLER: %s", strerror(errno));
	return 0;
}

/* ------------------------------------------------------------------ code and arguments */

static int check_machine(const struct run *r, struct wl_err *err)
{
	const char *name;
	uint32_t target = wl_mach_target(r->co.mach, &name);
	uint64_t have = r->dev.gpu.gfx_target_version;
	if (target == have)
		return 0;
	char machine[32];
	snprintf(machine, sizeof machine, "machine 0x%02x", r->co.mach);
	return wl_fail(err, WL_INPUT, "%s: compiled for %s, but this GPU is a gfx%llu%llu%llx", r->co.path, target ? name : machine,
		       (unsigned long long)have / 10000, (unsigned long long)have / 100 % 100, (unsigned long long)have % 100);
}

static int load(struct run *r, struct wl_err *err)
{
	if (wl_buffer_alloc(&r->dev, WL_CODE, r->co.span, r->co.align, &r->code, err))
		return -1;
	uint64_t base = (uintptr_t)r->code.addr;
	if (wl_codeobj_load(&r->co, r->code.addr, base, err))
		return -1;
	int bad = r->o->memory_uri ? wl_uri_memory(r->co.image, r->co.image_size, &r->uri, err) :
				     wl_uri_file(r->o->code_object, r->co.image_size, &r->uri, err);
	if (bad)
		return -1;
	wl_debuglist_add(&r->entry, base - r->co.first, r->uri);
	r->listed = true;
	return 0;
}

static int make_argument(struct run *r, unsigned i, struct wl_err *err)
{
	const struct wl_value *v = &r->o->args[i];
	if (v->kind == WL_VALUE_BUF) {
		if (wl_buffer_alloc(&r->dev, WL_HOST, v->bytes, 0, &r->buffers[i], err))
			return -1;
		r->contents[i] = r->buffers[i].addr;
	} else if (v->kind == WL_VALUE_BYTES) {
		r->contents[i] = calloc(1, v->bytes);
		if (!r->contents[i])
			return wl_fail(err, WL_SYSTEM, "no memory");
	} else {
		return 0;
	}
	return wl_contents_fill(v, r->contents[i], err);
}

static int make_arguments(struct run *r, struct wl_err *err)
{
	const struct wl_options *o = r->o;
	for (unsigned i = 0; i < o->n_args; i++)
		if (make_argument(r, i, err))
			return -1;
	struct wl_launch *l = &r->launch;
	memcpy(l->grid, o->grid, sizeof l->grid);
	memcpy(l->group, o->group, sizeof l->group);
	l->dims = o->dims;
	l->queue = (uintptr_t)r->queue.aql;
	l->lds_aperture_high = r->queue.aql->lds_aperture_high;
	l->private_aperture_high = r->queue.aql->private_aperture_high;
	uint64_t lds_size = r->dev.gpu.lds_kib << 10;
	if (l->lds_bytes > lds_size)
		return wl_fail(err, WL_USAGE, "kernel '%s' would need %u bytes of LDS, this GPU has %llu", r->kernel.name, l->lds_bytes,
			       (unsigned long long)lds_size);
	if (wl_buffer_alloc(&r->dev, WL_HOST, r->kernel.kernarg_bytes + 1, 0, &r->kernarg, err))
		return -1;
	return wl_kernarg_build(&r->kernel, o->args, r->contents, l, r->kernarg.addr, err);
}

/* ------------------------------------------------------------------ launching */

/* SIGUSR1 is taken by descriptor; it is blocked from the start, so that one sent early is not lost. */
static int prepare_wait(struct run *r, struct wl_err *err)
{
	sigemptyset(&r->signals);
	sigaddset(&r->signals, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &r->signals, NULL))
		return wl_fail(err, WL_SYSTEM, "sigprocmask: %s", strerror(errno));
	r->signal_fd = signalfd(-1, &r->signals, SFD_CLOEXEC);
	return r->signal_fd < 0 ? wl_fail(err, WL_SYSTEM, "signalfd: %s", strerror(errno)) : 0;
}

/* Until a line on standard input or SIGUSR1. The end of the input is no go-ahead: then only the signal is. */
static int wait_for_user(struct run *r, struct wl_err *err)
{
	printf("wavelaunch: pid %d, ready; press Enter to launch\n", (int)getpid());
	fflush(stdout);
	struct pollfd fds[] = { { .fd = r->signal_fd, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return wl_fail(err, WL_SYSTEM, "poll: %s", strerror(errno));
		if (fds[0].revents)
			return 0;
		if (!fds[1].revents)
			continue;
		char c;
		ssize_t n = read(STDIN_FILENO, &c, 1);
		if (n == 1 && c == '\n')
			return 0;
		if (n == 0 || (n < 0 && errno != EINTR))
			fds[1].fd = -1;
	}
}

static int launch(struct run *r, struct wl_err *err)
{
	const struct wl_launch *l = &r->launch;
	struct aql_dispatch packet = {
		.setup = (uint16_t)l->dims,
		.private_bytes = l->private_bytes,
		.group_bytes = l->lds_bytes,
		.kernel_object = (uintptr_t)r->code.addr + (r->kernel.descriptor - r->co.first),
		.kernarg = (uintptr_t)r->kernarg.addr,
		.completion_signal = (uintptr_t)r->queue.done,
	};
	for (unsigned i = 0; i < 3; i++) {
		packet.group_size[i] = (uint16_t)l->group[i];
		packet.grid_size[i] = l->grid[i];
	}
	for (uint32_t i = 0; i < r->o->repeat; i++) {
		wl_queue_submit(&r->queue, &packet);
		if (wl_queue_wait(&r->dev, &r->events, &r->queue, r->o->timeout_ms, err))
			return -1;
	}
	return 0;
}

static int check_results(struct run *r, struct wl_err *err)
{
	const struct wl_options *o = r->o;
	for (unsigned i = 0; i < o->n_dumps; i++) {
		unsigned n = o->dumps[i].arg;
		if (wl_contents_dump(o->dumps[i].file, r->contents[n], o->args[n].bytes, err))
			return -1;
	}
	for (unsigned i = 0; i < o->n_expects; i++) {
		unsigned n = o->expects[i].arg;
		if (wl_contents_expect(n, o->expects[i].file, r->contents[n], o->args[n].bytes, err))
			return -1;
		if (!o->quiet)
			printf("wavelaunch: argument %u: %llu bytes as expected\n", n, (unsigned long long)o->args[n].bytes);
	}
	return 0;
}

/* ------------------------------------------------------------------ the whole */

static int run_on_device(struct run *r, struct wl_err *err)
{
	const struct wl_options *o = r->o;
	if (check_machine(r, err) || start_up(r, err))
		return -1;
	uint32_t items = o->group[0] * o->group[1] * o->group[2], wave = r->kernel.wavefront;
	const struct wl_scratch scratch = { .lane_bytes = r->launch.private_bytes, .group_waves = (items + wave - 1) / wave };
	if (wl_queue_create(&r->dev, &r->events, o->queue_packets, &scratch, &r->queue, err))
		return -1;
	if (load(r, err) || make_arguments(r, err))
		return -1;
	if (o->wait && wait_for_user(r, err))
		return -1;
	if (launch(r, err))
		return -1;
	if (!o->quiet) {
		printf("wavelaunch: %s finished", r->kernel.name);
		if (o->repeat > 1)
			printf(", %u times", o->repeat);
		putchar('\n');
	}
	return check_results(r, err);
}

static void release(struct run *r, struct wl_err *err)
{
	if (r->listed)
		wl_debuglist_remove(&r->entry);
	wl_queue_destroy(&r->dev, &r->queue);
	for (unsigned i = 0; i < r->o->n_args; i++) {
		wl_buffer_free(&r->dev, &r->buffers[i]);
		if (r->o->args[i].kind == WL_VALUE_BYTES)
			free(r->contents[i]);
	}
	struct wl_buffer *const rest[] = { &r->kernarg, &r->code, &r->trap_handler };
	for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
		wl_buffer_free(&r->dev, rest[i]);
	if (r->scratch_reservation)
		munmap(r->scratch_reservation, SCRATCH_RESERVATION);
	wl_events_destroy(&r->dev, &r->events);
	wl_device_runtime_disable(&r->dev, err);
	wl_buffer_free(&r->dev, &r->mmio);
	free(r->uri);
}

int wl_run(const struct wl_options *o, struct wl_err *err)
{
	/* Too large for the stack with all its argument tables. */
	struct run *r = calloc(1, sizeof *r);
	if (!r)
		return wl_fail(err, WL_SYSTEM, "no memory");
	r->o = o;
	r->signal_fd = -1;
	if (wl_codeobj_open(o->code_object, &r->co, err))
		goto out_run;
	if (wl_codeobj_kernel(&r->co, o->kernel, &r->kernel, err) || wl_kernarg_check(&r->kernel, o->args, o->n_args, err) ||
	    wl_shape_check(&r->kernel, o, err))
		goto out_codeobj;
	wl_kernarg_lds(&r->kernel, o->args, &r->launch);
	r->launch.private_bytes = wl_private_bytes(&r->kernel, o);
	if (o->wait && prepare_wait(r, err))
		goto out_codeobj;
	if (wl_device_open(&r->dev, o->node, err))
		goto out_codeobj;
	run_on_device(r, err);
	release(r, err);
	wl_device_close(&r->dev);
out_codeobj:
	wl_codeobj_deinit(&r->co);
	if (r->signal_fd >= 0)
		close(r->signal_fd);
out_run:
	free(r);
	return err->class ? -1 : 0;
}
