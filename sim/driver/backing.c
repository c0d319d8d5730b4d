#include "sim/driver/backing.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct sim_extent {
	struct sim_extent *next;
	uint64_t lo, hi;
};

bool sim_backing_init(struct sim_backing *backing, const char *name, uint64_t first, uint64_t bytes)
{
	*backing = (struct sim_backing){ .fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING), .bytes = bytes };
	if (backing->fd < 0)
		return false;
	struct stat st;
	struct sim_extent *all = malloc(sizeof(*all));
	/* The seal keeps a program from cutting off pages that the simulator has mapped. */
	if (!all || ftruncate(backing->fd, (off_t)bytes) || fcntl(backing->fd, F_ADD_SEALS, F_SEAL_SHRINK) || fstat(backing->fd, &st) ||
	    fchmod(backing->fd, 0666)) {
		int saved = errno;
		free(all);
		close(backing->fd);
		backing->fd = -1;
		errno = saved;
		return false;
	}
	backing->dev = st.st_dev;
	backing->ino = st.st_ino;
	*all = (struct sim_extent){ .lo = first, .hi = bytes };
	backing->free_list = all;
	return true;
}

void sim_backing_deinit(struct sim_backing *backing)
{
	while (backing->free_list) {
		struct sim_extent *next = backing->free_list->next;
		free(backing->free_list);
		backing->free_list = next;
	}
	if (backing->fd >= 0)
		close(backing->fd);
	backing->fd = -1;
}

uint64_t sim_backing_take(struct sim_backing *backing, uint64_t bytes)
{
	for (struct sim_extent **link = &backing->free_list; *link; link = &(*link)->next) {
		struct sim_extent *e = *link;
		if (e->hi - e->lo < bytes)
			continue;
		uint64_t offset = e->lo;
		e->lo += bytes;
		if (e->lo == e->hi) {
			*link = e->next;
			free(e);
		}
		return offset;
	}
	return 0;
}

void sim_backing_give(struct sim_backing *backing, uint64_t offset, uint64_t bytes)
{
	fallocate(backing->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)bytes);
	struct sim_extent *before = NULL, *after = backing->free_list;
	while (after && after->lo < offset) {
		before = after;
		after = after->next;
	}
	if (before && before->hi == offset) {
		before->hi += bytes;
		if (after && after->lo == before->hi) {
			before->hi = after->hi;
			before->next = after->next;
			free(after);
		}
		return;
	}
	if (after && after->lo == offset + bytes) {
		after->lo = offset;
		return;
	}
	struct sim_extent *e = malloc(sizeof(*e));
	if (!e)
		return; /* the offsets are lost, which only shrinks the space left */
	*e = (struct sim_extent){ .next = after, .lo = offset, .hi = offset + bytes };
	if (before)
		before->next = e;
	else
		backing->free_list = e;
}

void *sim_backing_map(const struct sim_backing *backing, uint64_t offset, uint64_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, backing->fd, (off_t)offset);
	return p == MAP_FAILED ? NULL : p;
}

int sim_backing_open(const struct sim_backing *backing)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", backing->fd);
	return open(path, O_RDWR | O_CLOEXEC);
}

bool sim_backing_is(const struct sim_backing *backing, int fd)
{
	struct stat st;
	return fd >= 0 && !fstat(fd, &st) && st.st_dev == backing->dev && st.st_ino == backing->ino;
}

bool sim_same_open_file(int a, int b)
{
	pid_t self = getpid();
	return syscall(SYS_kcmp, self, self, KCMP_FILE, a, b) <= 0;
}
