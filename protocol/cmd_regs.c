#include <string.h>

#include "protocol/handlers.h"
#include "protocol/hex.h"
#include "protocol/state.h"

/* Appends one register in hex, `x` for what is not known. */
static int append_reg(struct rsp_session *s, struct rsp_ptid id, size_t regno, size_t size, struct rsp_reply *reply)
{
	bool available = true;
	int rc = s->ops->reg_read(s->t, id, regno, s->scratch, &available, &reply->err);
	if (rc < 0)
		return rc;
	char *to = rsp_buf_reserve(&reply->out, 2 * size);
	if (!to)
		return RSP_REPLY_READY;
	if (available)
		rsp_hex_encode(to, s->scratch, size);
	else
		memset(to, 'x', 2 * size);
	reply->out.len += 2 * size;
	return RSP_REPLY_READY;
}

static int describe(struct rsp_session *s, const struct rsp_tdesc **desc, struct rsp_error *err)
{
	*desc = s->ops->tdesc(s->t);
	return *desc ? 0 : rsp_fail(err, RSP_GONE, "no process, hence no registers");
}

/* Size of register regno in bytes. One that no packet of this session could carry is refused. */
static int reg_size(struct rsp_session *s, const struct rsp_tdesc *desc, uint64_t regno, size_t *size, struct rsp_error *err)
{
	const struct rsp_reg *reg = regno <= UINT16_MAX ? rsp_tdesc_reg(desc, (size_t)regno) : NULL;
	if (!reg)
		return rsp_fail(err, RSP_BAD_REQUEST, "no register %#llx", (unsigned long long)regno);
	*size = reg->bits / 8;
	if (*size > s->packet_size / 2)
		return rsp_fail(err, RSP_INTERNAL, "register %s does not fit a packet", reg->name);
	return 0;
}

int rsp_cmd_read_all(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)args;
	const struct rsp_tdesc *desc;
	struct rsp_ptid id;
	int rc = rsp_session_general(s, &id, &reply->err);
	if (rc == 0)
		rc = describe(s, &desc, &reply->err);
	for (size_t regno = 0; rc == 0 && regno < desc->n_in_g; regno++) {
		size_t size;
		rc = reg_size(s, desc, regno, &size, &reply->err);
		/* `g` may end early: the client fetches the rest one by one. */
		if (rc == 0 && reply->out.len + 2 * size > s->packet_size)
			break;
		if (rc == 0)
			rc = append_reg(s, id, regno, size, reply);
	}
	return rc;
}

/* Register `regno` of the selected thread: which thread that is, and the register's bytes. */
static int selected_reg(struct rsp_session *s, uint64_t regno, struct rsp_ptid *id, size_t *size, struct rsp_error *err)
{
	const struct rsp_tdesc *desc;
	int rc = rsp_session_general(s, id, err);
	if (rc == 0)
		rc = describe(s, &desc, err);
	return rc < 0 ? rc : reg_size(s, desc, regno, size, err);
}

int rsp_cmd_read_reg(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	struct rsp_ptid id;
	size_t size;
	int rc = selected_reg(s, args->v[0].number, &id, &size, &reply->err);
	if (rc == 0)
		rc = append_reg(s, id, (size_t)args->v[0].number, size, reply);
	return rc;
}

int rsp_cmd_write_reg(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	struct rsp_ptid id;
	size_t size;
	int rc = selected_reg(s, args->v[0].number, &id, &size, &reply->err);
	if (rc < 0)
		return rc;
	if (args->v[1].n != size)
		return rsp_fail(&reply->err, RSP_BAD_REQUEST, "register %#llx has %zu bytes, not %zu",
				(unsigned long long)args->v[0].number, size, args->v[1].n);
	rc = s->ops->reg_write(s->t, id, (size_t)args->v[0].number, (const uint8_t *)args->v[1].bytes, &reply->err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}

static bool unknown(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] != 'x')
			return false;
	return true;
}

/* Walks the registers of a `G` packet. write false: only checks, so that a malformed packet changes nothing. */
static int each_of_all(struct rsp_session *s, struct rsp_ptid id, const struct rsp_arg *hex, bool write, struct rsp_error *err)
{
	const struct rsp_tdesc *desc;
	int rc = describe(s, &desc, err);
	size_t at = 0;
	for (size_t regno = 0; rc == 0 && regno < desc->n_in_g && at < hex->n; regno++) {
		size_t size;
		rc = reg_size(s, desc, regno, &size, err);
		if (rc < 0)
			return rc;
		const char *text = hex->bytes + at;
		if (2 * size > hex->n - at)
			return rsp_fail(err, RSP_BAD_REQUEST, "G ends within register %zu", regno);
		at += 2 * size;
		/* As in the answer to `g`, `x` is a register that is not known: it stays as it is. */
		if (unknown(text, 2 * size))
			continue;
		if (!rsp_hex_decode(s->scratch, text, 2 * size))
			return rsp_fail(err, RSP_BAD_REQUEST, "G has something else than hex in register %zu", regno);
		if (write)
			rc = s->ops->reg_write(s->t, id, regno, s->scratch, err);
	}
	if (rc == 0 && (at != hex->n || !at))
		return rsp_fail(err, RSP_BAD_REQUEST, "G has %zu characters, the registers %zu", hex->n, at);
	return rc;
}

int rsp_cmd_write_all(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	struct rsp_ptid id;
	int rc = rsp_session_general(s, &id, &reply->err);
	if (rc == 0)
		rc = each_of_all(s, id, &args->v[0], false, &reply->err);
	if (rc == 0)
		rc = each_of_all(s, id, &args->v[0], true, &reply->err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}
