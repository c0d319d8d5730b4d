/* The outer half of the simulated driver, called as a function: what a wave sees of memory, what a packet processor does to events, and the
 * generated files. What programs see of it through ioctls is the business of testsuite/sim. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/driver/abi.h"
#include "sim/driver/backing.h"
#include "sim/driver/handlers.h"
#include "sim/driver/memory.h"
#include "sim/driver/state.h"
#include "sim/driver/topology.h"
#include "sim/driver/tree.h"
#include "testsuite/unit/tap.h"

enum { PAGE = 4096, MIB = 1 << 20 };

static struct sim_driver *driver;
static struct sim_process *process;
static struct sim_device *device;
static const struct sim_options options = { .gpu = "gfx942", .gpus = 2, .xccs = 1, .vram_bytes = 1 << 30 };

static int finished_result;
static unsigned finished;

static void on_finish(struct sim_call *call, int result)
{
	(void)call;
	finished_result = result;
	finished++;
}

static void setup(void)
{
	driver = sim_driver_create(&options);
	ck_assert_ptr_nonnull(driver);
	driver->finish = on_finish;
	process = sim_process_get(driver, getpid());
	ck_assert_ptr_nonnull(process);
	process->opened = true;
	device = sim_driver_device(driver, 0);
	finished = 0;
	for (unsigned i = 0; i < process->n_pdds; i++)
		process->pdds[i].vm_acquired = true;
}

static void teardown(void)
{
	sim_driver_destroy(driver);
}

/* An ioctl of this process; its argument is copied back. The call itself, when it sleeps, is left in *sleeper. */
static int ioctl_nr(unsigned nr, void *arg, size_t size, struct sim_call *sleeper)
{
	static uint8_t bytes[4][512];
	static unsigned turn;
	uint8_t *copy = bytes[turn++ % 4];
	memset(copy, 0, sizeof(bytes[0]));
	memcpy(copy, arg, size);
	struct sim_call here, *call = sleeper ? sleeper : &here;
	*call = (struct sim_call){ .driver = driver, .process = process, .pid = getpid(), .tid = getpid(), .nr = nr, .arg = copy,
		.arg_size = sizeof(bytes[0]), .caller_size = size, .fd_in = -1, .fd_out = -1 };
	int result = sim_driver_ioctl(call);
	memcpy(arg, copy, size);
	return result;
}

static struct sim_arg_alloc alloc_at(uint64_t va, uint64_t size, uint32_t flags, uint64_t cpu)
{
	struct sim_arg_alloc arg = { .va = va, .size = size, .gpu_id = device->gpu_id, .flags = flags, .mmap_offset = cpu };
	ck_assert_int_eq(ioctl_nr(SIM_NR_ALLOC_MEMORY_OF_GPU, &arg, sizeof(arg), NULL), 0);
	return arg;
}

static int map_on(uint64_t handle, const struct sim_device *d, bool map)
{
	uint32_t id = d->gpu_id;
	struct sim_arg_map arg = { .handle = handle, .device_ids = (uintptr_t)&id, .n_devices = 1 };
	return ioctl_nr(map ? SIM_NR_MAP_MEMORY_TO_GPU : SIM_NR_UNMAP_MEMORY_FROM_GPU, &arg, sizeof(arg), NULL);
}

static struct sim_arg_alloc mapped_at(uint64_t va, uint64_t size, uint32_t flags)
{
	struct sim_arg_alloc arg = alloc_at(va, size, flags, 0);
	ck_assert_int_eq(map_on(arg.handle, device, true), 0);
	return arg;
}

/* ------------------------------------------------------------------ a wave's view of memory */

