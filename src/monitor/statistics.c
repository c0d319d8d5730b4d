/* What the session has cost so far: calls of the kernel by operation, and the last stop. */
#include <inttypes.h>

#include "src/monitor/monitor.h"

static json_t *calls_object(const struct kif_calls *k)
{
	return json_pack("{s:s, s:I, s:I, s:I}", "operation", k->op,
		"calls", (json_int_t)k->calls, "failed", (json_int_t)k->failed, "us", (json_int_t)k->us);
}

static int print_json(const struct monitor_call *c, const struct dbg_process *p)
{
	const struct dbg_timing *t = &p->timing;
	json_t *calls = json_array();
	for (size_t i = 0; p->kif && i < KIF_OPS && p->kif->calls[i].op; i++)
		json_array_append_new(calls, calls_object(&p->kif->calls[i]));
	return monitor_print_json(c, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
		"waves", (json_int_t)HASH_COUNT(p->waves), "stops", (json_int_t)t->stops,
		"last_stop_us", (json_int_t)t->stop_us, "last_stop_cpu_us", (json_int_t)t->stop_cpu_us, "last_stop_calls", (json_int_t)t->stop_calls,
		"last_decode_us", (json_int_t)t->decode_us, "last_resume_us", (json_int_t)t->go_us, "last_resume_calls", (json_int_t)t->go_calls, "calls", calls));
}

int monitor_statistics(const struct monitor_call *c)
{
	struct dbg_process *p;
	int status = target_process(c->d, 0, &p, c->err);
	if (status < 0)
		return status;
	if (c->json)
		return print_json(c, p);
	const struct dbg_timing *t = &p->timing;
	rsp_buf_printf(c->out, "%u waves; %" PRIu64 " stops; ", HASH_COUNT(p->waves), t->stops);
	rsp_buf_printf(c->out, "the last one took %" PRIu64 " us from the kernel's event to the report, %" PRIu64 " us of it to read the waves, ",
		t->stop_us, t->decode_us);
	rsp_buf_printf(c->out, "and %" PRIu64 " calls of the driver; the last resume %" PRIu64 " us and %" PRIu64 " calls\n",
		t->stop_calls, t->go_us, t->go_calls);
	for (size_t i = 0; p->kif && i < KIF_OPS && p->kif->calls[i].op; i++) {
		const struct kif_calls *k = &p->kif->calls[i];
		rsp_buf_printf(c->out, "%-26s %8" PRIu64 " calls  %8" PRIu64 " us each  %" PRIu64 " failed\n", k->op, k->calls, k->us / k->calls, k->failed);
	}
	return 0;
}
