/* The stat family: nodes look like the character devices they stand for, whether asked by path or by descriptor. */
#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "sim/client/client.h"

static void show_node(struct stat *st)
{
	int node = client_node_of_file(st->st_dev, st->st_ino);
	if (node < 0)
		return;
	const struct wire_node *n = &client_config()->nodes[node];
	st->st_mode = S_IFCHR | 0666;
	st->st_rdev = makedev(n->major, n->minor);
	st->st_dev = n->place_dev;
	st->st_ino = n->place_ino;
	st->st_nlink = 1;
	st->st_size = 0;
	st->st_blocks = 0;
}

static int shown(int result, struct stat *st)
{
	if (!result)
		show_node(st);
	return result;
}

static_assert(sizeof(struct stat) == sizeof(struct stat64), "one layout for both");

EXPORT int stat(const char *path, struct stat *st)
{
	struct client_path p;
	return shown(REAL(stat)(client_redirect(path, &p), st), st);
}

EXPORT int lstat(const char *path, struct stat *st)
{
	struct client_path p;
	return shown(REAL(lstat)(client_redirect(path, &p), st), st);
}

EXPORT int fstat(int fd, struct stat *st)
{
	return shown(REAL(fstat)(fd, st), st);
}

EXPORT int fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
	struct client_path p;
	return shown(REAL(fstatat)(dirfd, client_redirect(path, &p), st, flags), st);
}

EXPORT int stat64(const char *path, struct stat64 *st)
{
	return stat(path, (struct stat *)st);
}

EXPORT int lstat64(const char *path, struct stat64 *st)
{
	return lstat(path, (struct stat *)st);
}

EXPORT int fstat64(int fd, struct stat64 *st)
{
	return fstat(fd, (struct stat *)st);
}

EXPORT int fstatat64(int dirfd, const char *path, struct stat64 *st, int flags)
{
	return fstatat(dirfd, path, (struct stat *)st, flags);
}

/* Programs built against an older libc call these; the version argument has had one value only. */
int __xstat(int version, const char *path, struct stat *st);
int __lxstat(int version, const char *path, struct stat *st);
int __fxstat(int version, int fd, struct stat *st);
int __fxstatat(int version, int dirfd, const char *path, struct stat *st, int flags);
int __xstat64(int version, const char *path, struct stat64 *st);
int __lxstat64(int version, const char *path, struct stat64 *st);
int __fxstat64(int version, int fd, struct stat64 *st);
int __fxstatat64(int version, int dirfd, const char *path, struct stat64 *st, int flags);

EXPORT int __xstat(int version, const char *path, struct stat *st)
{
	(void)version;
	return stat(path, st);
}

EXPORT int __lxstat(int version, const char *path, struct stat *st)
{
	(void)version;
	return lstat(path, st);
}

EXPORT int __fxstat(int version, int fd, struct stat *st)
{
	(void)version;
	return fstat(fd, st);
}

EXPORT int __fxstatat(int version, int dirfd, const char *path, struct stat *st, int flags)
{
	(void)version;
	return fstatat(dirfd, path, st, flags);
}

EXPORT int __xstat64(int version, const char *path, struct stat64 *st)
{
	(void)version;
	return stat64(path, st);
}

EXPORT int __lxstat64(int version, const char *path, struct stat64 *st)
{
	(void)version;
	return lstat64(path, st);
}

EXPORT int __fxstat64(int version, int fd, struct stat64 *st)
{
	(void)version;
	return fstat64(fd, st);
}

EXPORT int __fxstatat64(int version, int dirfd, const char *path, struct stat64 *st, int flags)
{
	(void)version;
	return fstatat64(dirfd, path, st, flags);
}

EXPORT int statx(int dirfd, const char *restrict path, int flags, unsigned mask, struct statx *restrict stx)
{
	struct client_path p;
	int result = REAL(statx)(dirfd, client_redirect(path, &p), flags, mask, stx);
	int node = result ? -1 : client_node_of_file(makedev(stx->stx_dev_major, stx->stx_dev_minor), stx->stx_ino);
	if (node < 0)
		return result;
	const struct wire_node *n = &client_config()->nodes[node];
	stx->stx_mode = S_IFCHR | 0666;
	stx->stx_rdev_major = n->major;
	stx->stx_rdev_minor = n->minor;
	stx->stx_dev_major = major(n->place_dev);
	stx->stx_dev_minor = minor(n->place_dev);
	stx->stx_ino = n->place_ino;
	stx->stx_nlink = 1;
	stx->stx_size = stx->stx_blocks = 0;
	return result;
}