START_TEST(lookup_finds_mapped_buffers_only)
{
	struct sim_range range;
	struct sim_arg_alloc a = alloc_at(0x10000000, 2 * PAGE, SIM_MEM_GTT | SIM_MEM_WRITABLE | SIM_MEM_EXECUTABLE, 0);
	ck_assert(!process->vm.lookup(process->vm.ctx, 0x10000000, &range));
	uint64_t generation = *process->vm.generation;
	ck_assert_int_eq(map_on(a.handle, device, true), 0);
	ck_assert_uint_ne(*process->vm.generation, generation);
	ck_assert(process->vm.lookup(process->vm.ctx, 0x10000000 + 2 * PAGE - 1, &range));
	ck_assert_uint_eq(range.lo, 0x10000000);
	ck_assert_uint_eq(range.hi, 0x10000000 + 2 * PAGE);
	ck_assert(range.host && range.writable && range.executable);
	ck_assert(!process->vm.lookup(process->vm.ctx, 0x10000000 - 1, &range));
	ck_assert(!process->vm.lookup(process->vm.ctx, 0x10000000 + 2 * PAGE, &range));
	generation = *process->vm.generation;
	ck_assert_int_eq(map_on(a.handle, device, false), 0);
	ck_assert_uint_ne(*process->vm.generation, generation);
	ck_assert(!process->vm.lookup(process->vm.ctx, 0x10000000, &range));
}
END_TEST

START_TEST(reads_cross_buffers_and_stop_at_holes)
{
	mapped_at(0x10000000, PAGE, SIM_MEM_GTT | SIM_MEM_WRITABLE);
	mapped_at(0x10000000 + PAGE, PAGE, SIM_MEM_VRAM | SIM_MEM_WRITABLE);
	uint8_t out[64], in[64];
	memset(out, 0x5a, sizeof(out));
	ck_assert(process->vm.write(process->vm.ctx, 0x10000000 + PAGE - 32, out, sizeof(out)));
	ck_assert(process->vm.read(process->vm.ctx, 0x10000000 + PAGE - 32, in, sizeof(in)));
	ck_assert_mem_eq(in, out, sizeof(in));
	ck_assert(!process->vm.read(process->vm.ctx, 0x10000000 + 2 * PAGE - 32, in, sizeof(in)));
	ck_assert_ptr_null(sim_process_pointer(process, 0x10000000 + PAGE - 32, 64));
	ck_assert_ptr_nonnull(sim_process_pointer(process, 0x10000000 + PAGE - 32, 32));
	ck_assert(sim_process_read(process, 0x10000000 + PAGE - 32, in, sizeof(in)));
}
END_TEST

START_TEST(read_only_buffers_refuse_writes)
{
	uint8_t byte = 1;
	mapped_at(0x10000000, PAGE, SIM_MEM_GTT);
	ck_assert(process->vm.read(process->vm.ctx, 0x10000000, &byte, 1));
	ck_assert(!process->vm.write(process->vm.ctx, 0x10000000, &byte, 1));
}
END_TEST

START_TEST(user_memory_is_reached_at_its_own_address)
{
	uint8_t *memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sim_range range;
	uint32_t value = 0x12345678, back = 0;
	struct sim_arg_alloc a = alloc_at(0x20000000, 2 * PAGE, SIM_MEM_USERPTR | SIM_MEM_WRITABLE, (uintptr_t)memory);
	ck_assert_int_eq(map_on(a.handle, device, true), 0);
	ck_assert(process->vm.lookup(process->vm.ctx, 0x20000000, &range));
	ck_assert_ptr_null(range.host);
	ck_assert(process->vm.write(process->vm.ctx, 0x20000000 + PAGE + 4, &value, sizeof(value)));
	ck_assert_mem_eq(memory + PAGE + 4, &value, sizeof(value));
	ck_assert(process->vm.read(process->vm.ctx, 0x20000000 + PAGE + 4, &back, sizeof(back)));
	ck_assert_uint_eq(back, value);
	munmap(memory, 2 * PAGE);
	ck_assert(!process->vm.read(process->vm.ctx, 0x20000000, &back, sizeof(back)));
}
END_TEST

