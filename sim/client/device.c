/* ioctl and mmap on the simulated nodes. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim/client/client.h"

/* Numbers of the ioctls that the client must know: descriptors in their arguments, and sleep. */
enum { NR_DESTROY_QUEUE = 0x03, NR_WAIT_EVENTS = 0x0c, NR_ACQUIRE_VM = 0x15, NR_GET_DMABUF_INFO = 0x1c, NR_IMPORT_DMABUF = 0x1d,
	NR_RUNTIME_ENABLE = 0x25, NR_DBG_TRAP = 0x26 };
enum { NR_AMDGPU_INFO = 0x45, INFO_QUERY_OFFSET = 12, INFO_GPUVM_FAULT = 0x23 }; /* on a render node */
enum { DBG_OP_OFFSET = 4, DBG_OP_ENABLE = 0, DBG_FD_OFFSET = 28, NO_OFFSET = -1 };

/* Where the argument holds a number of the caller's descriptor table; NO_OFFSET nowhere. The argument may be unreadable, so it is looked at
 * only through the kernel. */
static long fd_offset_of(unsigned nr)
{
	switch (nr) {
	case NR_ACQUIRE_VM: return 0;
	case NR_GET_DMABUF_INFO: return 28;
	case NR_IMPORT_DMABUF: return 20;
	case NR_DBG_TRAP: return DBG_FD_OFFSET;
	}
	return NO_OFFSET;
}

/* Reads an int of the argument without risk of a fault. False when it is unreadable. The constants are long as the kernel takes them: libc passes
 * on all bits of a slot. */
static bool load(const char *arg, long offset, int *value)
{
	struct iovec here = { value, sizeof(*value) }, there = { (void *)(uintptr_t)(arg + offset), sizeof(*value) };
	return syscall(SYS_process_vm_readv, syscall(SYS_getpid), &here, 1ul, &there, 1ul, 0ul) == (long)sizeof(*value);
}

/* The descriptor to send along, -1 none or not a valid one. */
static int fd_of_argument(unsigned nr, const char *arg, size_t size)
{
	long offset = fd_offset_of(nr);
	int fd, op;
	if (offset == NO_OFFSET || (size_t)offset + sizeof(fd) > size || !load(arg, offset, &fd))
		return -1;
	if (nr == NR_DBG_TRAP && (!load(arg, DBG_OP_OFFSET, &op) || op != DBG_OP_ENABLE))
		return -1;
	return fd >= 0 && syscall(SYS_fcntl, fd, F_GETFD) >= 0 ? fd : -1;
}

/* Questions about the open file itself: the memory's last fault (AMDGPU_INFO_GPUVM_FAULT; the query's number is at 12 of drm_amdgpu_info). */
static int fd_of_question(int fd, unsigned nr, const char *arg)
{
	int query;
	return nr == NR_AMDGPU_INFO && load(arg, INFO_QUERY_OFFSET, &query) && query == INFO_GPUVM_FAULT ? fd : -1;
}

static enum client_sleep sleep_of(int node, unsigned nr)
{
	if (node == 0 && nr == NR_RUNTIME_ENABLE)
		return CLIENT_INTERRUPTIBLE;
	return node == 0 && (nr == NR_WAIT_EVENTS || nr == NR_DESTROY_QUEUE) ? CLIENT_RESTARTABLE : CLIENT_NO_SLEEP;
}

static int control(int node, int fd, unsigned long cmd, char *arg)
{
	unsigned nr = _IOC_NR(cmd);
	size_t size = _IOC_SIZE(cmd);
	struct client_exchange x = {
		.request = { .op = WIRE_IOCTL, .node = (uint32_t)node, .cmd = (uint32_t)cmd },
		.data = arg, .data_bytes = size, .answer = arg, .answer_bytes = size,
		.fd_in = node == 0 ? fd_of_argument(nr, arg, size) : fd_of_question(fd, nr, arg),
		.fd_cloexec = true,
		.sleep = sleep_of(node, nr),
	};
	int64_t result = client_exchange(&x);
	if (x.fd_out >= 0 && x.fd_offset + sizeof(x.fd_out) <= size)
		memcpy(arg + x.fd_offset, &x.fd_out, sizeof(x.fd_out));
	if (result >= 0)
		return (int)result;
	errno = (int)-result;
	return -1;
}

EXPORT int ioctl(int fd, unsigned long cmd, ...)
{
	va_list ap;
	va_start(ap, cmd);
	char *arg = va_arg(ap, char *);
	va_end(ap);
	int node = client_node_of_fd(fd);
	if (node >= 0)
		return control(node, fd, cmd, arg);
	return REAL(ioctl)(fd, cmd, arg);
}

/* Offsets of the real driver have their meaning in high bits that no file has: the simulator tells the offset in the file. */
static void *map_node(int node, void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	struct client_exchange x = { .request = { .op = WIRE_MMAP, .node = (uint32_t)node, .offset = (uint64_t)offset, .length = length },
		.fd_in = -1 };
	int64_t result = client_exchange(&x);
	if (result < 0) {
		errno = (int)-result;
		return MAP_FAILED;
	}
	/* A debugger may write memory that the program itself may not touch; with a plain file the kernel allows that only where the
	 * program could. */
	if (node > 0 && prot == PROT_NONE)
		prot = PROT_READ | PROT_WRITE;
	long p = syscall(SYS_mmap, addr, length, prot, flags, fd, (long)result);
	return p == -1 ? MAP_FAILED : (void *)p;
}

EXPORT void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	int node = flags & MAP_ANONYMOUS ? -1 : client_node_of_fd(fd);
	if (node >= 0)
		return map_node(node, addr, length, prot, flags, fd, offset);
	/* Bare: called too early in some programs for anything else. */
	long p = syscall(SYS_mmap, addr, length, prot, flags, fd, offset);
	return p == -1 ? MAP_FAILED : (void *)p;
}

EXPORT void *mmap64(void *addr, size_t length, int prot, int flags, int fd, off64_t offset)
{
	return mmap(addr, length, prot, flags, fd, offset);
}
