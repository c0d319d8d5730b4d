/* A debugger for the kernel's debug interface in one file: it knows the interface and the layout of saved waves of gfx942 from their reference
 * and nothing of this project. It starts a program that spins in a kernel, stops its waves, steps one, plants a breakpoint in all, lets them
 * end, and prints what holds as TAP. The kernel's first argument points at a flag that ends it.
 *   dbg_session WAVES PROGRAM [ARGS...]   starts the program
 *   dbg_session WAVES --attach PID        attaches to one that spins, and lets it end after the detach
 *   dbg_session WAVES --abandon PID       attaches, suspends its queue and dies */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ENABLE, DISABLE, SEND_RUNTIME, SET_EXCEPTIONS, OVERRIDE, LAUNCH_MODE, SUSPEND, RESUME, QUERY_EVENT = 11, QUERY_INFO, QUEUES, DEVICES };
enum { MAX_WAVES = 4096, TIMEOUT_MS = 20000 };
#define EC_RUNTIME 0x800000000000ull
#define EC_NEW 0x40000000ull
#define EC_WAVES 0x3full
#define HALT 0x2000u
#define SKIP_EXPORT 0x40000u
#define DEBUG_EN 0x800u
#define S_TRAP_1 0xbf920001u

struct args {
	uint32_t pid, op;
	union {
		struct { uint64_t mask, info; uint32_t size, fd; } enable;
		struct { uint64_t mask; uint32_t gpu, queue; } event;
		struct { uint32_t mode, enable, support, pad; } override;
		struct { uint64_t mask, ids; uint32_t n, grace; } suspend;
		struct { uint64_t ids; uint32_t n, pad; } resume;
		struct { uint64_t ptr; uint32_t size, source, code, clear; } info;
		struct { uint64_t mask, buf; uint32_t n, entry; } snapshot;
	};
};
#define IOC_DBG_TRAP _IOWR('K', 0x26, struct args)

struct queue { uint64_t status, ring, write, read, save; uint32_t id, gpu, ring_size, type, save_size, reserved; };

struct wave { /* offsets from the area of its XCC */
	uint64_t area;
	uint32_t vgpr, sgpr, hwreg, ttmp;
	bool first, last;
};

static int kfd, mem, events[2], failures, checks;
static bool attached;
static pid_t child;
static struct queue queue;
static struct wave waves[MAX_WAVES];
static unsigned n_waves, n_xcc;

static bool check(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++checks, what);
	failures += !good;
	fflush(stdout);
	return good;
}

static void give_up(const char *what)
{
	printf("not ok %d - %s (%s)\n1..%d\n", checks + 1, what, strerror(errno), checks + 1);
	if (child > 0 && !attached)
		kill(child, SIGKILL);
	exit(1);
}

static int trap(uint32_t op, struct args *a)
{
	a->pid = (uint32_t)child;
	a->op = op;
	return ioctl(kfd, IOC_DBG_TRAP, a);
}

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void peek(uint64_t addr, void *buf, size_t n)
{
	if (pread(mem, buf, n, (off_t)addr) != (ssize_t)n)
		give_up("read of the target's memory");
}

static void poke(uint64_t addr, const void *buf, size_t n)
{
	if (pwrite(mem, buf, n, (off_t)addr) != (ssize_t)n)
		give_up("write of the target's memory");
}

static uint32_t peek32(uint64_t addr)
{
	uint32_t value;
	peek(addr, &value, sizeof(value));
	return value;
}

static void poke32(uint64_t addr, uint32_t value)
{
	poke(addr, &value, sizeof(value));
}

/* ------------------------------------------------------------------ the program and its runtime */