START_TEST(mapped_counts_per_device)
{
	struct sim_device *other = sim_driver_device(driver, 1);
	ck_assert_ptr_nonnull(other);
	ck_assert_uint_ne(other->gpu_id, device->gpu_id);
	struct sim_arg_alloc a = mapped_at(0x10000000, PAGE, SIM_MEM_GTT);
	mapped_at(0x10000000 + PAGE, PAGE, SIM_MEM_GTT);
	ck_assert(sim_memory_mapped(process, device, 0x10000000 + 1, 2 * PAGE - 1));
	ck_assert(!sim_memory_mapped(process, device, 0x10000000 + 1, 2 * PAGE));
	ck_assert(!sim_memory_mapped(process, other, 0x10000000, PAGE));
	ck_assert_int_eq(map_on(a.handle, other, true), 0);
	ck_assert(sim_memory_mapped(process, other, 0x10000000, PAGE));
	ck_assert_int_eq(map_on(a.handle, device, false), 0);
	ck_assert(!sim_memory_mapped(process, device, 0x10000000, PAGE));
	ck_assert(sim_memory_mapped(process, other, 0x10000000, PAGE));
	ck_assert(!sim_memory_mapped(process, other, UINT64_MAX - 8, 16));
}
END_TEST

START_TEST(a_ring_mapped_twice_shows_one_memory)
{
	struct sim_arg_alloc a = mapped_at(0x10000000, 4 * PAGE, SIM_MEM_GTT | SIM_MEM_AQL | SIM_MEM_WRITABLE);
	volatile uint32_t *p = sim_process_pointer(process, 0x10000000, 4 * PAGE); /* two addresses of one place: nothing for the optimiser */
	ck_assert(p != NULL);
	p[3] = 0xabcd;
	ck_assert_uint_eq(p[2 * PAGE / 4 + 3], 0xabcd);
	ck_assert_ptr_nonnull(sim_memory_find(process->memory, a.handle));
}
END_TEST

START_TEST(many_buffers_stay_sorted)
{
	enum { N = 300 };
	uint64_t handles[N];
	for (unsigned i = 0; i < N; i++) {
		unsigned at = i * 7 % N; /* every page once, in no order */
		handles[at] = mapped_at(0x40000000 + (uint64_t)at * 2 * PAGE, PAGE, SIM_MEM_GTT).handle;
	}
	for (unsigned i = 0; i < N; i++) {
		const struct sim_buffer *b = sim_memory_at(process->memory, 0x40000000 + (uint64_t)i * 2 * PAGE + 5);
		ck_assert_ptr_nonnull(b);
		ck_assert_uint_eq(b->handle, handles[i]);
		ck_assert_ptr_null(sim_memory_at(process->memory, 0x40000000 + (uint64_t)i * 2 * PAGE + PAGE));
	}
	for (unsigned i = 0; i < N; i += 3)
		ck_assert_int_eq(map_on(handles[i], device, false), 0);
	for (unsigned i = 0; i < N; i++)
		ck_assert_int_eq(!sim_memory_at(process->memory, 0x40000000 + (uint64_t)i * 2 * PAGE), i % 3 == 0);
}
END_TEST

/* ------------------------------------------------------------------ SVM */

struct svm_arg {
	struct sim_arg_svm head;
	uint32_t attrs[8];
};

static int svm_set(uint64_t start, uint64_t size, uint32_t type, uint32_t value)
{
	struct svm_arg arg = { .head = { start, size, 0, 1 }, .attrs = { type, value } };
	return ioctl_nr(SIM_NR_SVM, &arg, sizeof(arg), NULL);
}

