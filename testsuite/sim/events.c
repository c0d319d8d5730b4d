/* Events (kfd-debug-interface.md 6.6), calls that sleep, and signals during them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/mman.h>
#include <time.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "testsuite/sim/probe.h"

struct create { uint64_t page; uint32_t trigger, type, auto_reset, node, id, slot; };
struct data { union { uint64_t age; uint8_t bytes[32]; } u; uint64_t ext; uint32_t id, pad; };
struct wait { uint64_t events; uint32_t n, all, timeout, result; };
#define FOREVER 0xffffffffu

static struct gpu gpu;

static uint32_t create(uint32_t type, bool auto_reset)
{
	struct create arg = { .type = type, .auto_reset = auto_reset };
	return call(gpu.kfd, KFD(0x08, 32), &arg) ? 0 : arg.id;
}

static int one(unsigned nr, uint32_t id)
{
	uint32_t arg[2] = { id, 0 };
	return call(gpu.kfd, KFD(nr, 8), arg);
}

static int destroy(uint32_t id) { return one(0x09, id); }
static int set(uint32_t id) { return one(0x0a, id); }
static int reset(uint32_t id) { return one(0x0b, id); }

static int wait_for(struct data *events, uint32_t n, bool all, uint32_t ms, struct wait *arg)
{
	*arg = (struct wait){ (uintptr_t)events, n, all, ms, 99 };
	return call(gpu.kfd, KFD(0x0c, 24), arg);
}

/* Result of waiting for one event, 100 + errno on failure. */
static int wait_one(uint32_t id, uint32_t ms)
{
	struct data d = { .id = id };
	struct wait w;
	int err = wait_for(&d, 1, false, ms, &w);
	return err ? 100 - err : (int)w.result;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void test_creation(void)
{
	struct buffer page = { .va = 0, .size = 0x8000, .flags = MEM_GTT };
	page.va = (uintptr_t)mmap(NULL, page.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(!buffer_alloc(&gpu, &page) && !buffer_map(&gpu, &page, true), "a buffer for the event page");
	struct create arg = { .page = page.handle, .type = 8 };
	check(!call(gpu.kfd, KFD(0x08, 32), &arg) && arg.id >= 0x40000000 && !arg.page, "a memory event, which sets the page");
	struct create twice = { .page = page.handle, .type = 0 };
	check(call(gpu.kfd, KFD(0x08, 32), &twice) == -EINVAL, "the page is set once: EINVAL");
	struct create signal = { .type = 0 };
	check(!call(gpu.kfd, KFD(0x08, 32), &signal) && signal.id == 1 && signal.slot == 1 && signal.trigger == 1 && signal.page == 2ull << 62,
	      "the first signal event has slot 1");
	uint64_t *slots = mmap((void *)(uintptr_t)page.va, page.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, gpu.drm, (off_t)page.offset);
	check(slots != MAP_FAILED && slots[1] == UINT64_MAX && slots[4095] == UINT64_MAX, "slots are all ones");
	check(!buffer_map(&gpu, &page, false) && buffer_free(&gpu, &page) == -EPERM, "the page's buffer cannot be freed: EPERM");
	check(set(arg.id) == -EINVAL && reset(arg.id) == -EINVAL, "only signal events are set by programs: EINVAL");
	check(set(77) == -EINVAL && destroy(77) == -EINVAL, "unknown event: EINVAL");
	check(wait_one(77, 0) == 100 + EINVAL, "waiting for an unknown event: EINVAL");
	check(!destroy(signal.id) && create(0, false) == 1, "a slot is used again");
	check(!destroy(1) && !destroy(arg.id), "destroyed");
}

static void test_waiting(void)
{
	uint32_t manual = create(0, false), automatic = create(0, true);
	check(manual && automatic, "two events");
	check(wait_one(manual, 0) == 1, "not signalled: a timeout at once");
	double start = now();
	check(wait_one(manual, 50) == 1, "a timeout is a result, not an error");
	double ms = now() - start;
	check(ms >= 49, "after the time given, not before (%.1f ms for 50)", ms);
	check(!set(manual) && wait_one(manual, 0) == 0 && wait_one(manual, 0) == 0, "a signalled event stays signalled");
	check(!reset(manual) && wait_one(manual, 0) == 1, "until reset");
	check(!set(automatic) && wait_one(automatic, 0) == 0 && wait_one(automatic, 0) == 1, "an automatic one is taken by the first waiter");
	struct data both[2] = { { .id = manual }, { .id = automatic } };
	struct wait w;
	set(manual);
	check(!wait_for(both, 2, false, 0, &w) && w.result == 0, "any of two");
	check(!wait_for(both, 2, true, 0, &w) && w.result == 1, "all of two: one is missing");
	set(automatic);
	check(!wait_for(both, 2, true, 0, &w) && w.result == 0, "all of two");
	reset(manual);
	check(wait_for((struct data *)8, 1, false, 0, &w) == -EFAULT, "bad list of events: EFAULT");
	destroy(manual);
	destroy(automatic);
}

static void test_ages(void)
{
	uint32_t id = create(0, true);
	struct data d = { .u.age = 1, .id = id };
	struct wait w;
	check(!wait_for(&d, 1, false, 0, &w) && w.result == 1 && d.u.age == 1, "age 1 at first");
	set(id);
	check(!wait_for(&d, 1, false, 0, &w) && w.result == 0 && d.u.age == 2, "a signal makes it 2");
	d.u.age = 1;
	check(!wait_for(&d, 1, false, 1000, &w) && w.result == 0 && d.u.age == 2, "who knows only age 1 does not wait");
	destroy(id);
}

/* ------------------------------------------------------------------ sleeping */

struct sleeper {
	pthread_t thread;
	uint32_t id;
	int result; /* as wait_one */
	double ms;
	_Atomic int tid;
	_Atomic bool awake;
};

static void *sleep_on_event(void *arg)
{
	struct sleeper *s = arg;
	s->tid = (int)syscall(SYS_gettid);
	double start = now();
	s->result = wait_one(s->id, FOREVER);
	s->ms = now() - start;
	s->awake = true;
	return NULL;
}

static bool sleeps(int tid)
{
	char path[64], text[256] = "";
	snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	if (f)
		fclose(f);
	const char *end = n ? strrchr(text, ')') : NULL;
	return end && end[1] == ' ' && end[2] == 'S';
}

/* Returns when the thread has been asleep for a while: it is in the call then, however busy the machine is. */
static void start_sleeper(struct sleeper *s, uint32_t id)
{
	s->id = id;
	s->awake = false;
	s->tid = 0;
	pthread_create(&s->thread, NULL, sleep_on_event, s);
	for (int polls = 0, still = 0; still < 10 && polls < 2000; polls++) {
		usleep(5000);
		still = s->tid && sleeps(s->tid) ? still + 1 : 0;
	}
}

static void test_sleep(void)
{
	struct sleeper a, b;
	uint32_t id = create(0, false);
	start_sleeper(&a, id);
	start_sleeper(&b, id);
	uint32_t version[2];
	check(!call(gpu.kfd, KFD(0x01, 8), version) && !a.awake && !b.awake, "threads asleep do not hold up others");
	set(id);
	pthread_join(a.thread, NULL);
	pthread_join(b.thread, NULL);
	check(a.result == 0 && b.result == 0, "a signal wakes all sleepers");
	destroy(id);
	id = create(0, true);
	start_sleeper(&a, id);
	destroy(id);
	pthread_join(a.thread, NULL);
	check(a.result == 100 + EIO, "an event destroyed under its waiter: EIO");
}

static volatile sig_atomic_t handled;

static void handler(int sig)
{
	(void)sig;
	handled++;
}

static void arm(int ms, bool restart)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = restart ? SA_RESTART : 0 };
	struct itimerval timer = { .it_value = { .tv_usec = ms * 1000 } };
	sigaction(SIGALRM, &action, NULL);
	handled = 0;
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void test_signals(void)
{
	uint32_t id = create(0, false);
	struct data d = { .id = id };
	struct wait w;
	arm(50, false);
	check(wait_for(&d, 1, false, 20000, &w) == -EINTR && handled == 1, "a handler interrupts a wait: EINTR");
	check(w.timeout > 0 && w.timeout <= 19960, "and the time that was left is stored (%u ms of 20000)", w.timeout);
	arm(50, true);
	double start = now();
	check(!wait_for(&d, 1, false, 200, &w) && w.result == 1 && handled == 1, "with SA_RESTART the wait goes on");
	double ms = now() - start;
	check(ms >= 199, "for its whole time (%.1f ms for 200)", ms);
	destroy(id);
}

void test_events(void)
{
	gpu.kfd = open("/dev/kfd", O_RDWR | O_CLOEXEC);
	gpu.drm = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC);
	gpu.id = (uint32_t)number_in(NODE "/gpu_id");
	test_creation();
	test_waiting();
	test_ages();
	test_sleep();
	test_signals();
	close(gpu.kfd);
	close(gpu.drm);
}

