#include "protocol/handlers.h"
#include "protocol/hex.h"
#include "protocol/state.h"

/* Reads up to len bytes into the session's scratch memory. */
static int read_memory(struct rsp_session *s, uint64_t addr, size_t len, size_t *got, struct rsp_error *err)
{
	struct rsp_ptid id;
	int rc = rsp_session_general(s, &id, err);
	if (rc < 0)
		return rc;
	/* No read wraps around the end of the address space. */
	if (len - 1 > UINT64_MAX - addr)
		len = (size_t)(UINT64_MAX - addr) + 1;
	*got = 0;
	rc = s->ops->mem_read(s->t, id, addr, s->scratch, len, got, err);
	if (rc == 0 && (*got == 0 || *got > len))
		return rsp_fail(err, RSP_INTERNAL, "reading %zu bytes at %#llx gave %zu", len, (unsigned long long)addr, *got);
	return rc;
}

static size_t capped(uint64_t len, size_t most)
{
	return len < most ? (size_t)len : most;
}

int rsp_cmd_read_hex(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	size_t got, len = capped(args->v[1].number, s->packet_size / 2);
	/* Nothing in hex would be an empty reply, which says that the packet is unknown. */
	if (!len)
		return rsp_fail(&reply->err, RSP_BAD_REQUEST, "a read of no bytes");
	int rc = read_memory(s, args->v[0].number, len, &got, &reply->err);
	if (rc < 0)
		return rc;
	rsp_hex_append(&reply->out, s->scratch, got);
	return RSP_REPLY_READY;
}

int rsp_cmd_read_binary(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	size_t got = 0, len = capped(args->v[1].number, s->packet_size - 1);
	int rc = len ? read_memory(s, args->v[0].number, len, &got, &reply->err) : 0;
	if (rc < 0)
		return rc;
	rsp_buf_puts(&reply->out, "b");
	/* Escapes may push the end out of the packet: the client asks for it again. */
	rsp_reply_binary(reply, s->scratch, got);
	return RSP_REPLY_READY;
}

static int write_memory(struct rsp_session *s, const struct rsp_args *args, struct rsp_error *err)
{
	uint64_t addr = args->v[0].number, len = args->v[1].number;
	const struct rsp_arg *data = &args->v[2];
	if (len != data->n)
		return rsp_fail(err, RSP_BAD_REQUEST, "%zu bytes given, %#llx announced", data->n, (unsigned long long)len);
	if (!len)
		return RSP_REPLY_OK;
	if (len - 1 > UINT64_MAX - addr)
		return rsp_fail(err, RSP_BAD_REQUEST, "a write past the end of the address space");
	struct rsp_ptid id;
	int rc = rsp_session_general(s, &id, err);
	if (rc == 0)
		rc = s->ops->mem_write(s->t, id, addr, (const uint8_t *)data->bytes, data->n, err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}

int rsp_cmd_write_hex(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return write_memory(s, args, &reply->err);
}

int rsp_cmd_write_binary(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return write_memory(s, args, &reply->err);
}