START_TEST(svm_ranges_split_and_join_their_attributes)
{
	enum { ACCESS = 2, NO_ACCESS = 4, SET_FLAGS = 5 };
	uint8_t *memory = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t at = (uintptr_t)memory;
	struct sim_range range;
	ck_assert_int_eq(svm_set(at + 2 * PAGE, 2 * PAGE, ACCESS, device->gpu_id), 0);
	ck_assert_int_eq(svm_set(at, 8 * PAGE, SET_FLAGS, 0x40), 0);
	ck_assert(!process->vm.lookup(process->vm.ctx, at, &range)); /* registered, but no access given */
	ck_assert(process->vm.lookup(process->vm.ctx, at + 2 * PAGE, &range));
	ck_assert_uint_eq(range.lo, at + 2 * PAGE);
	ck_assert_uint_eq(range.hi, at + 4 * PAGE);
	ck_assert_int_eq(svm_set(at + 3 * PAGE, PAGE, NO_ACCESS, device->gpu_id), 0);
	ck_assert(process->vm.lookup(process->vm.ctx, at + 3 * PAGE - 1, &range));
	ck_assert(!process->vm.lookup(process->vm.ctx, at + 3 * PAGE, &range));
	struct svm_arg get = { .head = { at, 8 * PAGE, 1, 2 }, .attrs = { ACCESS, device->gpu_id, SET_FLAGS, 0 } };
	ck_assert_int_eq(ioctl_nr(SIM_NR_SVM, &get, sizeof(get), NULL), 0);
	ck_assert_uint_eq(get.attrs[0], NO_ACCESS);
	ck_assert_uint_eq(get.attrs[3], 0x43);
	get = (struct svm_arg){ .head = { at + 2 * PAGE, PAGE, 1, 1 }, .attrs = { ACCESS, device->gpu_id } };
	ck_assert_int_eq(ioctl_nr(SIM_NR_SVM, &get, sizeof(get), NULL), 0);
	ck_assert_uint_eq(get.attrs[0], ACCESS);
	memory[2 * PAGE] = 99;
	uint8_t byte = 0;
	ck_assert(process->vm.read(process->vm.ctx, at + 2 * PAGE, &byte, 1));
	ck_assert_uint_eq(byte, 99);
}
END_TEST

/* ------------------------------------------------------------------ events */

static uint32_t make_event(uint32_t type, bool auto_reset)
{
	struct sim_arg_create_event arg = { .type = type, .auto_reset = auto_reset };
	ck_assert_int_eq(ioctl_nr(SIM_NR_CREATE_EVENT, &arg, sizeof(arg), NULL), 0);
	return arg.event_id;
}

static int wait_for(struct sim_event_data *data, uint32_t n, bool all, uint32_t timeout, uint32_t *result, struct sim_call *sleeper)
{
	struct sim_arg_wait_events arg = { (uintptr_t)data, n, all, timeout, 99 };
	int err = ioctl_nr(SIM_NR_WAIT_EVENTS, &arg, sizeof(arg), sleeper);
	*result = arg.result;
	return err;
}

static uint32_t result_of(const struct sim_call *call)
{
	struct sim_arg_wait_events arg;
	memcpy(&arg, call->arg, sizeof(arg));
	return arg.result;
}

START_TEST(memory_exceptions_reach_their_waiters)
{
	struct sim_event_data data[2] = { { .event_id = make_event(0, true) }, { .event_id = make_event(8, true) } };
	struct sim_call sleeper;
	uint32_t result;
	uint8_t record[32];
	for (unsigned i = 0; i < sizeof(record); i++)
		record[i] = (uint8_t)(i + 1);
	ck_assert_int_eq(wait_for(data, 2, false, UINT32_MAX, &result, &sleeper), SIM_LATER);
	sim_event_signal_memory(process, record);
	ck_assert_uint_eq(finished, 1);
	ck_assert_int_eq(finished_result, 0);
	ck_assert_uint_eq(result_of(&sleeper), 0);
	ck_assert_mem_eq(data[1].payload, record, sizeof(record));
	ck_assert_uint_eq(data[0].payload[0], 0);
	record[0] = 7;
	data[0].event_id = make_event(3, false);
	ck_assert_int_eq(wait_for(data, 1, false, UINT32_MAX, &result, &sleeper), SIM_LATER);
	sim_event_signal_hw_exception(process, record);
	ck_assert_uint_eq(finished, 2);
	ck_assert_uint_eq(data[0].payload[0], 7);
	ck_assert_uint_eq(data[0].payload[16], 0);
}
END_TEST

