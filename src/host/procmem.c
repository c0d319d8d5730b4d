#include "src/host/procmem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

int procmem_open(pid_t pid, int *fd, struct dbg_error *err)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	int got = open(path, O_RDWR | O_CLOEXEC);
	if (got < 0)
		return dbg_fail_errno(err, errno == ENOENT ? DBG_GONE : DBG_REFUSED, errno, "the memory of process %d cannot be opened", (int)pid);
	*fd = got;
	return 0;
}

static int nothing(uint64_t addr, const char *what, ssize_t result, int e, struct dbg_error *err)
{
	if (result == 0)
		return dbg_fail(err, DBG_GONE, "memory at 0x%llx cannot be %s: the process has no memory any more", (unsigned long long)addr, what);
	return dbg_fail_errno(err, e == ESRCH ? DBG_GONE : DBG_REFUSED, e, "memory at 0x%llx cannot be %s", (unsigned long long)addr, what);
}

/* Copies until done, the end of the mapping, or an error; an error after some bytes is a short count. */
static int copy(int fd, uint64_t addr, void *buf, size_t n, bool write, size_t *done, struct dbg_error *err)
{
	const char *what = write ? "written" : "read";
	if (addr > INT64_MAX || n > INT64_MAX - addr)
		return dbg_fail(err, DBG_REFUSED, "memory at 0x%llx cannot be %s: not an address of a program", (unsigned long long)addr, what);
	size_t at = 0;
	while (at < n) {
		char *p = (char *)buf + at;
		ssize_t r = write ? pwrite(fd, p, n - at, (off_t)(addr + at)) : pread(fd, p, n - at, (off_t)(addr + at));
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0 && at == 0)
			return nothing(addr, what, r, errno, err);
		if (r <= 0)
			break;
		at += (size_t)r;
	}
	*done = at;
	return 0;
}

int procmem_read(int fd, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err)
{
	return copy(fd, addr, buf, n, false, got, err);
}

int procmem_read_many(pid_t pid, int fd, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err)
{
	enum { MANY = 4096 };
	size_t at = 0, rest = 0;
	/* It stops where the program itself may not read, and at memory of devices; /proc/PID/mem goes on there. */
	while (n - at >= MANY && addr <= INT64_MAX && n <= INT64_MAX - addr) {
		struct iovec here = { (char *)buf + at, n - at }, there = { (void *)(uintptr_t)(addr + at), n - at };
		ssize_t r = process_vm_readv(pid, &here, 1, &there, 1, 0);
		if (r <= 0)
			break;
		at += (size_t)r;
	}
	if (at < n) {
		int status = procmem_read(fd, addr + at, (char *)buf + at, n - at, &rest, err);
		if (status < 0 && at == 0)
			return status;
	}
	*got = at + rest;
	return 0;
}

int procmem_write(int fd, uint64_t addr, const void *buf, size_t n, size_t *put, struct dbg_error *err)
{
	return copy(fd, addr, (void *)(uintptr_t)buf, n, true, put, err);
}
