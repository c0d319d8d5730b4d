/* The dispatcher's rules (kfd-debug-interface.md 1.2, 1.3) and descriptors that travel. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "testsuite/sim/probe.h"

static void test_sizes(int kfd)
{
	uint32_t v[4] = { 9, 9, 9, 9 };
	check(!call(kfd, KFD(0x01, 8), v) && v[0] == 1 && v[1] == 17 && v[2] == 9, "version 1.17");
	v[0] = v[1] = 9;
	check(!call(kfd, KFD(0x01, 4), v) && v[0] == 1 && v[1] == 9, "a shorter structure is filled as far as it goes");
	check(!call(kfd, KFD(0x01, 16), v) && v[1] == 17 && v[2] == 9, "a longer structure keeps its tail");
	check(!call(kfd, _IOC(_IOC_NONE, 'X', 0x01, 8), v), "letter and direction of the command do not matter");
	check(call(kfd, KFD(0x01, 8), NULL) == -EFAULT, "null argument: EFAULT");
	uint32_t *readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(call(kfd, KFD(0x01, 8), readonly) == -EFAULT, "answer into read-only memory: EFAULT");
	munmap(readonly, 4096);
}

static void test_numbers(int kfd)
{
	static const unsigned unknown[] = { 0x00, 0x27, 0x28, 0xff };
	static const unsigned deprecated[] = { 0x0d, 0x0e, 0x0f, 0x10 };
	uint8_t arg[64] = { 0 };
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		check(call(kfd, KFD(unknown[i], 16), arg) == -ENOTTY, "ioctl 0x%02x: ENOTTY", unknown[i]);
	for (size_t i = 0; i < sizeof(deprecated) / sizeof(deprecated[0]); i++)
		check(call(kfd, KFD(deprecated[i], 16), arg) == -EPERM, "deprecated ioctl 0x%02x: EPERM", deprecated[i]);
	check(call(kfd, KFD(0x22, 56), arg) == -EACCES, "checkpointing without the capability: EACCES");
}

static void test_apertures(int kfd)
{
	struct aperture { uint64_t lds, lds_end, scratch, scratch_end, vm, vm_end; uint32_t id, pad; } a[2] = { { 0 } };
	struct { uint64_t entries; uint32_t n, pad; } arg = { 0, 0, 0 };
	check(!call(kfd, KFD(0x14, 16), &arg) && arg.n == 1, "number of apertures");
	arg.n = 3;
	check(call(kfd, KFD(0x14, 16), &arg) == -EINVAL, "more apertures than nodes: EINVAL");
	arg.n = 2;
	arg.entries = (uintptr_t)a;
	check(!call(kfd, KFD(0x14, 16), &arg) && arg.n == 1 && a[0].lds == 1ull << 48 && a[0].scratch == 2ull << 48 && a[0].vm_end >= 1ull << 46 &&
	      a[0].id == number_in(NODE "/gpu_id") && !a[1].id, "apertures of the GPUs only");
	arg.n = 1;
	arg.entries = 8;
	check(call(kfd, KFD(0x14, 16), &arg) == -EFAULT, "bad aperture array: EFAULT");
	struct { struct aperture e[7]; uint32_t n, pad; } old;
	check(!call(kfd, KFD(0x06, 400), &old) && old.n == 1 && old.e[0].id == a[0].id, "apertures, old form");
}

static void test_small(int kfd)
{
	struct { uint64_t gpu, cpu, system, hz; uint32_t id, pad; } clock = { .id = (uint32_t)number_in(NODE "/gpu_id") }, again;
	check(!call(kfd, KFD(0x05, 40), &clock) && clock.gpu && clock.cpu && clock.hz == 1000000000, "clock counters");
	again = clock;
	usleep(20000);
	check(!call(kfd, KFD(0x05, 40), &again) && again.gpu - clock.gpu > 1500000 && again.cpu - clock.cpu > 15000000 &&
	      again.system - clock.system > 15000000, "the GPU counts at 100 MHz, the others at 1 GHz");
	again.id = 12;
	check(!call(kfd, KFD(0x05, 40), &again) && !again.gpu, "clocks of an unknown GPU: 0 for its counter");
	int32_t xnack = -1;
	check(!call(kfd, KFD(0x21, 4), &xnack) && !xnack, "retry faults are off");
}

void test_dispatcher(void)
{
	int kfd = open("/dev/kfd", O_RDWR | O_CLOEXEC);
	check(kfd >= 0, "open");
	check(fcntl(kfd, F_GETFD) & FD_CLOEXEC, "the descriptor closes at exec");
	test_sizes(kfd);
	test_numbers(kfd);
	test_apertures(kfd);
	test_small(kfd);
	close(kfd);
}

/* ------------------------------------------------------------------ descriptors */