START_TEST(a_signal_clears_its_slot)
{
	struct sim_arg_alloc page = mapped_at(0x10000000, 0x8000, SIM_MEM_GTT | SIM_MEM_WRITABLE);
	struct sim_arg_create_event arg = { .event_page_offset = page.handle, .type = 0 };
	ck_assert_int_eq(ioctl_nr(SIM_NR_CREATE_EVENT, &arg, sizeof(arg), NULL), 0);
	uint64_t *slots = sim_process_pointer(process, 0x10000000, 0x8000);
	ck_assert_uint_eq(slots[arg.event_id], UINT64_MAX);
	slots[arg.event_id] = arg.event_id; /* as the packet processor marks it */
	sim_event_signal(process, arg.event_id);
	ck_assert_uint_eq(slots[arg.event_id], UINT64_MAX);
	sim_event_signal(process, 4000); /* nobody's: ignored */
	struct sim_event_data data = { .event_id = arg.event_id };
	uint32_t result;
	ck_assert_int_eq(wait_for(&data, 1, false, 0, &result, NULL), 0);
	ck_assert_uint_eq(result, 0);
}
END_TEST

START_TEST(waiting_for_all_collects_automatic_events)
{
	struct sim_event_data data[2] = { { .event_id = make_event(0, true) }, { .event_id = make_event(0, true) } };
	struct sim_call sleeper;
	uint32_t result;
	ck_assert_int_eq(wait_for(data, 2, true, UINT32_MAX, &result, &sleeper), SIM_LATER);
	sim_event_signal(process, data[0].event_id);
	ck_assert_uint_eq(finished, 0);
	sim_event_signal(process, data[1].event_id);
	ck_assert_uint_eq(finished, 1);
	ck_assert_int_eq(wait_for(data, 2, false, 0, &result, NULL), 0);
	ck_assert_uint_eq(result, 1); /* both were taken */
}
END_TEST

START_TEST(a_cancelled_wait_gives_back_what_it_took)
{
	struct sim_event_data data[2] = { { .event_id = make_event(0, true) }, { .event_id = make_event(0, true) } };
	struct sim_call sleeper;
	uint32_t result;
	sim_event_signal(process, data[0].event_id);
	ck_assert_int_eq(wait_for(data, 2, true, 5000, &result, &sleeper), SIM_LATER);
	sleeper.cancel(&sleeper);
	ck_assert_uint_eq(finished, 1);
	ck_assert_int_eq(finished_result, -EINTR);
	struct sim_arg_wait_events arg;
	memcpy(&arg, sleeper.arg, sizeof(arg));
	ck_assert_uint_le(arg.timeout, 5000);
	ck_assert_uint_gt(arg.timeout, 3000);
	ck_assert_int_eq(wait_for(data, 1, false, 0, &result, NULL), 0);
	ck_assert_uint_eq(result, 0);
	ck_assert_int_eq(sim_driver_run_timers(driver), -1); /* its timer is gone */
}
END_TEST

START_TEST(timers_end_waits)
{
	struct sim_event_data data = { .event_id = make_event(0, true) };
	struct sim_call sleeper;
	uint32_t result;
	ck_assert_int_eq(wait_for(&data, 1, false, 20, &result, &sleeper), SIM_LATER);
	int64_t left = sim_driver_run_timers(driver);
	ck_assert_int_gt(left, 0);
	ck_assert_int_le(left, 20000000);
	usleep(25000);
	ck_assert_int_eq(sim_driver_run_timers(driver), -1);
	ck_assert_uint_eq(finished, 1);
	ck_assert_int_eq(finished_result, 0);
	ck_assert_uint_eq(result_of(&sleeper), 1);
}
END_TEST

