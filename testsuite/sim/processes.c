/* Processes that come and go. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testsuite/sim/probe.h"

extern char **environ;

enum { GIB = 1 << 30 };

static bool has_directory(pid_t pid)
{
	char path[64];
	struct stat st;
	snprintf(path, sizeof(path), "/sys/class/kfd/kfd/proc/%d", (int)pid);
	return !stat(path, &st);
}

/* The simulator learns of a death when the kernel tells it, a moment after the parent. */
static bool gone_soon(pid_t pid)
{
	for (int i = 0; i < 200 && has_directory(pid); i++)
		usleep(5000);
	return !has_directory(pid);
}

static void test_death(void)
{
	struct gpu gpu;
	gpu.kfd = open("/dev/kfd", O_RDWR | O_CLOEXEC);
	gpu.id = (uint32_t)number_in(NODE "/gpu_id");
	uint64_t before = vram_left(&gpu);
	pid_t child = fork();
	if (!child) {
		struct gpu own;
		struct buffer b = { .va = 0x7000000000, .size = GIB, .flags = MEM_VRAM };
		if (gpu_open(&own) && !buffer_alloc(&own, &b) && !buffer_map(&own, &b, true))
			raise(SIGSTOP);
		_exit(1);
	}
	int status;
	waitpid(child, &status, WUNTRACED);
	check(WIFSTOPPED(status) && has_directory(child) && before - vram_left(&gpu) == GIB, "a child holds device memory");
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	check(gone_soon(child), "killed, it leaves no record");
	check(vram_left(&gpu) == before, "nor its memory");
	close(gpu.kfd);
}

/* Killed in a call that sleeps for ever. */
static void *sleep_for_ever(void *arg)
{
	struct gpu *gpu = arg;
	struct { uint64_t page; uint32_t trigger, type, auto_reset, node, id, slot; } create = { .type = 0 };
	call(gpu->kfd, KFD(0x08, 32), &create);
	struct { uint64_t bytes[5]; uint32_t id, pad; } event = { .id = create.id };
	struct { uint64_t events; uint32_t n, all, timeout, result; } wait = { (uintptr_t)&event, 1, 0, 0xffffffff, 0 };
	call(gpu->kfd, KFD(0x0c, 24), &wait);
	return NULL;
}

static void test_death_asleep(void)
{
	pid_t child = fork();
	if (!child) {
		struct gpu own;
		pthread_t thread;
		gpu_open(&own);
		pthread_create(&thread, NULL, sleep_for_ever, &own);
		usleep(50000);
		raise(SIGSTOP);
		_exit(1);
	}
	int status;
	waitpid(child, &status, WUNTRACED);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	check(gone_soon(child), "killed in a call that sleeps: no record is left");
}

/* A debugger that comes and goes while the program sleeps in the driver. */
static void test_tracer(void)
{
	pid_t child = fork();
	if (!child) {
		struct gpu own;
		struct { uint64_t page; uint32_t trigger, type, auto_reset, node, id, slot; } create = { .type = 0 };
		struct { uint64_t bytes[5]; uint32_t id, pad; } event = { .id = 1 };
		struct { uint64_t events; uint32_t n, all, timeout, result; } wait = { (uintptr_t)&event, 1, 0, 500, 9 };
		gpu_open(&own);
		_exit(!call(own.kfd, KFD(0x08, 32), &create) && !call(own.kfd, KFD(0x0c, 24), &wait) && wait.result == 1 ? 0 : 1);
	}
	int status = -1;
	usleep(150000);
	bool traced = !ptrace(PTRACE_SEIZE, child, 0, 0) && !ptrace(PTRACE_INTERRUPT, child, 0, 0) &&
		waitpid(child, &status, 0) == child && WIFSTOPPED(status);
	usleep(50000);
	traced = traced && !ptrace(PTRACE_DETACH, child, 0, 0);
	check(traced, "a tracer stops a thread asleep in the driver, and lets it go");
	waitpid(child, &status, 0);
	check(!status, "which sleeps on to the end of its time");
}

