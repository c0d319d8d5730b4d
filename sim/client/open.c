/* The open and fopen families. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim/client/client.h"

static int open_node(int node, int flags)
{
	if (flags & O_DIRECTORY) {
		errno = ENOTDIR;
		return -1;
	}
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) {
		errno = EEXIST;
		return -1;
	}
	struct client_exchange x = { .request = { .op = WIRE_OPEN, .node = (uint32_t)node, .cmd = (uint32_t)flags }, .fd_in = -1,
		.fd_cloexec = flags & O_CLOEXEC };
	int64_t result = client_exchange(&x);
	if (result < 0 || x.fd_out < 0) {
		errno = result < 0 ? (int)-result : EMFILE; /* the kernel had no room in our table for what was sent */
		return -1;
	}
	if (flags & O_NONBLOCK)
		syscall(SYS_fcntl, x.fd_out, F_SETFL, O_NONBLOCK);
	return x.fd_out;
}

/* Files of the KFD change as somebody looks at them: the simulator is told first. */
static void tell_opened(const struct client_path *p)
{
	if (!p->replaced || !strstr(p->tidy, "/kfd"))
		return;
	struct client_exchange x = { .request = { .op = WIRE_OPENED }, .data = p->tidy, .data_bytes = strlen(p->tidy), .fd_in = -1 };
	client_exchange(&x);
}

/* A file opened relative to a directory of the tree may be a node's place: then the node is what was meant. */
static int replace_place(int fd, int flags)
{
	int node = flags & O_PATH ? -1 : client_node_of_fd(fd);
	if (node < 0)
		return fd;
	syscall(SYS_close, fd);
	return open_node(node, flags);
}

static int open_any(int dirfd, const char *path, int flags, mode_t mode)
{
	struct client_path p;
	const char *real = client_redirect(path, &p);
	if (p.node >= 0 && !(flags & O_PATH))
		return open_node(p.node, flags);
	tell_opened(&p);
	int fd = REAL(openat)(dirfd, real, flags, mode);
	bool relative = path && path[0] != '/' && (strstr(path, "renderD") || strstr(path, "kfd"));
	return fd >= 0 && relative ? replace_place(fd, flags) : fd;
}

/* mode is there only with these flags. */
#define MODE_ARGUMENT(flags, mode) \
	do { \
		if ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE) { \
			va_list ap; \
			va_start(ap, flags); \
			mode = va_arg(ap, mode_t); \
			va_end(ap); \
		} \
	} while (0)

EXPORT int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	MODE_ARGUMENT(flags, mode);
	return open_any(AT_FDCWD, path, flags, mode);
}

EXPORT int open64(const char *path, int flags, ...)
{
	mode_t mode = 0;
	MODE_ARGUMENT(flags, mode);
	return open_any(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

EXPORT int openat(int dirfd, const char *path, int flags, ...)
{
	mode_t mode = 0;
	MODE_ARGUMENT(flags, mode);
	return open_any(dirfd, path, flags, mode);
}

EXPORT int openat64(int dirfd, const char *path, int flags, ...)
{
	mode_t mode = 0;
	MODE_ARGUMENT(flags, mode);
	return open_any(dirfd, path, flags | O_LARGEFILE, mode);
}

EXPORT int creat(const char *path, mode_t mode)
{
	return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

EXPORT int creat64(const char *path, mode_t mode)
{
	return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC | O_LARGEFILE, mode);
}

/* What fortified programs call when they pass no mode. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);
int __openat64_2(int dirfd, const char *path, int flags);

EXPORT int __open_2(const char *path, int flags)
{
	return open_any(AT_FDCWD, path, flags, 0);
}

EXPORT int __open64_2(const char *path, int flags)
{
	return open_any(AT_FDCWD, path, flags | O_LARGEFILE, 0);
}

EXPORT int __openat_2(int dirfd, const char *path, int flags)
{
	return open_any(dirfd, path, flags, 0);
}

EXPORT int __openat64_2(int dirfd, const char *path, int flags)
{
	return open_any(dirfd, path, flags | O_LARGEFILE, 0);
}

/* ------------------------------------------------------------------ streams */

static FILE *stream_of_node(int node, const char *mode)
{
	int flags = strchr(mode, '+') ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;
	int fd = open_node(node, flags | (strchr(mode, 'e') ? O_CLOEXEC : 0));
	FILE *f = fd < 0 ? NULL : fdopen(fd, mode);
	if (fd >= 0 && !f)
		syscall(SYS_close, fd);
	return f;
}

EXPORT FILE *fopen(const char *path, const char *mode)
{
	struct client_path p;
	const char *real = client_redirect(path, &p);
	if (p.node >= 0)
		return stream_of_node(p.node, mode);
	tell_opened(&p);
	return REAL(fopen)(real, mode);
}

EXPORT FILE *fopen64(const char *path, const char *mode)
{
	struct client_path p;
	const char *real = client_redirect(path, &p);
	if (p.node >= 0)
		return stream_of_node(p.node, mode);
	tell_opened(&p);
	return REAL(fopen64)(real, mode);
}

EXPORT FILE *freopen(const char *path, const char *mode, FILE *stream)
{
	struct client_path p;
	const char *real = client_redirect(path, &p);
	tell_opened(&p);
	return REAL(freopen)(real, mode, stream);
}

EXPORT FILE *freopen64(const char *path, const char *mode, FILE *stream)
{
	struct client_path p;
	const char *real = client_redirect(path, &p);
	tell_opened(&p);
	return REAL(freopen64)(real, mode, stream);
}
