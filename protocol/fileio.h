/* Numbers of the remote file protocol (gdb manual, "File-I/O Remote Protocol Extension", Constants): they are the protocol's own. */
#ifndef PROTOCOL_FILEIO_H
#define PROTOCOL_FILEIO_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/target.h"

enum rsp_file_flag {
	RSP_FILE_RDONLY = 0x0,
	RSP_FILE_WRONLY = 0x1,
	RSP_FILE_RDWR = 0x2,
	RSP_FILE_APPEND = 0x8,
	RSP_FILE_CREAT = 0x200,
	RSP_FILE_TRUNC = 0x400,
	RSP_FILE_EXCL = 0x800,
};

enum rsp_file_errno {
	RSP_FILE_EPERM = 1,
	RSP_FILE_ENOENT = 2,
	RSP_FILE_EINTR = 4,
	RSP_FILE_EIO = 5,
	RSP_FILE_EBADF = 9,
	RSP_FILE_EACCES = 13,
	RSP_FILE_EFAULT = 14,
	RSP_FILE_EBUSY = 16,
	RSP_FILE_EEXIST = 17,
	RSP_FILE_ENODEV = 19,
	RSP_FILE_ENOTDIR = 20,
	RSP_FILE_EISDIR = 21,
	RSP_FILE_EINVAL = 22,
	RSP_FILE_ENFILE = 23,
	RSP_FILE_EMFILE = 24,
	RSP_FILE_EFBIG = 27,
	RSP_FILE_ENOSPC = 28,
	RSP_FILE_ESPIPE = 29,
	RSP_FILE_EROFS = 30,
	RSP_FILE_ENOSYS = 88,
	RSP_FILE_ENAMETOOLONG = 91,
	RSP_FILE_EUNKNOWN = 9999,
};

/* errno of this machine to the protocol's; RSP_FILE_EUNKNOWN for one it has no number for. */
int rsp_file_errno(int host_errno);

/* Size of the stat record on the wire, and its big-endian form. Its mode bits are those of Linux. */
enum { RSP_FILE_STAT_SIZE = 64 };
void rsp_file_stat_encode(uint8_t out[RSP_FILE_STAT_SIZE], const struct rsp_file_stat *st);

#endif
