/* vFile: files as the target's side sees them. Results are `F` and a number, or `F-1,errno`; never an `E` reply. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "protocol/fileio.h"
#include "protocol/handlers.h"
#include "protocol/hex.h"
#include "protocol/state.h"

enum { ROOM_FOR_RESULT = 24 }; /* "F", a 64-bit number in hex, ";" */

static int failed(struct rsp_reply *reply, int file_errno)
{
	rsp_buf_printf(&reply->out, "F-1,%x", file_errno > 0 ? (unsigned)file_errno : (unsigned)RSP_FILE_EUNKNOWN);
	return RSP_REPLY_READY;
}

static int result(struct rsp_reply *reply, uint64_t value)
{
	rsp_buf_printf(&reply->out, "F%llx", (unsigned long long)value);
	return RSP_REPLY_READY;
}

/* "F<count>;<data>": as many bytes as fit. Their number stands in front but is known last, so the data moves up behind it. */
static int with_data(struct rsp_session *s, struct rsp_reply *reply, const void *bytes, size_t n)
{
	size_t room = s->packet_size - ROOM_FOR_RESULT, used = 0, taken = 0;
	if (n < room / 2)
		room = 2 * n;
	char *to = rsp_buf_reserve(&reply->out, ROOM_FOR_RESULT + room);
	if (!to)
		return RSP_REPLY_READY;
	if (n)
		taken = rsp_escape(to + ROOM_FOR_RESULT, room, bytes, n, &used);
	int head = snprintf(to, ROOM_FOR_RESULT, "F%zx;", taken);
	memmove(to + head, to + ROOM_FOR_RESULT, used);
	reply->out.len += (size_t)head + used;
	reply->binary = true;
	return RSP_REPLY_READY;
}

/* The path of a packet, NUL-ended. The decoded bytes take half the room of their hex form, so there is a byte for the NUL, except for
 * an empty path, which is refused. */
static int path(const struct rsp_arg *arg, const char **out)
{
	if (!arg->n)
		return RSP_FILE_ENOENT;
	if (memchr(arg->bytes, '\0', arg->n))
		return RSP_FILE_EINVAL;
	arg->bytes[arg->n] = '\0';
	*out = arg->bytes;
	return 0;
}

static bool small(uint64_t number)
{
	return number <= INT_MAX;
}

int rsp_cmd_setfs(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	int file_errno = 0;
	uint64_t pid = args->v[0].number;
	if (pid > INT64_MAX)
		return failed(reply, RSP_FILE_EINVAL);
	int rc = s->ops->file_setfs(s->t, (int64_t)pid, &file_errno);
	return rc < 0 ? failed(reply, file_errno) : result(reply, 0);
}

int rsp_cmd_open(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	const char *name = NULL;
	int fd = -1, file_errno = path(&args->v[0], &name);
	if (file_errno)
		return failed(reply, file_errno);
	if (!small(args->v[1].number) || !small(args->v[2].number))
		return failed(reply, RSP_FILE_EINVAL);
	int rc = s->ops->file_open(s->t, name, (unsigned)args->v[1].number, (unsigned)args->v[2].number, &fd, &file_errno);
	return rc < 0 || fd < 0 ? failed(reply, file_errno) : result(reply, (unsigned)fd);
}

int rsp_cmd_pread(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	uint64_t fd = args->v[0].number, count = args->v[1].number, offset = args->v[2].number;
	size_t got = 0, len = s->packet_size - ROOM_FOR_RESULT;
	int file_errno = 0;
	if (!small(fd))
		return failed(reply, RSP_FILE_EBADF);
	if (count < len)
		len = (size_t)count;
	int rc = len ? s->ops->file_pread(s->t, (int)fd, s->scratch, len, offset, &got, &file_errno) : 0;
	if (rc < 0)
		return failed(reply, file_errno);
	return with_data(s, reply, s->scratch, got < len ? got : len);
}

int rsp_cmd_pwrite(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	const struct rsp_arg *data = &args->v[2];
	size_t put = 0;
	int file_errno = 0;
	if (!small(args->v[0].number))
		return failed(reply, RSP_FILE_EBADF);
	int rc = s->ops->file_pwrite(s->t, (int)args->v[0].number, (const uint8_t *)data->bytes, data->n, args->v[1].number, &put, &file_errno);
	return rc < 0 ? failed(reply, file_errno) : result(reply, put);
}

int rsp_cmd_fstat(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	struct rsp_file_stat st = { .size = 0 };
	uint8_t wire[RSP_FILE_STAT_SIZE];
	int file_errno = 0;
	if (!small(args->v[0].number))
		return failed(reply, RSP_FILE_EBADF);
	if (s->ops->file_fstat(s->t, (int)args->v[0].number, &st, &file_errno) < 0)
		return failed(reply, file_errno);
	rsp_file_stat_encode(wire, &st);
	return with_data(s, reply, wire, sizeof(wire));
}

int rsp_cmd_close(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	int file_errno = 0;
	if (!small(args->v[0].number))
		return failed(reply, RSP_FILE_EBADF);
	int rc = s->ops->file_close(s->t, (int)args->v[0].number, &file_errno);
	return rc < 0 ? failed(reply, file_errno) : result(reply, 0);
}

int rsp_cmd_readlink(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	const char *name = NULL;
	int file_errno = path(&args->v[0], &name);
	if (file_errno)
		return failed(reply, file_errno);
	struct rsp_buf target;
	rsp_buf_init(&target, s->packet_size);
	int rc = s->ops->file_readlink(s->t, name, &target, &file_errno);
	if (rc < 0 || target.failed)
		rc = failed(reply, target.failed ? RSP_FILE_ENAMETOOLONG : file_errno);
	else
		rc = with_data(s, reply, target.data, target.len);
	rsp_buf_deinit(&target);
	return rc;
}

int rsp_cmd_unlink(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	const char *name = NULL;
	int file_errno = path(&args->v[0], &name);
	if (file_errno)
		return failed(reply, file_errno);
	int rc = s->ops->file_unlink(s->t, name, &file_errno);
	return rc < 0 ? failed(reply, file_errno) : result(reply, 0);
}