static void start(char **argv)
{
	int go[2], status;
	if (pipe2(go, O_CLOEXEC) || pipe2(events, O_CLOEXEC | O_NONBLOCK))
		give_up("pipe");
	child = fork();
	if (child == 0) {
		char c, options[1024];
		const char *given = getenv("ASAN_OPTIONS");
		/* A leak checker inside the program wants to trace it itself; it would take the session for a failure of the program. */
		snprintf(options, sizeof(options), "%s%sdetect_leaks=0", given ? given : "", given ? ":" : "");
		setenv("ASAN_OPTIONS", options, 1);
		if (read(go[0], &c, 1) == 1)
			execvp(argv[0], argv);
		_exit(127);
	}
	if (ptrace(PTRACE_SEIZE, child, NULL, PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) || write(go[1], "", 1) != 1)
		give_up("seize");
	if (waitpid(child, &status, 0) != child || status >> 8 != (SIGTRAP | PTRACE_EVENT_EXEC << 8))
		give_up("exec of the program");
	close(go[0]);
	close(go[1]);
}

/* Passes on what stops the child meanwhile; false when it is gone. */
static bool serve_child(void)
{
	int status;
	while (waitpid(child, &status, WNOHANG | __WALL) == child) {
		if (WIFEXITED(status) || WIFSIGNALED(status))
			return false;
		ptrace(PTRACE_CONT, child, NULL, WIFSTOPPED(status) && status >> 16 == 0 ? WSTOPSIG(status) : 0);
	}
	return true;
}

static bool wait_byte(void)
{
	char buf[64];
	for (uint64_t end = now_ms() + TIMEOUT_MS; now_ms() < end;) {
		struct pollfd p = { .fd = events[0], .events = POLLIN };
		if (!serve_child())
			return false;
		if (poll(&p, 1, 20) == 1 && read(events[0], buf, sizeof(buf)) > 0)
			return true;
	}
	return false;
}

static void open_memory(void)
{
	char path[40];
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)child);
	mem = open(path, O_RDWR | O_CLOEXEC);
	if (mem < 0)
		give_up(path);
}

static void read_devices(void)
{
	uint8_t devices[16][120];
	struct args a = { .snapshot = { 0, (uintptr_t)devices, 16, 120 } };
	check(trap(DEVICES, &a) == 0 && a.snapshot.n >= 1 && a.snapshot.entry == 120, "device snapshot");
	memcpy(&n_xcc, devices[0] + 108, 4);
}

/* The program runs already: its runtime is enabled, and there is no handshake. */
static void attach(pid_t pid)
{
	struct { uint64_t r_debug; uint32_t state, ttmp; } info;
	struct args a = { .enable = { EC_RUNTIME | EC_WAVES, (uintptr_t)&info, sizeof(info), 0 } };
	if (pipe2(events, O_CLOEXEC | O_NONBLOCK))
		give_up("pipe");
	a.enable.fd = (uint32_t)events[1];
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL))
		give_up("seize");
	child = pid;
	attached = true;
	memset(&info, 0xff, sizeof(info));
	check(trap(ENABLE, &a) == 0 && info.state == 1 && info.r_debug, "ENABLE of a running program");
	read_devices();
	open_memory();
}

static void meet_runtime(void)
{
	struct { uint64_t r_debug; uint32_t state, ttmp; } info;
	struct args a = { .enable = { EC_RUNTIME, (uintptr_t)&info, sizeof(info), (uint32_t)events[1] } };
	memset(&info, 0xff, sizeof(info));
	check(trap(ENABLE, &a) == 0 && a.enable.size == 16 && info.state == 0, "ENABLE before the program has opened the device");
	read_devices();
	ptrace(PTRACE_CONT, child, NULL, NULL);
	if (!wait_byte())
		give_up("no byte for the runtime's handshake");
	a = (struct args){ .event = { EC_WAVES, 1, 1 } };
	check(trap(QUERY_EVENT, &a) == 0 && a.event.mask == EC_RUNTIME && a.event.gpu == 0 && a.event.queue == 0, "runtime event");
	a = (struct args){ .info = { (uintptr_t)&info, sizeof(info), 0, 48, 1 } };
	check(trap(QUERY_INFO, &a) == 0 && a.info.size == 16 && info.state == 1, "runtime info");
	int version = 0;
	open_memory();
	peek(info.r_debug, &version, sizeof(version));
	check(version >= 8 && version <= 10, "debug list version");
	a = (struct args){ .event = { EC_RUNTIME | 0x100000000ull | EC_WAVES, 0, 0 } };
	check(trap(SET_EXCEPTIONS, &a) == 0, "subscription");
	a = (struct args){ .override = { 0, 0, 0, 0 } };
	check(trap(LAUNCH_MODE, &a) == 0 && trap(OVERRIDE, &a) == 0 && a.override.support == 0xc00001ff, "launch mode and override");
	a = (struct args){ .event = { EC_RUNTIME, ~0u, ~0u } };
	check(trap(SEND_RUNTIME, &a) == 0, "handshake answered");
}