/* ------------------------------------------------------------------ the handshake */

struct trap { uint32_t pid, op; uint64_t a; uint64_t b; uint32_t c; int32_t fd; };
enum { OP_ENABLE, OP_DISABLE, OP_SEND };
#define PROCESS_RUNTIME 0x800000000000ull

static int runtime_enable(bool on)
{
	struct { uint64_t r_debug; uint32_t mode, caps; } arg = { on ? 0x1234 : 0, on, 0 };
	return call(gpu.kfd, KFD(0x25, 16), &arg);
}

static int send_runtime_event(void)
{
	struct trap t = { .pid = (uint32_t)getpid(), .op = OP_SEND, .a = PROCESS_RUNTIME, .b = UINT64_MAX };
	return call(gpu.kfd, KFD(0x26, 32), &t);
}

static void *release_later(void *arg)
{
	_Atomic int *sent = arg;
	usleep(80000);
	*sent = -2; /* about to */
	*sent = send_runtime_event();
	return NULL;
}

/* Capability of the only GPU as the debug interface shows it. */
static uint32_t capability(void)
{
	uint32_t entry[30] = { 0 };
	struct { uint32_t pid, op; uint64_t mask, buf; uint32_t n, size; } t = { (uint32_t)getpid(), 14, 0, (uintptr_t)entry, 1, sizeof(entry) };
	return call(gpu.kfd, KFD(0x26, 32), &t) ? 0 : entry[28];
}