START_TEST(one_event_twice_in_a_list)
{
	uint32_t id = make_event(0, false), result;
	struct sim_event_data data[2] = { { .event_id = id }, { .event_id = id } };
	struct sim_call sleeper;
	ck_assert_int_eq(wait_for(data, 2, true, UINT32_MAX, &result, &sleeper), SIM_LATER);
	struct sim_arg_event destroy = { .event_id = id };
	ck_assert_int_eq(ioctl_nr(SIM_NR_DESTROY_EVENT, &destroy, sizeof(destroy), NULL), 0);
	ck_assert_uint_eq(finished, 1);
	ck_assert_int_eq(finished_result, -EIO);
}
END_TEST

START_TEST(slots_run_out)
{
	struct sim_arg_create_event arg = { .type = 0 };
	for (unsigned i = 1; i < 4096; i++)
		ck_assert_uint_eq(make_event(0, false), i);
	ck_assert_int_eq(ioctl_nr(SIM_NR_CREATE_EVENT, &arg, sizeof(arg), NULL), -ENOSPC);
	ck_assert_uint_ge(make_event(8, false), 0x40000000);
}
END_TEST

/* ------------------------------------------------------------------ space, files, processes */

START_TEST(space_is_given_back_whole)
{
	struct sim_backing b;
	ck_assert(sim_backing_init(&b, "test", PAGE, 17 * PAGE));
	uint64_t at[4];
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(at[i] = sim_backing_take(&b, 4 * PAGE), PAGE + i * 4 * PAGE);
	ck_assert_uint_eq(sim_backing_take(&b, PAGE), 0);
	static const unsigned order[] = { 1, 3, 0, 2 };
	uint8_t *p = sim_backing_map(&b, at[1], PAGE);
	p[0] = 1;
	for (unsigned i = 0; i < 4; i++)
		sim_backing_give(&b, at[order[i]], 4 * PAGE);
	ck_assert_uint_eq(p[0], 0); /* contents are gone with it */
	munmap(p, PAGE);
	ck_assert_uint_eq(sim_backing_take(&b, 16 * PAGE), PAGE);
	ck_assert_int_ne(ftruncate(b.fd, PAGE), 0);
	sim_backing_deinit(&b);
}
END_TEST

START_TEST(generated_files_follow_the_device)
{
	char root[] = "/tmp/sim-driver-XXXXXX", path[128], line[128];
	ck_assert_ptr_nonnull(mkdtemp(root));
	ck_assert(sim_topology_build(driver, root));
	snprintf(path, sizeof(path), "%s/sys/class/kfd/kfd/topology/nodes/2/gpu_id", root);
	FILE *f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
	fclose(f);
	ck_assert_uint_eq(strtoul(line, NULL, 10), sim_driver_device(driver, 1)->gpu_id);
	ck_assert(!device->watch_bits_read);
	sim_topology_opened(driver, "/sys/class/kfd/kfd/topology/nodes/1/mem_banks/0/properties");
	ck_assert(!device->watch_bits_read);
	sim_topology_opened(driver, "/sys/class/kfd/kfd/topology/nodes/1/properties");
	ck_assert(device->watch_bits_read && !sim_driver_device(driver, 1)->watch_bits_read);
	sim_topology_process_added(process);
	snprintf(path, sizeof(path), "%s/sys/devices/virtual/kfd/kfd/proc/%d/queues", root, (int)getpid());
	ck_assert_int_eq(access(path, F_OK), 0);
	sim_topology_process_removed(process);
	ck_assert_int_ne(access(path, F_OK), 0);
	sim_tree_remove(root, "");
	ck_assert_int_ne(access(root, F_OK), 0);
}
END_TEST

START_TEST(prefixes_need_room)
{
	char buf[8192];
	size_t n = sim_topology_prefixes(driver, buf, sizeof(buf));
	ck_assert_uint_gt(n, 0);
	ck_assert_uint_eq(sim_topology_prefixes(driver, buf, n - 1), 0);
	ck_assert_uint_eq(sim_topology_prefixes(driver, buf, 10), 0);
	ck_assert_uint_eq(sim_topology_prefixes(driver, buf, n), n);
	ck_assert_str_eq(buf, "/dev/dri");
}
END_TEST

