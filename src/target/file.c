/* Files of the target: served code objects out of memory, everything else read-only from the process's file system. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/fileio.h"
#include "src/target/target.h"

enum { MAX_PATH = 8192, MODE_FILE = 0100444 };

static int fail(int *file_errno, int e)
{
	*file_errno = rsp_file_errno(e);
	return -1;
}

/* All paths are seen from the target; there is one file system to choose. */
int target_file_setfs(void *t, int64_t pid, int *file_errno)
{
	(void)t;
	(void)pid;
	(void)file_errno;
	return 0;
}

static struct target_file *file_of(struct dbg_target *d, int fd, int *file_errno)
{
	if (fd < 0 || fd >= TARGET_MAX_FILES || !d->files[fd].used) {
		fail(file_errno, EBADF);
		return NULL;
	}
	return &d->files[fd];
}

/* The path in the target's own root directory, when that differs from ours. */
static void rooted(const struct dbg_target *d, const char *path, char *buf, size_t n)
{
	if (d->process && path[0] == '/')
		snprintf(buf, n, "/proc/%d/root%s", (int)d->process->pid, path);
	else
		snprintf(buf, n, "%s", path);
}

static int open_host(struct dbg_target *d, const char *path, int *file_errno)
{
	char in_root[MAX_PATH];
	struct stat st;
	if (strlen(path) >= sizeof in_root - 64)
		return fail(file_errno, ENAMETOOLONG);
	rooted(d, path, in_root, sizeof in_root);
	/* Not blocking: a FIFO somebody names must not hold the stub. */
	int fd = open(in_root, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == EACCES)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail(file_errno, errno);
	if (fstat(fd, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) {
		close(fd);
		return fail(file_errno, EACCES);
	}
	return fd;
}

int target_file_open(void *t, const char *path, unsigned flags, unsigned mode, int *fd, int *file_errno)
{
	struct dbg_target *d = t;
	const uint8_t *data;
	size_t n;
	int slot = 0;
	(void)mode;
	if ((flags & 3) != RSP_FILE_RDONLY || (flags & (RSP_FILE_CREAT | RSP_FILE_TRUNC | RSP_FILE_APPEND)))
		return fail(file_errno, EROFS);
	while (slot < TARGET_MAX_FILES && d->files[slot].used)
		slot++;
	if (slot == TARGET_MAX_FILES)
		return fail(file_errno, EMFILE);
	struct target_file f = { .used = true, .fd = -1 };
	if (d->process && view_file(d->view, d->process, path, &data, &n)) {
		f.data = malloc(n ? n : 1);
		if (!f.data)
			return fail(file_errno, ENOMEM);
		memcpy(f.data, data, n);
		f.n = n;
	} else {
		f.fd = open_host(d, path, file_errno);
		if (f.fd < 0)
			return -1;
	}
	d->files[slot] = f;
	*fd = slot;
	return 0;
}

int target_file_pread(void *t, int fd, uint8_t *buf, size_t len, uint64_t offset, size_t *got, int *file_errno)
{
	struct target_file *f = file_of(t, fd, file_errno);
	if (!f)
		return -1;
	if (f->fd >= 0) {
		ssize_t n = offset > INT64_MAX ? 0 : pread(f->fd, buf, len, (off_t)offset);
		if (n < 0)
			return fail(file_errno, errno);
		*got = (size_t)n;
		return 0;
	}
	*got = offset >= f->n ? 0 : len < f->n - offset ? len : f->n - offset;
	memcpy(buf, f->data + (*got ? offset : 0), *got);
	return 0;
}

int target_file_fstat(void *t, int fd, struct rsp_file_stat *out, int *file_errno)
{
	struct target_file *f = file_of(t, fd, file_errno);
	struct stat st;
	if (!f)
		return -1;
	memset(out, 0, sizeof *out);
	if (f->fd < 0) {
		*out = (struct rsp_file_stat){ .mode = MODE_FILE, .nlink = 1, .size = f->n, .blksize = 4096, .blocks = (f->n + 511) / 512 };
		return 0;
	}
	if (fstat(f->fd, &st) < 0)
		return fail(file_errno, errno);
	*out = (struct rsp_file_stat){
		.dev = (uint32_t)st.st_dev, .ino = (uint32_t)st.st_ino, .mode = st.st_mode, .nlink = (uint32_t)st.st_nlink, .uid = st.st_uid,
		.gid = st.st_gid, .rdev = (uint32_t)st.st_rdev, .size = (uint64_t)st.st_size, .blksize = (uint64_t)st.st_blksize,
		.blocks = (uint64_t)st.st_blocks, .atime = (uint32_t)st.st_atime, .mtime = (uint32_t)st.st_mtime, .ctime = (uint32_t)st.st_ctime,
	};
	return 0;
}

static void close_file(struct target_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->data);
	memset(f, 0, sizeof *f);
}

int target_file_close(void *t, int fd, int *file_errno)
{
	struct target_file *f = file_of(t, fd, file_errno);
	if (!f)
		return -1;
	close_file(f);
	return 0;
}

int target_file_readlink(void *t, const char *path, struct rsp_buf *out, int *file_errno)
{
	char in_root[MAX_PATH], text[4096];
	if (strlen(path) >= sizeof in_root - 64)
		return fail(file_errno, ENAMETOOLONG);
	rooted(t, path, in_root, sizeof in_root);
	ssize_t n = readlink(in_root, text, sizeof text);
	if (n < 0)
		return fail(file_errno, errno);
	rsp_buf_add(out, text, (size_t)n);
	return 0;
}

void target_files_close_all(struct dbg_target *d)
{
	for (int i = 0; i < TARGET_MAX_FILES; i++)
		if (d->files[i].used)
			close_file(&d->files[i]);
}