/* This process debugs itself, which needs no tracer. */
void test_debug_sleep(void)
{
	int pipe_ends[2];
	struct { uint64_t r_debug; uint32_t state, ttmp; } info = { 1, 1, 1 };
	gpu.kfd = open("/dev/kfd", O_RDWR | O_CLOEXEC);
	if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK))
		return;
	struct trap t = { .pid = (uint32_t)getpid(), .op = OP_ENABLE, .a = PROCESS_RUNTIME, .b = (uintptr_t)&info, .c = sizeof(info), .fd = 999 };
	check(call(gpu.kfd, KFD(0x26, 32), &t) == -EBADF, "an event descriptor that is none: EBADF");
	t.fd = pipe_ends[1];
	check(!call(gpu.kfd, KFD(0x26, 32), &t) && t.c == 16 && !info.state && !info.r_debug, "debugging enabled on this process");
	uint32_t before = capability();
	property(NODE "/properties", "capability");
	check(before & 0x8000 && !(before & 0x80) && capability() & 0x80, "watch bits appear once the properties have been read");
	arm(50, true);
	check(runtime_enable(true) == -EINTR && handled == 1, "a handler interrupts the handshake, SA_RESTART or not: EINTR");
	struct pollfd p = { .fd = pipe_ends[0], .events = POLLIN };
	check(poll(&p, 1, 1000) == 1, "the debugger's descriptor has been written to");
	pthread_t thread;
	_Atomic int sent = -1;
	pthread_create(&thread, NULL, release_later, &sent);
	check(!runtime_enable(true) && sent != -1, "called again it sleeps until released");
	pthread_join(thread, NULL);
	check(!sent, "the release itself succeeds");
	struct trap off = { .pid = (uint32_t)getpid(), .op = OP_DISABLE };
	check(!call(gpu.kfd, KFD(0x26, 32), &off) && !runtime_enable(false), "debugging off: no handshake");
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	close(gpu.kfd);
}