/* ------------------------------------------------------------------ queue and waves */

static void find_queue(void)
{
	uint32_t id = 0;
	struct args a;
	for (uint64_t end = now_ms() + TIMEOUT_MS;; usleep(2000)) {
		a = (struct args){ .snapshot = { 0, (uintptr_t)&queue, 1, sizeof(queue) } };
		if (!serve_child() || now_ms() > end || trap(QUEUES, &a))
			give_up("no queue appears");
		if (a.snapshot.n)
			break;
	}
	if (!(queue.status & EC_NEW))
		return; /* known to an earlier session */
	a = (struct args){ .suspend = { 0, (uintptr_t)&id, 1, 0 } };
	id = queue.id;
	check(trap(SUSPEND, &a) == 0 && id == (queue.id | 0x80000000u), "a new queue cannot be suspended");
	a = (struct args){ .snapshot = { EC_NEW, (uintptr_t)&queue, 1, sizeof(queue) } };
	check(trap(QUEUES, &a) == 0 && queue.status & EC_NEW && queue.type == 2, "queue snapshot");
}

static bool suspend(void)
{
	uint32_t id = queue.id;
	struct args a = { .suspend = { EC_WAVES, (uintptr_t)&id, 1, 0 } };
	return trap(SUSPEND, &a) == 1 && id == queue.id;
}

static bool resume(void)
{
	uint32_t id = queue.id;
	struct args a = { .resume = { (uintptr_t)&id, 1, 0 } };
	return trap(RESUME, &a) == 1 && id == queue.id;
}

/* One wave entry of the control stack: its record ends at *top. */
static void place_wave(uint64_t area, uint32_t state, uint32_t word, uint32_t *top)
{
	uint32_t total = ((state & 0x3f) + 1) * 8;
	uint32_t sgprs = ((state >> 6 & 7) + 1) * 16 - 16, lds = (state >> 9 & 0xff) * 512;
	struct wave *w = &waves[n_waves++];
	w->area = area;
	w->first = word >> 17 & 1;
	w->last = word >> 16 & 1;
	*top -= 64 + (w->first ? lds : 0);
	w->ttmp = *top -= 64;
	w->hwreg = *top -= 64;
	w->sgpr = *top -= sgprs * 4;
	w->vgpr = *top -= total * 256;
}

/* Finds all waves of the suspended queue; false when an area contradicts itself. */
static bool walk(void)
{
	static uint32_t stack[MAX_WAVES * 2];
	n_waves = 0;
	for (unsigned x = 0; x < n_xcc; x++) {
		uint64_t area = queue.save + (uint64_t)x * queue.save_size;
		uint32_t h[4], state = 0;
		peek(area, h, sizeof(h));
		if (h[0] + h[1] != h[2] - h[3] || h[1] % 4 || h[1] > sizeof(stack))
			return false;
		peek(area + h[0], stack, h[1]);
		uint32_t top = h[2];
		for (uint32_t i = 2; i < h[1] / 4; i++) {
			if (stack[i] >> 30 & 1)
				continue;
			if (stack[i] >> 31)
				state = stack[i];
			else if (n_waves < MAX_WAVES)
				place_wave(area, state, stack[i], &top);
		}
		if (top != h[2] - h[3])
			return false;
	}
	return true;
}

static uint32_t hwreg(const struct wave *w, unsigned n)
{
	return peek32(w->area + w->hwreg + 4 * n);
}

static void set_hwreg(const struct wave *w, unsigned n, uint32_t value)
{
	poke32(w->area + w->hwreg + 4 * n, value);
}

static uint32_t ttmp(const struct wave *w, unsigned n)
{
	return peek32(w->area + w->ttmp + 4 * n);
}