static void test_exec(const char *self)
{
	pid_t child = fork();
	if (!child) {
		char number[16];
		int kfd = open("/dev/kfd", O_RDWR); /* survives the exec */
		snprintf(number, sizeof(number), "%d", kfd);
		execl(self, self, "--after-exec", number, (char *)NULL);
		_exit(99);
	}
	int status = -1;
	waitpid(child, &status, 0);
	check(!status, "exec ends the old image's record and the new image starts afresh (status 0x%x)", status);
}

/* The new image never comes to the device; what the old one held is gone all the same. */
static void test_exec_of_a_stranger(void)
{
	struct gpu gpu;
	gpu.kfd = open("/dev/kfd", O_RDWR | O_CLOEXEC);
	gpu.id = (uint32_t)number_in(NODE "/gpu_id");
	uint64_t before = vram_left(&gpu);
	int ready[2];
	char c;
	pid_t child = pipe(ready) ? -1 : fork();
	if (!child) {
		struct gpu own;
		struct buffer b = { .va = 0x7000000000, .size = GIB, .flags = MEM_VRAM };
		bool good = gpu_open(&own) && !buffer_alloc(&own, &b) && !buffer_map(&own, &b, true);
		if (good && write(ready[1], "x", 1) == 1)
			execlp("sleep", "sleep", "100", (char *)NULL);
		_exit(99);
	}
	close(ready[1]);
	check(read(ready[0], &c, 1) == 1, "a child holds device memory, then becomes another program");
	check(gone_soon(child), "exec ends the record although nothing more is said");
	check(vram_left(&gpu) == before && !kill(child, 0), "and its memory is free, while the process lives");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ready[0]);
	close(gpu.kfd);
}

static int run(char *const argv[])
{
	pid_t pid;
	int status = -1;
	if (!posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ))
		waitpid(pid, &status, 0);
	return status;
}

static void test_children(void)
{
	int kfd = open("/dev/kfd", O_RDWR | O_CLOEXEC);
	uint32_t v[2];
	char sh[] = "sh", option[] = "-c", script[] = "test -c /dev/kfd && read id < " NODE "/gpu_id && test \"$id\" -gt 0";
	char *const command[] = { sh, option, script, NULL };
	check(!run(command), "a spawned shell sees device and files");
	pid_t pid = vfork();
	if (!pid) {
		execlp("test", "test", "-c", "/dev/dri/renderD128", (char *)NULL);
		_exit(99);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	check(!status && !call(kfd, KFD(0x01, 8), v), "vfork and exec, and this process goes on");
	check(!system("test -d /sys/class/kfd/kfd/topology/nodes/1"), "system()");
	close(kfd);
}

static void *open_and_ask(void *arg)
{
	uint32_t v[2];
	int kfd = open("/dev/kfd", O_RDWR | O_CLOEXEC);
	*(bool *)arg = kfd >= 0 && !call(kfd, KFD(0x01, 8), v);
	close(kfd);
	return NULL;
}

static int open_descriptors(void)
{
	int n = 0;
	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void test_threads(void)
{
	enum { ROUNDS = 20, THREADS = 16 };
	int before = open_descriptors(), good = 0;
	for (int round = 0; round < ROUNDS; round++) {
		pthread_t threads[THREADS];
		bool ok[THREADS];
		for (int i = 0; i < THREADS; i++)
			pthread_create(&threads[i], NULL, open_and_ask, &ok[i]);
		for (int i = 0; i < THREADS; i++) {
			pthread_join(threads[i], NULL);
			good += ok[i];
		}
	}
	check(good == ROUNDS * THREADS, "%d threads asked", ROUNDS * THREADS);
	check(open_descriptors() == before, "and left no descriptor behind");
}

void test_processes(const char *self)
{
	test_death();
	test_death_asleep();
	test_tracer();
	test_exec(self);
	test_exec_of_a_stranger();
	test_children();
	test_threads();
}
