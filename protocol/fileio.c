#include "protocol/fileio.h"

#include <errno.h>
#include <stddef.h>

static const struct {
	int host;
	int number;
} errnos[] = {
	{ EPERM, RSP_FILE_EPERM },   { ENOENT, RSP_FILE_ENOENT },   { EINTR, RSP_FILE_EINTR },   { EIO, RSP_FILE_EIO },
	{ EBADF, RSP_FILE_EBADF },   { EACCES, RSP_FILE_EACCES },   { EFAULT, RSP_FILE_EFAULT }, { EBUSY, RSP_FILE_EBUSY },
	{ EEXIST, RSP_FILE_EEXIST }, { ENODEV, RSP_FILE_ENODEV },   { ENOTDIR, RSP_FILE_ENOTDIR }, { EISDIR, RSP_FILE_EISDIR },
	{ EINVAL, RSP_FILE_EINVAL }, { ENFILE, RSP_FILE_ENFILE },   { EMFILE, RSP_FILE_EMFILE }, { EFBIG, RSP_FILE_EFBIG },
	{ ENOSPC, RSP_FILE_ENOSPC }, { ESPIPE, RSP_FILE_ESPIPE },   { EROFS, RSP_FILE_EROFS },   { ENOSYS, RSP_FILE_ENOSYS },
	{ ENAMETOOLONG, RSP_FILE_ENAMETOOLONG },
};

int rsp_file_errno(int host_errno)
{
	for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		if (errnos[i].host == host_errno)
			return errnos[i].number;
	return RSP_FILE_EUNKNOWN;
}

static uint8_t *put(uint8_t *to, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		to[i] = (uint8_t)(value >> 8 * (size - 1 - i));
	return to + size;
}

void rsp_file_stat_encode(uint8_t out[RSP_FILE_STAT_SIZE], const struct rsp_file_stat *st)
{
	uint8_t *to = out;
	to = put(to, st->dev, 4);
	to = put(to, st->ino, 4);
	to = put(to, st->mode, 4);
	to = put(to, st->nlink, 4);
	to = put(to, st->uid, 4);
	to = put(to, st->gid, 4);
	to = put(to, st->rdev, 4);
	to = put(to, st->size, 8);
	to = put(to, st->blksize, 8);
	to = put(to, st->blocks, 8);
	to = put(to, st->atime, 4);
	to = put(to, st->mtime, 4);
	put(to, st->ctime, 4);
}