static void set_ttmp(const struct wave *w, unsigned n, uint32_t value)
{
	poke32(w->area + w->ttmp + 4 * n, value);
}

static uint64_t pc(const struct wave *w)
{
	return hwreg(w, 1) | (uint64_t)(hwreg(w, 2) & 0xffff) << 32;
}

static void set_pc(const struct wave *w, uint64_t value)
{
	set_hwreg(w, 1, (uint32_t)value);
	set_hwreg(w, 2, (uint32_t)(value >> 32));
}

static void stop_wave(const struct wave *w)
{
	if (!(ttmp(w, 11) >> 31)) {
		set_ttmp(w, 4, 0);
		set_ttmp(w, 5, 0);
		set_ttmp(w, 6, 0);
		set_ttmp(w, 11, ttmp(w, 11) | 0x80000000u);
	}
	set_hwreg(w, 5, hwreg(w, 5) | HALT | SKIP_EXPORT);
	set_ttmp(w, 6, (ttmp(w, 6) & ~0x60000000u) | 0x40000000u);
}

static void run_wave(const struct wave *w, bool step)
{
	uint32_t saved_halt = ttmp(w, 6) >> 29 & 1;
	set_hwreg(w, 5, (hwreg(w, 5) & ~(HALT | SKIP_EXPORT)) | (saved_halt ? HALT : 0));
	set_hwreg(w, 6, hwreg(w, 6) & ~(1u << 25));
	set_hwreg(w, 9, (hwreg(w, 9) & ~DEBUG_EN) | (step ? DEBUG_EN : 0));
	set_ttmp(w, 6, ttmp(w, 6) & ~0x60000000u);
}

/* ------------------------------------------------------------------ the session */

static void stop_all(unsigned wanted)
{
	for (uint64_t end = now_ms() + TIMEOUT_MS;; usleep(5000)) {
		if (!suspend())
			give_up("SUSPEND_QUEUES");
		if (!walk())
			give_up("the save area contradicts itself");
		if (n_waves == wanted)
			break;
		if (now_ms() > end || !serve_child() || !resume())
			give_up("the waves do not appear");
	}
	check(true, "all waves are in the save area");
	unsigned firsts = 0, lasts = 0;
	bool groups = true;
	for (unsigned i = 0; i < n_waves; i++) {
		firsts += waves[i].first;
		lasts += waves[i].last;
		if (i && waves[i].area == waves[i - 1].area)
			groups &= waves[i].first == waves[i - 1].last;
	}
	check(firsts == lasts && firsts && groups, "groups are contiguous and flagged");
}

static void halted_waves_stay(void)
{
	uint64_t before = pc(&waves[0]);
	for (unsigned i = 0; i < n_waves; i++)
		stop_wave(&waves[i]);
	if (!resume())
		give_up("RESUME_QUEUES");
	usleep(30000);
	if (!suspend() || !walk())
		give_up("second stop");
	check(pc(&waves[0]) == before && ttmp(&waves[0], 6) >> 30 & 1, "a halted wave stays where it is");
}

static bool wait_wave_event(void)
{
	struct args a;
	if (!wait_byte())
		return false;
	a = (struct args){ .event = { EC_WAVES | EC_NEW, 0, 0 } };
	return trap(QUERY_EVENT, &a) == 0 && a.event.mask & 2 && a.event.queue == queue.id && a.event.gpu == queue.gpu;
}

static void step_one(void)
{
	uint64_t before = pc(&waves[0]), other = n_waves > 1 ? pc(&waves[1]) : 0;
	run_wave(&waves[0], true);
	if (!resume())
		give_up("RESUME_QUEUES");
	check(wait_wave_event(), "a step is announced");
	if (!suspend() || !walk())
		give_up("stop after the step");
	check(pc(&waves[0]) != before && hwreg(&waves[0], 6) >> 25 & 1 && hwreg(&waves[0], 5) & HALT, "one wave has stepped");
	check(n_waves < 2 || pc(&waves[1]) == other, "the others have not");
}