START_TEST(a_dead_process_has_no_record)
{
	int status;
	pid_t child = fork();
	if (!child) {
		pause();
		_exit(0);
	}
	ck_assert_ptr_nonnull(sim_process_get(driver, child));
	ck_assert_ptr_eq(sim_process_find(driver, child), sim_process_get(driver, child));
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	ck_assert_ptr_null(sim_process_find(driver, child));
	ck_assert_ptr_null(sim_process_get(driver, child));
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

START_TEST(an_exec_replaces_the_image)
{
	int status, ready[2], go[2];
	char byte;
	ck_assert(!pipe(ready) && !pipe(go));
	pid_t child = fork();
	if (!child) {
		dup2(ready[1], 1);
		dup2(go[0], 0);
		if (write(1, "a", 1) == 1 && read(0, &byte, 1) == 1)
			execlp("sh", "sh", "-c", "echo b; read x", (char *)NULL);
		_exit(1);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	struct sim_process *p = sim_process_get(driver, child);
	ck_assert_ptr_nonnull(p);
	ck_assert(!sim_process_replaced(p));
	ck_assert_int_eq(write(go[1], "x", 1), 1);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	ck_assert_int_eq(byte, 'b');
	ck_assert(sim_process_replaced(p));
	ck_assert_int_eq(write(go[1], "\n", 1), 1);
	waitpid(child, &status, 0);
}
END_TEST

START_TEST(a_record_made_by_a_debugger_does_not_open_the_door)
{
	uint32_t version[2] = { 0 };
	process->opened = false;
	ck_assert_int_eq(ioctl_nr(SIM_NR_GET_VERSION, version, sizeof(version), NULL), -EBADF);
	ck_assert_int_eq(ioctl_nr(0x27, version, sizeof(version), NULL), -ENOTTY);
	process->opened = true;
	ck_assert_int_eq(ioctl_nr(SIM_NR_GET_VERSION, version, sizeof(version), NULL), 0);
}
END_TEST

START_TEST(shapes_that_cannot_be_are_refused)
{
	static const struct sim_options bad[] = {
		{ .gpu = "gfx1", .gpus = 1, .xccs = 1, .vram_bytes = PAGE },
		{ .gpu = "gfx942", .gpus = 0, .xccs = 1, .vram_bytes = PAGE },
		{ .gpu = "gfx942", .gpus = 1, .xccs = 2, .cus = 5, .vram_bytes = PAGE },
		{ .gpu = "gfx942", .gpus = 1, .xccs = 1, .vram_bytes = 0 },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		ck_assert_ptr_null(sim_driver_create(&bad[i]));
		ck_assert_int_eq(errno, EINVAL);
	}
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(lookup_finds_mapped_buffers_only), TAP_ONE(reads_cross_buffers_and_stop_at_holes),
		TAP_ONE(read_only_buffers_refuse_writes), TAP_ONE(user_memory_is_reached_at_its_own_address),
		TAP_ONE(mapped_counts_per_device), TAP_ONE(a_ring_mapped_twice_shows_one_memory),
		TAP_ONE(many_buffers_stay_sorted), TAP_ONE(svm_ranges_split_and_join_their_attributes),
		TAP_ONE(memory_exceptions_reach_their_waiters), TAP_ONE(a_signal_clears_its_slot),
		TAP_ONE(waiting_for_all_collects_automatic_events), TAP_ONE(a_cancelled_wait_gives_back_what_it_took),
		TAP_ONE(timers_end_waits), TAP_ONE(one_event_twice_in_a_list), TAP_ONE(slots_run_out),
		TAP_ONE(space_is_given_back_whole), TAP_ONE(generated_files_follow_the_device), TAP_ONE(prefixes_need_room),
		TAP_ONE(a_dead_process_has_no_record), TAP_ONE(an_exec_replaces_the_image),
		TAP_ONE(a_record_made_by_a_debugger_does_not_open_the_door), TAP_ONE(shapes_that_cannot_be_are_refused),
	};
	return TAP_RUN("sim driver", tests, setup, teardown);
}
