#include <string.h>

#include "protocol/hex.h"
#include "protocol/ptid.h"
#include "protocol/signum.h"
#include "protocol/state.h"

static void append_expedited(struct rsp_session *s, struct rsp_ptid id, const struct rsp_tdesc *desc, struct rsp_buf *out)
{
	for (size_t i = 0; i < desc->n_expedite; i++) {
		size_t regno = desc->expedite[i];
		const struct rsp_reg *reg = rsp_tdesc_reg(desc, regno);
		size_t size = reg ? reg->bits / 8 : 0;
		bool available = false;
		/* A register left out is fetched when it is wanted: no reason to fail the stop. */
		if (!size || size > s->packet_size || s->ops->reg_read(s->t, id, regno, s->scratch, &available, NULL) < 0 || !available)
			continue;
		rsp_buf_printf(out, "%02zx:", regno);
		rsp_hex_append(out, s->scratch, size);
		rsp_buf_puts(out, ";");
	}
}

static void append_reason(struct rsp_session *s, const struct rsp_stop *stop, struct rsp_buf *out)
{
	static const char *const watch[] = {
		[RSP_REASON_WATCH] = "watch", [RSP_REASON_RWATCH] = "rwatch", [RSP_REASON_AWATCH] = "awatch" };
	switch (stop->reason) {
	case RSP_REASON_NONE:
		break;
	case RSP_REASON_SWBREAK:
		if (s->client.swbreak)
			rsp_buf_puts(out, "swbreak:;");
		break;
	case RSP_REASON_HWBREAK:
		if (s->client.hwbreak)
			rsp_buf_puts(out, "hwbreak:;");
		break;
	case RSP_REASON_WATCH:
	case RSP_REASON_RWATCH:
	case RSP_REASON_AWATCH:
		rsp_buf_printf(out, "%s:%llx;", watch[stop->reason], (unsigned long long)stop->addr);
		break;
	case RSP_REASON_LIBRARY:
		rsp_buf_puts(out, "library:;");
		break;
	case RSP_REASON_CREATED:
		rsp_buf_puts(out, "create:;");
		break;
	case RSP_REASON_EXEC:
		if (s->client.exec_events && stop->text) {
			rsp_buf_puts(out, "exec:");
			rsp_hex_append(out, stop->text, strlen(stop->text));
			rsp_buf_puts(out, ";");
		}
		break;
	}
}

static void append_signal(struct rsp_session *s, const struct rsp_stop *stop, struct rsp_buf *out)
{
	rsp_buf_printf(out, "T%02x", stop->value & 0xff);
	if (rsp_ptid_concrete(stop->thread)) {
		rsp_buf_puts(out, "thread:");
		rsp_ptid_append(out, stop->thread, s->client.multiprocess);
		rsp_buf_puts(out, ";");
	}
	append_reason(s, stop, out);
	const struct rsp_tdesc *desc = s->ops->tdesc && s->ops->reg_read ? s->ops->tdesc(s->t) : NULL;
	if (desc && rsp_ptid_concrete(stop->thread))
		append_expedited(s, stop->thread, desc, out);
	if (!s->events.on)
		s->general = stop->thread;
}

static void append_thread_exit(struct rsp_session *s, const struct rsp_stop *stop, struct rsp_buf *out)
{
	rsp_buf_printf(out, "w%02x;", stop->value & 0xff);
	rsp_ptid_append(out, stop->thread, s->client.multiprocess);
}

static void append_ending(struct rsp_session *s, const struct rsp_stop *stop, char letter, struct rsp_buf *out)
{
	rsp_buf_printf(out, "%c%02x", letter, stop->value & 0xff);
	if (s->client.multiprocess && stop->thread.pid > 0)
		rsp_buf_printf(out, ";process:%llx", (unsigned long long)stop->thread.pid);
	s->general = s->cont = (struct rsp_ptid){ 0, 0 };
}

void rsp_stop_reply(struct rsp_session *s, const struct rsp_stop *stop, struct rsp_buf *out)
{
	switch (stop->kind) {
	case RSP_STOP_NONE:
		rsp_buf_puts(out, "W00");
		break;
	case RSP_STOP_SIGNAL:
		append_signal(s, stop, out);
		break;
	case RSP_STOP_EXITED:
		append_ending(s, stop, 'W', out);
		break;
	case RSP_STOP_TERMINATED:
		append_ending(s, stop, 'X', out);
		break;
	case RSP_STOP_THREAD_EXITED:
		append_thread_exit(s, stop, out);
		break;
	case RSP_STOP_NO_RESUMED:
		/* A client that does not know `N` is told that something stopped for no reason. */
		rsp_buf_puts(out, s->client.no_resumed ? "N" : "S00");
		break;
	}
}

int rsp_stop_present(struct rsp_session *s, struct rsp_reply *reply)
{
	struct rsp_stop stop = { .kind = RSP_STOP_NONE };
	if (s->run.kept) {
		stop = s->run.stop;
		s->run.kept = false;
	} else {
		int rc = s->ops->last_stop(s->t, &stop);
		if (rc < 0)
			return rsp_fail(&reply->err, (enum rsp_class)-rc, "the state of the target is unknown");
	}
	rsp_stop_reply(s, &stop, &reply->out);
	return RSP_REPLY_READY;
}