/* A breakpoint where wave 0 is: all waves turn in the same loop. */
static void break_all(void)
{
	uint64_t at = pc(&waves[0]);
	uint32_t original = peek32(at), hits = 0;
	poke32(at, S_TRAP_1);
	for (unsigned i = 0; i < n_waves; i++)
		run_wave(&waves[i], false);
	if (!resume())
		give_up("RESUME_QUEUES");
	check(wait_wave_event(), "the breakpoint is announced");
	for (uint64_t end = now_ms() + TIMEOUT_MS; now_ms() < end; usleep(5000)) {
		if (!suspend() || !walk())
			give_up("stop at the breakpoint");
		hits = 0;
		for (unsigned i = 0; i < n_waves; i++)
			hits += ttmp(&waves[i], 6) >> 30 & 1;
		if (hits == n_waves)
			break;
		resume();
	}
	check(hits == n_waves, "every wave stops at it");
	bool right = true;
	for (unsigned i = 0; i < n_waves; i++)
		right &= pc(&waves[i]) == at + 4 && (ttmp(&waves[i], 6) >> 25 & 0xf) == 1;
	check(right, "trap id 1, PC after the trap");
	poke32(at, original);
	for (unsigned i = 0; i < n_waves; i++)
		set_pc(&waves[i], at);
}

static void raise_flag(void)
{
	uint64_t read_index, kernarg, flag;
	peek(queue.read, &read_index, 8);
	peek(queue.ring + read_index % (queue.ring_size / 64) * 64 + 40, &kernarg, 8);
	peek(kernarg, &flag, 8);
	poke32(flag, 1);
}

static void leave(void)
{
	struct args a = { 0 };
	for (unsigned i = 0; i < n_waves; i++)
		run_wave(&waves[i], false);
	check(trap(DISABLE, &a) == 0, "DISABLE resumes the queue");
}

static void watch_it_end(void)
{
	int status = 0;
	struct args a = { 0 };
	for (uint64_t end = now_ms() + TIMEOUT_MS; now_ms() < end; usleep(2000)) {
		if (waitpid(child, &status, WNOHANG | __WALL) != child)
			continue;
		if (WIFEXITED(status) || WIFSIGNALED(status))
			break;
		ptrace(PTRACE_CONT, child, NULL, WIFSTOPPED(status) && status >> 16 == 0 ? WSTOPSIG(status) : 0);
	}
	check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the program ends well");
	check(trap(QUERY_EVENT, &a) == -1 && errno == ESRCH, "ESRCH when it is gone");
}

static void detach(void)
{
	int status;
	if (ptrace(PTRACE_INTERRUPT, child, NULL, NULL) || waitpid(child, &status, __WALL) != child)
		give_up("interrupt");
	check(ptrace(PTRACE_DETACH, child, NULL, NULL) == 0, "detached");
}

static void debug_waves(unsigned wanted)
{
	stop_all(wanted);
	halted_waves_stay();
	step_one();
	break_all();
}

int main(int argc, char **argv)
{
	struct { uint32_t major, minor; } version = { 0, 0 };
	if (argc < 3) {
		fprintf(stderr, "usage: dbg_session WAVES {PROGRAM [ARGS...] | --attach PID | --abandon PID}\n");
		return 2;
	}
	unsigned wanted = (unsigned)atoi(argv[1]);
	bool abandon = !strcmp(argv[2], "--abandon");
	kfd = open("/dev/kfd", O_RDWR | O_CLOEXEC);
	if (kfd < 0)
		give_up("open /dev/kfd");
	check(ioctl(kfd, _IOR('K', 1, version), &version) == 0 && version.major == 1 && version.minor >= 13, "interface version");
	if (argc > 3 && (abandon || !strcmp(argv[2], "--attach"))) {
		attach(atoi(argv[3]));
		find_queue();
		if (abandon) {
			stop_all(wanted);
			printf("1..%d\n", checks);
			fflush(stdout);
			raise(SIGKILL);
		}
		debug_waves(wanted);
		raise_flag();
		leave();
		detach();
	} else {
		start(argv + 2);
		meet_runtime();
		find_queue();
		debug_waves(wanted);
		raise_flag();
		leave();
		watch_it_end();
	}
	printf("1..%d\n", checks);
	return failures != 0;
}