static int send_and_receive(int fd)
{
	int pair[2], got = -1;
	char byte = 0;
	union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int))]; } control = { .bytes = { 0 } };
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return -1;
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(pair[0], &msg, 0) == 1 && recvmsg(pair[1], &msg, 0) == 1)
		memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(got));
	close(pair[0]);
	close(pair[1]);
	return got;
}

static bool answers(int fd)
{
	uint32_t v[2] = { 0 };
	return !call(fd, KFD(0x01, 8), v) && v[0] == 1;
}

static void test_copies(int kfd)
{
	int copies[] = { dup(kfd), fcntl(kfd, F_DUPFD_CLOEXEC, 100), dup2(kfd, 77), send_and_receive(kfd) };
	static const char *const how[] = { "dup", "F_DUPFD_CLOEXEC", "dup2", "SCM_RIGHTS" };
	for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
		check(copies[i] >= 0 && answers(copies[i]), "a descriptor copied by %s works", how[i]);
		close(copies[i]);
	}
	check(answers(kfd), "and so does the original afterwards");
	uint32_t v[2];
	check(call(-1, KFD(0x01, 8), v) == -EBADF, "ioctl on no descriptor: EBADF");
	int null = open("/dev/null", O_RDWR);
	check(call(null, KFD(0x01, 8), v) == -ENOTTY, "ioctl on another device reaches that device");
	close(null);
}

static void test_fork(int kfd)
{
	pid_t child = fork();
	if (!child) {
		uint32_t v[2];
		if (call(kfd, KFD(0x01, 8), v) != -EBADF)
			_exit(1);
		int own = open("/dev/kfd", O_RDWR);
		_exit(own >= 0 && answers(own) ? 0 : 2);
	}
	int status = -1;
	waitpid(child, &status, 0);
	check(!status, "a forked child may not use the parent's descriptor, but its own (status 0x%x)", status);
	check(answers(kfd), "the parent is not disturbed");
}

static void test_status(int kfd)
{
	struct stat by_path, by_fd;
	check(!stat("/dev/kfd", &by_path) && S_ISCHR(by_path.st_mode), "stat shows a character device");
	check(!fstat(kfd, &by_fd) && S_ISCHR(by_fd.st_mode) && by_fd.st_rdev == by_path.st_rdev && by_fd.st_ino == by_path.st_ino,
	      "fstat shows the same");
	check(!stat("/dev/dri/renderD128", &by_path) && by_path.st_rdev == makedev(226, 128), "the render node is 226:128");
	int dir = open("/dev/dri", O_RDONLY | O_DIRECTORY);
	check(dir >= 0 && !fstatat(dir, "renderD128", &by_fd, 0) && by_fd.st_rdev == makedev(226, 128), "also relative to its directory");
	int drm = openat(dir, "renderD128", O_RDWR);
	uint8_t version[64] = { 0 };
	check(drm >= 0 && !call(drm, _IOWR('d', 0, uint8_t[64]), version) && version[0] == 3, "and opened that way");
	close(drm);
	close(dir);
	check(open("/dev/kfd", O_RDWR | O_DIRECTORY) < 0 && errno == ENOTDIR, "not a directory");
	check(open("/dev/dri/renderD129", O_RDWR) < 0 && errno == ENOENT, "no second render node");
}

static void test_closing_all(void)
{
	pid_t child = fork();
	if (!child) {
		int kfd = open("/dev/kfd", O_RDWR);
		bool ok = answers(kfd);
		for (int fd = 3; fd < 1024; fd++)
			close(fd);
		kfd = open("/dev/kfd", O_RDWR);
		_exit(ok && kfd == 3 && answers(kfd) ? 0 : 1);
	}
	int status = -1;
	waitpid(child, &status, 0);
	check(!status, "a program that closes every descriptor can open the device again");
}

static void measure(int kfd)
{
	enum { TIMES = 2000 };
	struct timespec a, b;
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < TIMES; i++)
		answers(kfd);
	clock_gettime(CLOCK_MONOTONIC, &b);
	double us = ((double)(b.tv_sec - a.tv_sec) * 1e6 + (double)(b.tv_nsec - a.tv_nsec) / 1e3) / TIMES;
	printf("# %.1f microseconds for one ioctl\n", us);
}

void test_descriptors(void)
{
	int kfd = open("/dev/kfd", O_RDWR | O_CLOEXEC);
	test_copies(kfd);
	test_fork(kfd);
	test_status(kfd);
	test_closing_all();
	measure(kfd);
	close(kfd);
}
